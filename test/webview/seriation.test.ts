// An order in which classes that are confused lie side by side: planted blocks come back whole.
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { similarOrder } from '../../webview/evaluation/seriation.ts';

/** Blocks of classes that are mistaken for each other, in a mixed order; `noise` more mistakes anywhere. */
function planted(blocks: readonly number[], noise: number, seed: number) {
  const random = new Random(seed);
  const n = blocks.reduce((sum, size) => sum + size, 0);
  const blockOf = blocks.flatMap((size, block) => Array<number>(size).fill(block));
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [blockOf[i], blockOf[j]] = [blockOf[j]!, blockOf[i]!];
  }
  const values = new Int32Array(n * n);
  for (let truth = 0; truth < n; truth++) {
    values[truth * n + truth] = 20;
    for (let other = 0; other < n; other++)
      if (other !== truth && blockOf[other] === blockOf[truth]) values[truth * n + other] = 1 + random.below(4);
  }
  for (let i = 0; i < noise; i++) {
    const [truth, predicted] = [random.below(n), random.below(n)];
    if (truth !== predicted) values[truth * n + predicted]! += 1;
  }
  return { n, blockOf, values };
}

/** How often the block changes along an order. */
function changesAlong(order: readonly number[], blockOf: readonly number[]): number {
  return order.slice(1).filter((one, i) => blockOf[one] !== blockOf[order[i]!]).length;
}

describe('clustering of confusions', () => {
  test.each([
    [[2, 2], 0],
    [[5, 9, 3, 7], 0],
    [[5, 9, 3, 7], 30],
    [Array<number>(70).fill(10), 700],
  ])('the blocks %j with %d stray mistakes stay whole', (blocks, noise) => {
    const { n, blockOf, values } = planted(blocks, noise, 3);
    const order = similarOrder(values, n);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(changesAlong(order, blockOf)).toBe(blocks.length - 1);
    expect(similarOrder(values, n)).toEqual(order);
  });

  test('along a chain of mistakes every class lies beside those it is confused with', () => {
    // 0 – 1 – 2 – … – 7, in a mixed numbering.
    const chain = [3, 6, 0, 5, 1, 7, 2, 4];
    const values = new Int32Array(64);
    chain.forEach((one, i) => {
      values[one * 8 + one] = 10;
      const next = chain[i + 1];
      if (next !== undefined) values[one * 8 + next] = 4;
    });
    const order = similarOrder(values, 8);
    expect([order, order.toReversed()]).toContainEqual(chain);
  });

  test('classes without a mistake come last, in their order; none at all is no trouble', () => {
    const values = Int32Array.from([5, 0, 0, 0, 0, 3, 0, 2, 0, 0, 5, 0, 0, 1, 0, 3]);
    expect(similarOrder(values, 4)).toEqual([1, 3, 0, 2]);
    expect(similarOrder(new Int32Array(9), 3)).toEqual([0, 1, 2]);
    expect(similarOrder(new Int32Array(0), 0)).toEqual([]);
  });
});
