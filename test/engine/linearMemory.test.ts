// Vectors that loops work on in place: what lies where, and that nothing beside them changes.
import { expect, test } from 'vitest';
import { FusedGraph } from '../../src/engine/fused.ts';
import { LinearMemory } from '../../src/engine/linearMemory.ts';
import { symbolic } from '../../src/graph/shape.ts';
import { squaresGraph, sumGraph } from '../../src/model/updateGraph.ts';

test('room for what was asked for, and no more', () => {
  const memory = LinearMemory.forVectors([5, 16_384])!;
  const [a, b] = [memory.vector(5)!, memory.vector(16_384)!];
  expect([a.length, b.length, b.byteOffset]).toEqual([5, 16_384, 32]);
  expect(LinearMemory.forVectors([16_384])!.vector(16_385)).toBeUndefined();
  expect(LinearMemory.forVectors([3e9]), 'more than a memory can be').toBeUndefined();
});

test('only what lies in it whole is under it', () => {
  const [memory, other] = [LinearMemory.forVectors([10, 10])!, LinearMemory.forVectors([10])!];
  const [a, b, c] = [memory.vector(10)!, memory.vector(10)!, other.vector(10)!];
  const under = (...vectors: Float32Array[]) => LinearMemory.under(vectors);
  expect(under(a, b)).toBe(memory);
  expect(under(a, b.subarray(4))).toBe(memory);
  expect(under(a, b.subarray(0, 8))).toBe(memory);
  expect(under(a.subarray(0, 6)), 'a loop over it would go on into the rest').toBeUndefined();
  expect(under(a, c)).toBeUndefined();
  expect(under(a, new Float32Array(10))).toBeUndefined();
  expect(under()).toBeUndefined();
});

test.each([1, 4, 1003, 16_384, 50_001])(
  '%d elements in place: the bits of copies, and nothing beside them',
  async (n) => {
    const memory = LinearMemory.forVectors([n, n, n])!;
    const [a, b, beside] = [memory.vector(n)!, memory.vector(n)!, memory.vector(n)!];
    for (let i = 0; i < n; i++) [a[i], b[i], beside[i]] = [Math.sin(i), Math.cos(i), i];
    const [x, y] = [a.slice(), b.slice()];
    const sum = await FusedGraph.compile(sumGraph());
    sum.run({ a, b }, { sum: a });
    sum.run({ a: x, b: y }, { sum: x });
    expect(a).toEqual(x);
    expect(b).toEqual(y);
    expect(beside).toEqual(Float32Array.from({ length: n }, (_, i) => i));
    const squares = await FusedGraph.compile(squaresGraph(symbolic('n')));
    expect(squares.run({ x: a })).toEqual(squares.run({ x }));
  },
);
