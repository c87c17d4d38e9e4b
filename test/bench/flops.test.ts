import { expect, test } from 'vitest';
import { presetModel, shapeModel } from '../../bench/cases.ts';
import { countFlops, forwardMacs } from '../../bench/flops.ts';

// 196.7 is what is published for TimeSformer's base, by a counter that takes some elementwise work along; products alone are
// 195.8 (as PyTorch's own FlopCounterMode also counts them).
test('ViT-B/16 on 8 × 224²: the multiply-adds known of TimeSformer within half a percent', () => {
  const { spec } = presetModel('base', 1);
  // By hand, d = 768, 8 × 196 patch tokens, 400 classes:
  const d2 = 768 * 768;
  const embedding = 1568 * d2; // 3 · 16² = 768
  const temporal = 5 * 1568 * d2 + 2 * 1568 * 8 * 768;
  const spatial = 4 * 1576 * d2 + 2 * 8 * 197 * 197 * 768;
  const mlp = 8 * 1569 * d2;
  const expected = embedding + 12 * (temporal + spatial + mlp) + 768 * 400;
  expect(forwardMacs(spec, 1, true)).toBe(expected);
  expect(expected / 1e9).toBeCloseTo(195.83, 2);
  expect(Math.abs(expected / 196.7e9 - 1)).toBeLessThan(0.005);
});

test('the paper’s large model, 16 × 448²: 5.871 TMACs a view', () => {
  expect(forwardMacs(presetModel('large', 1).spec, 1, true) / 1e12).toBeCloseTo(5.871, 2);
});

test('PyTorch counts as many operations (torch.utils.flop_counter on bench/torchTimesformer.py)', () => {
  const shape = { hiddenSize: 384, depth: 6, attentionHeads: 6, frames: 8, tokens: 196, batch: 2 };
  expect(countFlops(shapeModel(shape).spec, 2, 'inference').model).toBe(102_279_782_400);
});

// hidden 2, 1 block, 1 head, 2 frames of 4 patches of 16 × 16, 3 clips, 400 classes; all by hand.
const tiny = { hiddenSize: 2, depth: 1, attentionHeads: 1, frames: 2, tokens: 4, batch: 3 };
const embedding = 3 * 2 * 4 * 768 * 2;
const temporal = 5 * 24 * 4 + 2 * (3 * 4) * (2 * 2 * 2); // per patch and clip, scores [2 × 2] over 2 numbers, twice
const head = 3 * 2 * 400;
test.each([
  {
    what: 'a whole block',
    whole: true,
    expected: embedding + temporal + 4 * 30 * 4 + 2 * 6 * (5 * 5 * 2) + 2 * 3 * 9 * 8 * 2 + head,
  },
  {
    what: 'a last block of which only the class token is read',
    whole: false,
    // keys and values of 30 tokens; one query a frame; its output; an MLP of one token a clip
    expected: embedding + temporal + 2 * 30 * 4 + 2 * 6 * 4 + 2 * 6 * (1 * 5 * 2) + 2 * 3 * 8 * 2 + head,
  },
])('multiply-adds of $what', ({ whole, expected }) => {
  expect(forwardMacs(shapeModel(tiny).spec, 3, whole)).toBe(expected);
});

test('one frame needs no scores: value, output and temporal_fc are left', () => {
  const still = shapeModel({ ...tiny, frames: 1, batch: 1 }).spec;
  const skipped = { ...still, imageTemporal: 'skip' as const };
  expect(forwardMacs(still, 1, true) - forwardMacs(skipped, 1, true)).toBe(3 * 4 * 4);
});

test('a step is three passes, less the gradient of the pixels that nobody asks for', () => {
  const { spec } = shapeModel(tiny);
  const [pass, step] = [countFlops(spec, 3, 'inference'), countFlops(spec, 3, 'training')];
  expect(pass.model).toBe(2 * forwardMacs(spec, 3, true));
  expect(step.model).toBe(3 * pass.model - 2 * embedding);
  expect(step.useful).toBe(3 * pass.useful - 2 * embedding);
});
