// Batches from real files: routing to heads, unreadable files, stopping.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { FrameStore } from '../../src/clips/frameStore.ts';
import { stageSchema } from '../../src/config/experiment.ts';
import type { ResolvedDataset, ResolvedExperiment, ResolvedStage } from '../../src/config/resolved.ts';
import { Decoder } from '../../src/media/decoder.ts';
import type { Sample } from '../../src/protocol/runner.ts';
import { BatchMaker } from '../../src/training/batches.ts';

let folder: string;
let decoder: Decoder;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cover-batch's-"));
  for (const [name, shade] of Object.entries({ dark: 0, bright: 255 })) {
    const image = sharp({ create: { width: 8, height: 8, channels: 3, background: { r: shade, g: shade, b: shade } } });
    await image.png().toFile(join(folder, `${name}.png`));
  }
  writeFileSync(join(folder, 'broken.png'), 'not a picture');
  decoder = await Decoder.create({ workers: 2 });
});

afterAll(async () => {
  await decoder.close();
  rmSync(folder, { recursive: true, force: true });
});

const sample = (dataset: string, name: string, label: string): Sample => {
  return {
    id: `${dataset}/${name}`,
    dataset,
    split: 'train',
    label,
    file: join(folder, name),
    kind: 'image',
    start: null,
    end: null,
  };
};
const dataset = (name: string): ResolvedDataset => {
  return { name, kind: 'image', horizontalFlip: false, heldOut: null, trainSamples: 2, classes: ['bright', 'dark'] };
};
const model = { preset: 'nano', imageSize: 8, patchSize: 4, hiddenSize: 8, depth: 1, attentionHeads: 1, mlpRatio: 4 };
const experiment: ResolvedExperiment = {
  name: 'test',
  seed: 1,
  device: 'cpu',
  datasets: [dataset('a'), dataset('constructor')],
  model: {
    ...model,
    frames: 2,
    layerNormEpsilon: 1e-6,
    attention: 'divided',
    imageTemporal: 'keep',
    mean: [0, 0, 0],
    std: [1, 1, 1],
  },
  stages: [],
  augmentation: { scale: [1, 1], rotation: 0, brightness: 0, contrast: 0 },
  precision: 'auto',
  checkpointing: false,
  checkpointMinutes: 10,
};
const stage: ResolvedStage = {
  ...stageSchema.parse({}),
  name: 'coTraining',
  datasets: ['a', 'constructor'],
  epochs: 1,
  stepsPerEpoch: 1,
  batchSize: 8,
  labelSmoothing: 0.1,
};

function maker(samples: readonly Sample[][], signal?: AbortSignal) {
  const told: string[] = [];
  const store = new FrameStore(decoder, { count: 8, shortSide: 10, limit: 1e8 });
  const sets = samples.map((list, i) => ({ dataset: experiment.datasets[i]!, samples: list }));
  const batches = new BatchMaker(sets, stage, experiment, store, ({ id }) => told.push(id), signal, 1);
  return { batches, told, store };
}

describe('a batch', () => {
  test('routes every sample to its own head, with its smoothed label over the whole batch', async () => {
    const both = ['a', 'constructor'].map((name) => [
      sample(name, 'dark.png', 'dark'),
      sample(name, 'bright.png', 'bright'),
    ]);
    const { batches } = maker(both);
    const { streams, counts } = await batches.next();
    const [stream] = streams;
    expect(stream!.samples).toBe(8);
    expect((counts.a ?? 0) + (counts.constructor as unknown as number)).toBe(8);
    for (let row = 0; row < 8; row++) {
      const bright = stream!.pixels[row * 3 * 64]! > 0.5;
      const rows = ['a', 'constructor'].map((head) => Array.from(stream!.targets[head]!.slice(row * 2, row * 2 + 2)));
      const own = rows.filter((target) => target.some((share) => share > 0));
      expect(own).toHaveLength(1);
      expect(own[0]![bright ? 0 : 1]).toBeCloseTo(0.95 / 8, 6);
      expect(own[0]![bright ? 1 : 0]).toBeCloseTo(0.05 / 8, 6);
    }
    await batches.close();
  });

  test('replaces what cannot be read, and tells it once', async () => {
    const { batches, told, store } = maker([[sample('a', 'broken.png', 'dark'), sample('a', 'bright.png', 'bright')]]);
    for (let i = 0; i < 4; i++) expect((await batches.next()).counts.a).toBe(8);
    expect(told).toEqual(['a/broken.png']);
    const broken = sample('a', 'broken.png', 'dark');
    const [first, second] = await Promise.all(
      [store.get(broken), store.get(broken)].map((got) => got.catch((error: unknown) => error)),
    );
    expect(first).toBeInstanceOf(UserError);
    expect(second).toBe(first); // remembered, not tried again
    await batches.close();
  });

  test('of nothing readable is one clear sentence', async () => {
    const { batches } = maker([[sample('a', 'broken.png', 'dark')]]);
    await expect(batches.next()).rejects.toThrow('None of the training samples of "a" can be read.');
    await batches.close();
  });

  test('is not waited for once the work is stopped', async () => {
    const stop = new AbortController();
    const { batches } = maker([[sample('a', 'bright.png', 'bright')]], stop.signal);
    stop.abort();
    await expect(batches.next()).rejects.toThrow('cancelled');
    await batches.close();
  });
});
