import { expect, test } from 'vitest';
import { rateScale } from '../../src/training/rateScale.ts';

test.each([
  ['cls_token', 0.5 ** 4],
  ['pos_embed', 0.5 ** 4],
  ['time_embed', 0.5 ** 4],
  ['patch_embed.proj.weight', 0.5 ** 4],
  ['blocks.0.attn.qkv.weight', 0.5 ** 3],
  ['blocks.1.temporal_fc.bias', 0.5 ** 2],
  ['blocks.2.mlp.fc2.weight', 0.5],
  ['norm.weight', 1],
  ['heads.blocks.0.x.weight', 10], // a head's name may look like anything
  ['heads.blocks.0.x.bias', 10],
])('%s learns at %f of the rate', (name, expected) => {
  expect(rateScale({ name }, 3, { headLearningRate: 10, layerDecay: 0.5 })).toBe(expected);
  expect(rateScale({ name }, 3, { headLearningRate: 1, layerDecay: 1 })).toBe(1);
});
