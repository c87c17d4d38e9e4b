import { expect, test } from 'vitest';
import { parameterLayout } from '../../src/model/parameters.ts';
import { rateScale } from '../../src/training/rateScale.ts';

const depth = 3;
const layout = parameterLayout({
  imageSize: 8,
  patchSize: 4,
  hiddenSize: 4,
  depth,
  attentionHeads: 1,
  mlpRatio: 4,
  frames: 2,
  layerNormEpsilon: 1e-6,
  imageTemporal: 'keep',
  heads: [{ name: 'blocks.0.x', classes: ['a', 'b'] }], // a head's name may look like anything
});

test.each([
  ['cls_token', 0.5 ** 4],
  ['pos_embed', 0.5 ** 4],
  ['time_embed', 0.5 ** 4],
  ['patch_embed.proj.weight', 0.5 ** 4],
  ['blocks.0.attn.qkv.weight', 0.5 ** 3],
  ['blocks.1.temporal_fc.bias', 0.5 ** 2],
  ['blocks.2.mlp.fc2.weight', 0.5],
  ['norm.weight', 1],
  ['heads.blocks.0.x.weight', 10],
  ['heads.blocks.0.x.bias', 10],
])('%s learns at %f of the rate', (name, expected) => {
  const scale = rateScale(layout, depth, { headLearningRate: 10, layerDecay: 0.5 })!;
  const { offset, size } = layout.parameters.find((parameter) => parameter.name === name)!;
  expect(new Set(scale.subarray(offset, offset + size))).toEqual(new Set([expected]));
});

test('every weight has a factor, and none are made where all are one', () => {
  expect(rateScale(layout, depth, { headLearningRate: 1, layerDecay: 0.9 })!.every((factor) => factor > 0)).toBe(true);
  expect(rateScale(layout, depth, { headLearningRate: 1, layerDecay: 1 })).toBeUndefined();
});
