import { afterAll, beforeAll, expect, test } from 'vitest';
import { Session } from '../../src/engine/onnxruntime.ts';
import { Graph } from '../../src/graph/graph.ts';
import { onnxModel } from '../../src/graph/onnxModel.ts';
import * as op from '../../src/graph/operators.ts';
import { symbolic } from '../../src/graph/shape.ts';

const size = 1_000_000;
let session: Session;

beforeAll(async () => {
  const graph = new Graph('twice');
  const x = graph.input('x', 'float32', [symbolic('n')]);
  const y = op.Mul(x, graph.scalar(2));
  graph.output('y', y);
  graph.output('sum', op.ReduceSum(y, [0]));
  session = await Session.create(onnxModel(graph), { provider: 'cpu', placed: true });
});
afterAll(() => session.release());

const filled = (value: number, length = size) => ({ data: new Float32Array(length).fill(value), shape: [length] });
const number = () => ({ data: new Float32Array(1), shape: [] });

test('results are in their places, and in no other memory', async () => {
  const [x, y, sum] = [filled(1), filled(0), number()];
  expect(session.outputNames).toEqual(['y', 'sum']);
  const before = process.memoryUsage().arrayBuffers;
  const results = await session.run({ x }, { y, sum });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(size);
  expect(results).toEqual({ y, sum });
  expect(results.y).toBe(y);
  expect(y.data.every((value) => value === 2)).toBe(true);
  expect(sum.data[0]).toBe(2 * size);
});

test('they are made anew by every run', async () => {
  const [y, sum] = [filled(0, 2), number()];
  for (const value of [3, 5]) {
    await session.run({ x: filled(value, 2) }, { y, sum });
    expect([...y.data, ...sum.data]).toEqual([2 * value, 2 * value, 4 * value]);
  }
});

test('a run that fails is an error', async () => {
  await expect(session.run({ x: filled(1, 2) }, { y: filled(0, 3), sum: number() })).rejects.toThrow(/shape/i);
  await expect(session.run({ x: filled(1, 2) }, { y: filled(0, 2) })).rejects.toThrow('The output sum has no place.');
});
