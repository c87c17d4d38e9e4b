import { describe, expect, test } from 'vitest';
import { CancelledError, UserError } from '../../src/base/errors.ts';
import { InlineRunner } from '../../src/extension/inlineRunner.ts';
import { InlineWork, type Wanted } from '../../src/extension/inlineWork.ts';
import type { RunnerProcess } from '../../src/extension/runnerProcess.ts';
import type { RunnerResult } from '../../src/extension/runners.ts';
import type { InlineFound, InlineModel } from '../../src/protocol/inline.ts';

const model: InlineModel = { run: 'r-1', digest: 'd', protocol: { video: 'v', image: 'i' } };
const heads = { k: [{ label: 'archery', probability: 0.5 }] };

const wanted = (document: string, ...names: string[]): Wanted[] =>
  names.map((name) => ({ document, key: name, line: { candidates: [{ name, isId: false }] } }));

function found(name: string, isKnown: boolean): InlineFound {
  // `a#2` is another line that names `a`.
  const clip = { file: `/${name.split('#')[0]}`, kind: 'video' as const, start: null, end: null };
  return { candidate: 0, clip, sample: null, excluded: false, truth: null, heads: isKnown ? heads : null };
}

/** Work over a window whose answers wait until they are told to come. */
function setUp() {
  const told: string[] = [];
  const waiting: { what: string; answer(): void; fail(error: Error): void }[] = [];
  const window = { visible: [] as Wanted[], model: model as InlineModel | null, known: new Set<string>(), failed: '' };
  const later = <T>(what: string, signal: AbortSignal, result: () => T): Promise<T> => {
    told.push(what);
    return new Promise((resolve, reject) => {
      waiting.push({ what, answer: () => resolve(result()), fail: reject });
      signal.addEventListener('abort', () => {
        told.push(`cancelled ${what}`);
        reject(new CancelledError());
      });
    });
  };
  const work = new InlineWork({
    wanted: () => window.visible,
    look: (document, lines, signal) => {
      const names = lines.map(({ candidates }) => candidates[0]!.name);
      return later(`look ${document} ${names.join(' ')}`, signal, () => ({
        model: window.model,
        lines: names.map((name) => (name.startsWith('no') ? null : found(name, window.known.has(name)))),
      }));
    },
    predict: (run, clips, signal) =>
      later(`predict ${run} ${clips.map(({ file }) => file).join(' ')}`, signal, () =>
        clips.map(({ file }) =>
          file.includes('bad') ? { heads: null, failure: 'Broken.' } : { heads, failure: null },
        ),
      ),
    changed: () => told.push('changed'),
    failed: (error) => {
      window.failed = String(error);
    },
  });
  /** What was asked since, once everything that can settle has. */
  const next = async () => {
    await new Promise((resolve) => setTimeout(resolve));
    return told.splice(0);
  };
  const answer = () => waiting.splice(0).forEach((each) => void each.answer());
  return { work, window, waiting, next, answer };
}

