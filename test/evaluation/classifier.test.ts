import { test as base, describe, expect } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { chooseDevice } from '../../src/engine/devices.ts';
import { Classifier } from '../../src/evaluation/classifier.ts';
import type { ModelSpec } from '../../src/model/modelSpec.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { testDevices } from '../engine/webgpu.ts';

const spec: ModelSpec = {
  imageSize: 8,
  patchSize: 4,
  hiddenSize: 12,
  depth: 1,
  attentionHeads: 3,
  mlpRatio: 4,
  frames: 2,
  layerNormEpsilon: 1e-6,
  attention: 'divided',
  imageTemporal: 'keep',
  heads: [
    { name: 'a', classes: ['x', 'y', 'z'] },
    { name: 'b', classes: ['p', 'q'] },
  ],
};
const layout = parameterLayout(spec);
const random = new Random(1);
const noise = (length: number, scale: number) => Float32Array.from({ length }, () => scale * random.normal());
const weights = [noise(layout.size, 0.3), noise(layout.size, 0.3)] as const;
const pixels = { 2: noise(3 * 2 * 3 * 64, 1), 1: noise(3 * 3 * 64, 1) };

/** What a model in training says of three videos and three images, with the first weights and then with the second. */
async function said(device: Awaited<ReturnType<typeof chooseDevice>>) {
  const classifier = await Classifier.inTraining(spec, layout, device);
  const results: Record<string, number[]> = {};
  for (const [i, parameters] of weights.entries()) {
    await classifier.use(parameters);
    for (const frames of [2, 1] as const)
      for (const [head, probabilities] of Object.entries(await classifier.classify(pixels[frames], 3, frames)))
        results[`weights ${i}, ${frames} frames, head ${head}`] = Array.from(probabilities);
  }
  await classifier.release();
  return results;
}

describe.each(await testDevices())('$id $note', { timeout: 240_000 }, ({ device }) => {
  base.skipIf(!device)('a model in training says the same as on the CPU', async () => {
    const [expected, results] = [await said(await chooseDevice('cpu')), await said(device!)];
    expect(Object.keys(results)).toEqual(Object.keys(expected));
    for (const [key, values] of Object.entries(results)) {
      values.forEach((value, i) => void expect(value, key).toBeCloseTo(expected[key]![i]!, 5));
      expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
    expect(results['weights 0, 2 frames, head a']).not.toEqual(results['weights 1, 2 frames, head a']);
  });
});

base('what does not go through at once, goes through sample by sample', async () => {
  const large: ModelSpec = { ...spec, imageSize: 92 }; // 1,058 tokens a video
  const largeLayout = parameterLayout(large);
  const classifier = await Classifier.inTraining(large, largeLayout, await chooseDevice('cpu'));
  await classifier.use(noise(largeLayout.size, 0.3));
  const size = 2 * 3 * large.imageSize ** 2;
  const videos = noise(3 * size, 1);
  const together = await classifier.classify(videos, 3, 2);
  const single = [];
  for (let i = 0; i < 3; i++) single.push(await classifier.classify(videos.subarray(i * size, (i + 1) * size), 1, 2));
  for (const { name } of large.heads) expect([...together[name]!]).toEqual(single.flatMap((said) => [...said[name]!]));
  expect(new Set(together.a).size).toBeGreaterThan(3); // they are not all judged alike
  await classifier.release();
});
