// Every gradient rule against central differences, over a table of shapes. The table must name every rule.
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { type HostTensors, Session } from '../../src/engine/onnxruntime.ts';
import { gradientRules } from '../../src/graph/gradientRules.ts';
import { gradients } from '../../src/graph/gradients.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { peakBytes } from '../../src/graph/memory.ts';
import { onnxModel } from '../../src/graph/onnxModel.ts';
import * as op from '../../src/graph/operators.ts';
import { known, type Shape, sizeOf, symbolic } from '../../src/graph/shape.ts';

interface Case {
  /** The operator whose rule is checked. */
  rule: string;
  shapes: number[][];
  build(...inputs: Value[]): Value;
  /** Keeps inputs away from poles and kinks. */
  positive?: boolean;
}

const two = (rule: string, build: (a: Value, b: Value) => Value, positive = false): Case[] =>
  [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [
      [2, 1, 3],
      [4, 1],
    ],
    [[3], [2, 3]],
    [[2, 3], []],
  ].map((shapes) => ({ rule, shapes, build, positive }));
const one = (rule: string, build: (x: Value) => Value, positive = false): Case[] =>
  [[5], [2, 3], [2, 3, 4]].map((shape) => ({ rule, shapes: [shape], build, positive }));

const cases: Case[] = [
  ...two('Add', op.Add),
  ...two('Sub', op.Sub),
  ...two('Mul', op.Mul),
  ...two('Div', op.Div, true),
  ...one('Neg', op.Neg),
  ...one('Exp', op.Exp),
  ...one('Log', op.Log, true),
  ...one('Sqrt', op.Sqrt, true),
  ...one('Erf', op.Erf),
  ...one('Gelu', op.Gelu),
  ...one('Softmax', (x) => op.Softmax(x)),
  { rule: 'Softmax', shapes: [[3, 4, 2]], build: (x) => op.Softmax(x, 1) },
  // Weighing rows narrower, and wider, than itself; and where it is read twice.
  ...[2, 7].map((width) => ({
    rule: 'Softmax',
    shapes: [
      [3, 4, 5],
      [3, 5, width],
    ],
    build: (x: Value, v: Value) => op.MatMul(op.Softmax(x), v),
  })),
  {
    rule: 'Softmax',
    shapes: [
      [3, 4, 5],
      [3, 5, 2],
    ],
    build: (x, v) => {
      const y = op.Softmax(x);
      return op.Mul(op.MatMul(y, v), op.ReduceSum(op.Mul(y, y), [2], true));
    },
  },
  ...[
    [
      [2, 3],
      [3, 4],
    ],
    [
      [5, 2, 3],
      [5, 3, 4],
    ],
    [
      [2, 5, 2, 3],
      [2, 5, 3, 4],
    ],
    [
      [5, 2, 3],
      [3, 4],
    ],
    [
      [1, 2, 3],
      [4, 3, 2],
    ],
  ].map((shapes) => ({ rule: 'MatMul', shapes, build: op.MatMul as Case['build'] })),
  ...[
    { transA: false, transB: false, shapes: [[2, 3], [3, 4], [4]] },
    { transA: false, transB: true, shapes: [[2, 3], [4, 3], [4]] },
    {
      transA: true,
      transB: false,
      shapes: [
        [3, 2],
        [3, 4],
        [2, 4],
      ],
    },
    {
      transA: true,
      transB: true,
      shapes: [
        [3, 2],
        [4, 3],
        [1, 4],
      ],
    },
  ].map(({ shapes, ...flags }) => ({
    rule: 'Gemm',
    shapes,
    build: (a: Value, b: Value, c?: Value) => op.Gemm(a, b, c, flags),
  })),
  {
    rule: 'Gemm',
    shapes: [
      [2, 3],
      [4, 3],
    ],
    build: (a, b) => op.Gemm(a, b, undefined, { transB: true }),
  },
  // After what is computed again on the way back, read by two layers of which one turns it around, and seen otherwise.
  {
    rule: 'Gemm',
    shapes: [[2, 3, 4], [4], [4], [12, 4], [2, 12], [3, 4]],
    build: (x, scale, bias, up, down, beside) => {
      const [normal] = op.LayerNormalization(x, scale!, bias!, 1e-6);
      const rows = op.Reshape(normal, [6, 4]);
      const hidden = op.Reshape(op.Gemm(rows, up!, undefined, { transB: true }), [2, 3, 12]);
      const wide = op.Reshape(op.Gelu(hidden), [6, 12]);
      const narrow = op.Gemm(wide, down!, undefined, { transB: true, alpha: 1.5 });
      return op.Concat([narrow, op.Gemm(rows, beside!, undefined, { transB: true })], 1);
    },
  },
  { rule: 'Transpose', shapes: [[2, 3]], build: (x) => op.Transpose(x, [1, 0]) },
  { rule: 'Transpose', shapes: [[2, 3, 4, 5]], build: (x) => op.Transpose(x, [2, 0, 3, 1]) },
  { rule: 'Reshape', shapes: [[2, 6]], build: (x) => op.Reshape(x, [3, 4]) },
  { rule: 'Reshape', shapes: [[2, 3, 1]], build: (x) => op.Reshape(x, [6]) },
  { rule: 'Expand', shapes: [[2, 1, 3]], build: (x) => op.Expand(x, [4, 2, 5, 3]) },
  {
    rule: 'Concat',
    shapes: [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    build: (...x) => op.Concat(x, 1),
  },
  {
    rule: 'Concat',
    shapes: [
      [2, 3],
      [1, 3],
    ],
    build: (...x) => op.Concat(x, 0),
  },
  { rule: 'Split', shapes: [[2, 6]], build: (x) => op.Mul(op.Split(x, [1, 2, 3], 1)[1]!, x.graph.scalar(3)) },
  { rule: 'Split', shapes: [[4, 2]], build: (x) => op.Mul(...(op.Split(x, [2, 2], 0) as [Value, Value])) },
  { rule: 'Slice', shapes: [[5, 2]], build: (x) => op.Slice(x, 0, 1, 4) },
  { rule: 'Slice', shapes: [[2, 5]], build: (x) => op.Slice(x, 1, 0, 2) },
  { rule: 'ReduceSum', shapes: [[2, 3, 4]], build: (x) => op.ReduceSum(x, [1]) },
  { rule: 'ReduceSum', shapes: [[2, 3, 4]], build: (x) => op.ReduceSum(x, [0, 2], true) },
  { rule: 'ReduceMean', shapes: [[2, 3, 4]], build: (x) => op.ReduceMean(x, [2]) },
  { rule: 'ReduceMean', shapes: [[2, 3]], build: (x) => op.ReduceMean(x, [0], true) },
  // The maximum only shifts: log-softmax has the right gradient although ReduceMax gives none.
  { rule: 'ReduceMax', shapes: [[3, 4]], build: (x) => logSoftmax(x) },
  ...[
    [3, 4],
    [2, 3, 8],
  ].map((shape) => ({
    rule: 'LayerNormalization',
    shapes: [shape, shape.slice(-1), shape.slice(-1)],
    build: ((x, scale, bias) => op.LayerNormalization(x, scale, bias, 1e-6)[0]) as Case['build'],
  })),
];

function logSoftmax(x: Value): Value {
  const shifted = op.Sub(x, op.ReduceMax(x, [-1], true));
  return op.Sub(shifted, op.Log(op.ReduceSum(op.Exp(shifted), [-1], true)));
}

/** The loss is a weighted sum of the result, so that every element's gradient differs. */
function weightedSum(y: Value, random: Random): Value {
  const size = known(sizeOf(y.shape));
  const weights = y.graph.constant(
    'weights',
    Float32Array.from({ length: size }, () => random.between(-1, 1)),
    y.shape as number[],
  );
  const product = op.Mul(y, weights);
  return op.ReduceSum(product, [...product.shape.keys()]);
}

async function check({ shapes, build, positive }: Case, inputShapes: Shape[]): Promise<number> {
  const random = new Random(7);
  const graph = new Graph('check');
  const inputs = inputShapes.map((shape, i) => graph.input(`x${i}`, 'float32', shape));
  const loss = weightedSum(build(...inputs), random);
  const grads = gradients(loss, inputs);
  graph.output('loss', op.Mul(loss, graph.scalar(1)));
  grads.forEach((grad, i) => void graph.output(`g${i}`, op.Mul(grad!, graph.scalar(1))));
  const session = await Session.create(onnxModel(graph), { provider: 'cpu', threads: 1 });
  const data = shapes.map((shape) =>
    Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.between(positive ? 0.5 : -1.5, 1.5)),
  );
  const feeds = (): HostTensors => Object.fromEntries(shapes.map((shape, i) => [`x${i}`, { data: data[i]!, shape }]));
  const first = await session.run(feeds());
  let [difference, norm] = [0, 0];
  for (let i = 0; i < shapes.length; i++) {
    expect(first[`g${i}`]!.shape).toEqual(shapes[i]);
    for (let j = 0; j < data[i]!.length; j++) {
      const at = data[i]![j]!;
      const lossAt = async (value: number) => {
        data[i]![j] = value;
        return (await session.run(feeds())).loss!.data[0] as number;
      };
      // A step of 0.02 balances the method's error (∝ step²) against float32's rounding (∝ 1/step).
      const step = 0.02;
      const numeric = ((await lossAt(at + step)) - (await lossAt(at - step))) / (2 * step);
      data[i]![j] = at;
      difference += (numeric - (first[`g${i}`]!.data[j] as number)) ** 2;
      norm += numeric ** 2;
    }
  }
  await session.release();
  return Math.sqrt(difference / norm);
}

