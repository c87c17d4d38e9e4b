// Two ends that talk over one channel while the page at one end is loaded anew.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { CancelledError } from '../../src/base/errors.ts';
import { Endpoint, idsOfAPeer, peerGone, type Transport } from '../../src/protocol/endpoint.ts';
import { request } from '../../src/protocol/surface.ts';

const surface = {
  requests: { 'view/part': request(z.object({ part: z.string() }), z.object({ part: z.string() })) },
  notifications: {},
} as const;
const silent = { requests: {}, notifications: {} } as const;

/** A channel whose messages arrive a moment later; `loaded` is the page that is there now. */
function channel() {
  const toHost: ((message: unknown) => void)[] = [];
  let toPage: (message: unknown) => void = () => {};
  const host: Transport = {
    send: (message) => void Promise.resolve().then(() => toPage(message)),
    onMessage: (listener) => toHost.push(listener),
    onClose: () => {},
  };
  const page = (): Transport => ({
    send: (message) => void Promise.resolve().then(() => toHost.map((listener) => listener(message))),
    onMessage: (listener) => {
      toPage = listener;
    },
    onClose: () => {},
  });
  return { host, page };
}

test('answers to a page that was loaded anew are not taken for its successor’s, and its work is aborted', async () => {
  const { host, page } = channel();
  const waiting: { part: string; answer: () => void; signal: AbortSignal }[] = [];
  new Endpoint(
    host,
    surface,
    {
      'view/part': ({ part }, signal) =>
        new Promise((resolve) => waiting.push({ part, signal, answer: () => resolve({ part }) })),
    },
    {},
    silent,
  );
  const old = new Endpoint(page(), silent, {}, {}, surface, 3 * idsOfAPeer);
  let heard = false;
  void old.request('view/part', { part: 'old' }).then(() => {
    heard = true;
  });
  await settle();
  const young = new Endpoint(page(), silent, {}, {}, surface, 5 * idsOfAPeer);
  const asked = young.request('view/part', { part: 'young' });
  await settle();
  expect(waiting.map(({ part, signal }) => [part, signal.aborted, signal.reason])).toEqual([
    ['old', true, peerGone],
    ['young', false, undefined],
  ]);
  waiting[0]!.answer(); // late: what was asked for is done all the same
  await settle();
  waiting[1]!.answer();
  expect(await asked).toEqual({ part: 'young' });
  expect(heard).toBe(false);
});

test('a hundred questions, each of which replaces the one before, come to one answer', async () => {
  const { host, page } = channel();
  const answered: string[] = [];
  let aborted = 0;
  new Endpoint(
    host,
    surface,
    {
      'view/part': async ({ part }, signal) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (signal.aborted) aborted++;
        if (signal.aborted) throw new CancelledError();
        answered.push(part);
        return { part };
      },
    },
    {},
    silent,
  );
  const view = new Endpoint(page(), silent, {}, {}, surface);
  const shown: string[] = [];
  let controller = new AbortController();
  for (let index = 0; index < 100; index++) {
    controller.abort();
    controller = new AbortController();
    view.request('view/part', { part: `filter ${index}` }, controller.signal).then(
      ({ part }) => shown.push(part),
      (error) => expect(error).toBeInstanceOf(CancelledError),
    );
    await settle();
  }
  await expect.poll(() => shown).toEqual(['filter 99']);
  expect(answered).toEqual(['filter 99']);
  expect(aborted).toBe(99);
});

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