describe('the work for visible lines', () => {
  test('lines are looked up once, and only what is not known is predicted', async () => {
    const { work, window, next, answer } = setUp();
    window.known.add('b');
    window.visible = wanted('/x.csv', 'a', 'b', 'no', 'bad');
    work.poke();
    work.poke();
    expect(await next()).toEqual(['look /x.csv a b no bad']);
    answer();
    expect(await next()).toEqual(['changed', 'predict r-1 /a /bad']);
    expect(work.get('/x.csv', 'b')!.heads).toEqual(heads);
    answer();
    expect(await next()).toEqual(['changed']);
    expect(work.get('/x.csv', 'a')).toMatchObject({ heads, failure: null });
    expect(work.get('/x.csv', 'bad')).toMatchObject({ heads: null, failure: 'Broken.' });
    expect(work.get('/x.csv', 'no')).toBeNull();
    work.poke();
    expect(await next()).toEqual([]);
  });

  test('a few clips at a time, in the order of the lines', async () => {
    const { work, window, next, answer } = setUp();
    window.visible = wanted('/x.csv', 'a', 'b', 'c', 'd', 'e', 'f');
    work.poke();
    answer();
    expect((await next()).at(-1)).toBe('predict r-1 /a /b /c /d');
    answer();
    expect((await next()).at(-1)).toBe('predict r-1 /e /f');
  });

  test('a clip that several lines name is predicted once', async () => {
    const { work, window, next, answer } = setUp();
    window.visible = wanted('/x.csv', 'a', 'a#2', 'b');
    work.poke();
    answer();
    expect((await next()).at(-1)).toBe('predict r-1 /a /b');
    answer();
    expect(await next()).toEqual(['changed']);
    expect(work.get('/x.csv', 'a#2')!.heads).toEqual(heads);
  });

  test('what is scrolled away is cancelled, and what was scrolled past is never asked for', async () => {
    const { work, window, next, answer } = setUp();
    window.visible = wanted('/x.csv', 'a', 'b');
    work.poke();
    answer();
    await next();
    window.visible = wanted('/x.csv', 'b', 'c');
    work.poke();
    expect(await next()).toEqual(['look /x.csv c']); // one of the clips that are predicted is visible still
    window.visible = wanted('/x.csv', 'y', 'z');
    work.poke();
    expect(await next()).toEqual(['cancelled look /x.csv c', 'cancelled predict r-1 /a /b', 'look /x.csv y z']);
    answer();
    expect(await next()).toEqual(['changed', 'predict r-1 /y /z']);
    expect(work.get('/x.csv', 'c')).toBeUndefined();
  });

  test('without a model nothing more is asked, until there may be one', async () => {
    const { work, window, next, answer } = setUp();
    window.model = null;
    window.visible = wanted('/x.csv', 'no');
    work.poke();
    answer();
    window.visible = wanted('/x.csv', 'b');
    await next();
    work.poke();
    expect(await next()).toEqual([]);
    work.renew();
    work.poke();
    expect(await next()).toEqual(['look /x.csv b']);
  });

  test('after a change of the datasets lines are looked up again, and shown as they were until then', async () => {
    const { work, window, next, answer } = setUp();
    window.known.add('a');
    window.visible = wanted('/x.csv', 'a');
    work.poke();
    answer();
    await next();
    work.renew();
    work.poke();
    expect(await next()).toEqual(['look /x.csv a']);
    expect(work.get('/x.csv', 'a')!.heads).toEqual(heads);
    work.clear();
    expect(work.get('/x.csv', 'a')).toBeUndefined();
  });

  test('another model than before: nothing of the old one is shown', async () => {
    const { work, window, next, answer } = setUp();
    window.known.add('a').add('b');
    window.visible = wanted('/x.csv', 'a');
    work.poke();
    answer();
    await next();
    window.model = { ...model, run: 'r-2', digest: 'e' };
    window.visible = wanted('/x.csv', 'b');
    work.poke();
    answer();
    await next();
    expect([work.get('/x.csv', 'a'), work.model!.run]).toEqual([undefined, 'r-2']);
  });

  test('a failure is told once, and ends the asking until everything is forgotten', async () => {
    const { work, window, waiting, next } = setUp();
    window.visible = wanted('/x.csv', 'a');
    work.poke();
    waiting.splice(0)[0]!.fail(new UserError('closed', 'The runner ended.'));
    await next();
    expect(window.failed).toContain('The runner ended.');
    work.poke();
    expect(await next()).toEqual([]);
    work.clear();
    work.poke();
    expect(await next()).toEqual(['look /x.csv a']);
  });
});

test('the runner for predictions starts with the first, ends when idle, and another one starts with the next', async () => {
  const told: string[] = [];
  const start = async () => {
    told.push('start');
    let end = () => {};
    const exited = new Promise<void>((resolve) => {
      end = resolve;
    });
    const answer: RunnerResult<'inline/predict'> = [];
    return {
      exited,
      endpoint: { request: async () => answer },
      stop: async () => {
        told.push('stop');
        end();
      },
    } as unknown as RunnerProcess;
  };
  const runner = new InlineRunner({ start }, 20);
  const ask = () => runner.predict({ workspace: '/w', run: 'r', clips: [] }, new AbortController().signal);
  await Promise.all([ask(), ask()]);
  await ask();
  expect(told).toEqual(['start']);
  await expect.poll(() => told).toEqual(['start', 'stop']);
  await ask();
  await runner.stop();
  expect(told).toEqual(['start', 'stop', 'start', 'stop']);
});
