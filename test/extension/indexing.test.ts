// Updates of the index: what one that replaces another is asked, whom Cancel reaches, and when none is made.
import { beforeEach, expect, test, vi } from 'vitest';
import { CancelledError } from '../../src/base/errors.ts';
import { tree } from '../data/tree.ts';
import { treeStandIn } from './treeStandIn.ts';

let folder = '';
let cancel = () => {};
vi.mock('vscode', () => ({
  ...treeStandIn(() => folder, {
    withProgress: (_: object, work: (progress: object, token: object) => unknown) => {
      const token = {
        isCancellationRequested: false,
        onCancellationRequested: (listener: () => void) => {
          cancel = () => {
            token.isCancellationRequested = true;
            listener();
          };
        },
      };
      return work({ report: () => {} }, token);
    },
  }),
  ProgressLocation: { Notification: 15 },
}));
const { Indexing } = await import('../../src/extension/indexing.ts');

interface Asked {
  probe: boolean;
  signal: AbortSignal;
  answer(): void;
}
let asked: Asked[];

beforeEach(() => {
  folder = tree({ 'cover.json': '{ "datasets": {} }' });
  asked = [];
});

/** Answers at once with what the index has; counts the updates. */
function answering(known: object[], updated: () => object[]) {
  let updates = 0;
  const ask = async (method: string) => {
    if (method !== 'index/update') return known;
    updates++;
    return updated();
  };
  return { made: new Indexing({ ask } as never, 'cover.datasets'), updates: () => updates };
}

function indexing() {
  const ask = (_: string, { probe = false }: { probe?: boolean }, signal: AbortSignal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new CancelledError()));
      asked.push({ probe, signal, answer: () => resolve([]) });
    });
  return new Indexing({ ask } as never, 'cover.datasets');
}

test('an update amid probing goes on with probing, and the probing ends with it', async () => {
  const made = indexing();
  let ended = false;
  const probing = made.probe().then(() => {
    ended = true;
  });
  const update = made.update();
  expect(asked.map(({ probe, signal }) => [probe, signal.aborted])).toEqual([
    [true, true],
    [true, false],
  ]);
  await new Promise(setImmediate);
  expect(ended).toBe(false);
  asked[1]!.answer();
  await Promise.all([update, probing]);
  void made.update();
  expect(asked[2]!.probe).toBe(false);
});

test('Cancel ends the update that replaced the first', async () => {
  const made = indexing();
  const probing = made.probe();
  const update = made.update();
  cancel();
  await expect(update).rejects.toThrow(CancelledError);
  await probing;
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true]);
});

test('where an update finds no dataset, none follows on it by itself', async () => {
  let known: object[] = [];
  const { made, updates } = answering([], () => known);
  const asked: Promise<unknown>[] = [];
  made.onUpdated(() => void asked.push(made.datasets())); // as the tree does
  expect(await made.datasets()).toEqual([]);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  expect([await asked[0], await made.datasets(), updates()]).toEqual([[], [], 1]);
  // On request, and after a change.
  await made.update();
  await made.follow();
  expect(updates()).toBe(3);
  // Another workspace of the window was never looked through.
  folder = tree({ 'cover.json': '{ "datasets": {} }' });
  known = [{ name: 'clips' }];
  expect([await made.datasets(), updates()]).toEqual([known, 4]);
});

test('an update that fails is tried again when it is asked for', async () => {
  const { made, updates } = answering([], () => {
    throw new Error('not JSON');
  });
  for (const _ of [1, 2]) await expect(made.datasets()).rejects.toThrow('not JSON');
  expect(updates()).toBe(2);
});
