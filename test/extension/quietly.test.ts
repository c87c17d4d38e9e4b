import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Quietly } from '../../src/extension/quietly.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Work that takes so many milliseconds; tells when each began and how many ran at once at most. */
function watched(takes: number) {
  const began: number[] = [];
  let running = 0;
  let most = 0;
  const quietly = new Quietly(
    async () => {
      began.push(Date.now());
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, takes));
      running--;
    },
    { quietMs: 100, latestMs: 1000, pause: 2 },
  );
  return { quietly, began, most: () => most };
}

/** Tells of a change at each of these times. */
async function changesAt(quietly: Quietly, times: number[], until: number): Promise<void> {
  for (const time of times) {
    await vi.advanceTimersByTimeAsync(time - Date.now());
    quietly.changed();
  }
  await vi.advanceTimersByTimeAsync(until - Date.now());
}

const every = (step: number, until: number) => Array.from({ length: until / step }, (_, index) => index * step);

describe('work after changes', () => {
  test.each([
    { what: 'one change', takes: 10, changes: [0], began: [100] },
    { what: 'changes together are one', takes: 10, changes: [0, 50, 90, 180], began: [280] },
    { what: 'without an end: at the latest after a while', takes: 1, changes: every(50, 1500), began: [1000, 1550] },
    {
      what: 'changes during work: once more, after a pause',
      takes: 200,
      changes: [0, 150, 160, 290],
      began: [100, 700],
    },
    { what: 'none: never', takes: 10, changes: [], began: [] },
    { what: 'again after a long rest', takes: 10, changes: [0, 5000], began: [100, 5100] },
  ])('$what', async ({ takes, changes, began }) => {
    const found = watched(takes);
    await changesAt(found.quietly, changes, 10_000);
    expect([found.began, found.most()]).toEqual([began, Math.min(1, began.length)]);
  });

  test('a failure is no end', async () => {
    let calls = 0;
    const quietly = new Quietly(
      async () => {
        calls++;
        throw new Error('no');
      },
      { quietMs: 10, latestMs: 100 },
    );
    await changesAt(quietly, [0, 100], 1000);
    expect(calls).toBe(2);
  });

  test('nothing happens after it was disposed of', async () => {
    const { quietly, began } = watched(10);
    quietly.changed();
    quietly.dispose();
    await changesAt(quietly, [50], 1000);
    expect(began).toEqual([]);
  });
});