test.each(cases)('$rule $shapes', async (example) => {
  expect(await check(example, example.shapes)).toBeLessThan(3e-3);
});

test('every rule is in the table', () => {
  expect(new Set(cases.map(({ rule }) => rule))).toEqual(new Set(Object.keys(gradientRules)));
});

test('the results of Gelu and of layer normalisation are not kept for the way back', () => {
  const graph = new Graph('kept');
  const [scale, bias] = [graph.input('scale', 'float32', [64]), graph.input('bias', 'float32', [64])];
  const [up, down] = [graph.input('up', 'float32', [256, 64]), graph.input('down', 'float32', [64, 256])];
  const given = graph.input('x', 'float32', [1000, 64]);
  const depth = 6;
  let x = op.Mul(given, graph.scalar(2));
  for (let i = 0; i < depth; i++) {
    const [normal] = op.LayerNormalization(x, scale, bias, 1e-6);
    x = op.Add(
      x,
      op.Gemm(op.Gelu(op.Gemm(normal, up, undefined, { transB: true })), down, undefined, { transB: true }),
    );
  }
  const grads = gradients(op.ReduceSum(op.Mul(x, x), [0, 1]), [up, down]);
  grads.forEach((grad, i) => void graph.output(`g${i}`, grad!));
  // Of each layer x and what goes into Gelu, 1 + 4 widths; beside that what one layer's way back works with.
  const width = 4 * 1000 * 64;
  expect(peakBytes(graph, {})).toBeLessThan((depth * 5 + 20) * width);
  expect(peakBytes(graph, {})).toBeGreaterThan(depth * 5 * width);
});

test('a batch size known only when the graph runs', async () => {
  const batch = symbolic('clips');
  const shapes = [[4, 6, 2], [2, 3], [3]];
  const build = (x: Value, w: Value, b: Value) => {
    const rows = op.Reshape(x, [symbolic('clips', 6), 2]);
    const y = op.Reshape(op.Gemm(rows, w, b), [batch, 6, 3]);
    return op.ReduceSum(op.Softmax(y), [0, 1]);
  };
  expect(await check({ rule: 'Gemm', shapes, build }, [[batch, 6, 2], [2, 3], [3]])).toBeLessThan(3e-3);
});

test('an operator without a rule is refused by name', () => {
  const graph = new Graph('refused');
  const x = graph.input('x', 'float32', [2]);
  const loss = op.ReduceSum(op.Min(x, graph.scalar(0)), [0]);
  expect(() => gradients(loss, [x])).toThrow('No gradient rule for Min');
});
