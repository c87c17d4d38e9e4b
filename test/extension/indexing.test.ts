// Updates of the index that replace each other: what the newer one is asked, and whom Cancel reaches.
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
