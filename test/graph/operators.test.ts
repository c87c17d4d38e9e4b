// Shapes are inferred, shapes that do not fit are refused by name, and names are deterministic.
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { ModelProtoSchema } from '../../src/graph/onnx/onnx_pb.ts';
import { onnxModel } from '../../src/graph/onnxModel.ts';
import * as op from '../../src/graph/operators.ts';
import { formatShape, reshapeTarget, type Shape, symbolic } from '../../src/graph/shape.ts';

const clips = symbolic('clips');
const frames = symbolic('frames');

function inputs(...shapes: Shape[]): Value[] {
  const graph = new Graph('g');
  return shapes.map((shape, i) => graph.input(`x${i}`, 'float32', shape));
}

describe('shapes that do not fit are refused with the operator and the shapes', () => {
  test.each<[string, Shape[], (...x: Value[]) => unknown]>([
    ['Add: the operands do not broadcast ([2, 3], [2])', [[2, 3], [2]], (a, b) => op.Add(a!, b!)],
    [
      'MatMul: the matrices do not fit ([2, 3], [2, 3])',
      [
        [2, 3],
        [2, 3],
      ],
      (a, b) => op.MatMul(a!, b!),
    ],
    [
      'Gemm: the inner dimensions differ ([2, 3], [2, 3])',
      [
        [2, 3],
        [2, 3],
      ],
      (a, b) => op.Gemm(a!, b!),
    ],
    [
      'Gemm: both must be matrices ([2, 3, 1], [3, 2])',
      [
        [2, 3, 1],
        [3, 2],
      ],
      (a, b) => op.Gemm(a!, b!),
    ],
    ['Transpose: [0,0] is no permutation of the axes ([2, 3])', [[2, 3]], (x) => op.Transpose(x!, [0, 0])],
    ['Reshape: the sizes differ ([2, 3], [7])', [[2, 3]], (x) => op.Reshape(x!, [7])],
    ['Reshape: the sizes differ ([2·clips], [clips])', [[symbolic('clips', 2)]], (x) => op.Reshape(x!, [clips])],
    ['Split: 2 parts sum to 4 on axis 0 ([3])', [[3]], (x) => op.Split(x!, [2, 2], 0)],
    ['Slice: no range 1…4 on axis 0 ([3])', [[3]], (x) => op.Slice(x!, 0, 1, 4)],
    [
      'Concat: they differ off axis 1 ([2, 1], [3, 1])',
      [
        [2, 1],
        [3, 1],
      ],
      (a, b) => op.Concat([a!, b!], 1),
    ],
    ['Softmax: there is no axis 2 ([2, 3])', [[2, 3]], (x) => op.Softmax(x!, 2)],
    [
      'LayerNormalization: scale and bias must have the width of x ([2, 3], [2], [3])',
      [[2, 3], [2], [3]],
      (x, scale, bias) => op.LayerNormalization(x!, scale!, bias!, 1e-6),
    ],
    ['Expand: it does not broadcast to the wanted shape ([2], [3])', [[2]], (x) => op.Expand(x!, [3])],
  ])('%s', (message, shapes, build) => expect(() => build(...inputs(...shapes))).toThrow(message));
});

describe('shapes with unknown sizes', () => {
  test.each<[Shape, Shape, string | undefined]>([
    [[6], [2, 3], '2,3'],
    [[clips, 6], [symbolic('clips', 2), 3], '-1,3'],
    [[clips, frames, 6], [clips, frames, 2, 3], '0,0,2,3'],
    [[clips, frames, 6], [symbolic('clips·frames', 6)], '-1'],
    [[symbolic('clips·frames', 6)], [clips, frames, 6], undefined],
  ])('%j to %j', (from, to, expected) => expect(reshapeTarget(from, to)?.join()).toBe(expected));

  test('products of unknown sizes are the same whatever the order', () => {
    const [x] = inputs([clips, frames, 4]);
    const flat = op.Reshape(x!, [symbolic('clips·frames', 4)]);
    expect(formatShape(flat.shape)).toBe('[4·clips·frames]');
  });
});

test('names are readable, unique and the same every time', () => {
  const build = () => {
    const graph = new Graph('g');
    const x = graph.input('x', 'float32', [2]);
    graph.scope('blocks.0', () => graph.scope('mlp', () => op.Add(op.Exp(x), op.Exp(x))));
    return graph.nodes.map(({ name }) => name);
  };
  expect(build()).toEqual(['blocks.0/mlp/exp', 'blocks.0/mlp/exp.2', 'blocks.0/mlp/add']);
  expect(build()).toEqual(build());
});

test('the file says its operator set, its shapes and its metadata', () => {
  const [x] = inputs([clips, 3]);
  x!.graph.output('y', op.Softmax(x!));
  const { graph, opsetImport, metadataProps } = fromBinary(ModelProtoSchema, onnxModel(x!.graph, { classes: '{}' }));
  expect(opsetImport.map(({ domain, version }) => `${domain}:${version}`)).toEqual([':20']);
  expect(metadataProps.map(({ key, value }) => `${key}=${value}`)).toEqual(['classes={}']);
  const dims = graph!.input[0]!.type!.value.value!.shape!.dim.map(({ value }) => String(value.value));
  expect(dims).toEqual(['clips', '3']);
  expect(graph!.output[0]!.name).toBe('y');
  expect(new Set(graph!.node.map(({ domain }) => domain))).toEqual(new Set(['']));
});

test('an output name that is taken is refused', () => {
  const [x] = inputs([2]);
  expect(() => x!.graph.output('x0', op.Exp(x!))).toThrow('already has a value called x0');
});
