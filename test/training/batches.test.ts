// Batches from real files: routing to heads, unreadable files, stopping.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { FrameStore } from '../../src/clips/frameStore.ts';
import type { ResolvedDataset, ResolvedExperiment, ResolvedStage } from '../../src/config/resolved.ts';
import { augmentationSchema, stageSchema } from '../../src/config/stage.ts';
import { Decoder } from '../../src/media/decoder.ts';
import type { Sample } from '../../src/protocol/datasets.ts';
import { BatchMaker } from '../../src/training/batches.ts';
import type { SamplerState } from '../../src/training/sampler.ts';
import type { StreamBatch } from '../../src/training/trainingStep.ts';

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
  const classes = ['bright', 'dark'];
  return { name, kind: 'image', horizontalFlip: false, heldOut: null, trainSamples: 2, lossWeight: 1, classes };
};
const model = { preset: 'nano', imageSize: 8, patchSize: 4, hiddenSize: 8, depth: 1, attentionHeads: 1, mlpRatio: 4 };
const experiment: ResolvedExperiment = {
  name: 'test',
  seed: 1,
  device: 'cpu',
  leaks: 'keep',
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
  augmentation: { ...augmentationSchema.parse({}), scale: [1, 1], rotation: 0, brightness: 0, contrast: 0 },
  sampling: { name: 'uniform', stride: 4, places: 4 },
  views: { clips: 1, crops: 1 },
  precision: 'auto',
  checkpointing: false,
  checkpointMinutes: 10,
  frameCache: 0,
};
const { augmentation: _, ...stageDefaults } = stageSchema.parse({});
const stage: ResolvedStage = {
  ...stageDefaults,
  name: 'coTraining',
  datasets: ['a', 'constructor'],
  epochs: 1000,
  stepsPerEpoch: 1,
  batchSize: 8,
  labelSmoothing: 0.1,
};

function maker(
  samples: readonly Sample[][],
  {
    signal,
    change,
    from,
    threads,
    experiment: changed = experiment,
  }: {
    signal?: AbortSignal;
    change?: Partial<ResolvedStage>;
    from?: { sampler: SamplerState; step: number };
    threads?: number;
    experiment?: ResolvedExperiment;
  } = {},
) {
  const told: string[] = [];
  const store = new FrameStore(decoder, { count: 8, shortSide: 10, limit: 1e8 });
  const sets = samples.map((list, i) => ({ dataset: changed.datasets[i]!, samples: list }));
  const batches = new BatchMaker(
    sets,
    { ...stage, ...change },
    changed,
    store,
    ({ id }) => told.push(id),
    signal,
    1,
    from,
    threads,
  );
  return { batches, told, store };
}

describe('a batch', () => {
  test('routes every sample to its own head, with its smoothed label over the whole batch', async () => {
    const both = ['a', 'constructor'].map((name) => [
      sample(name, 'dark.png', 'dark'),
      sample(name, 'bright.png', 'bright'),
    ]);
    const { batches } = maker(both);
    const { micro, counts } = await batches.next();
    const [[stream]] = micro as [[StreamBatch]];
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

  test('comes in equal parts, with the same samples in the same order', async () => {
    const sets = [[sample('a', 'dark.png', 'dark'), sample('a', 'bright.png', 'bright')]];
    const pixelsOf = async (accumulate: number) => {
      const { batches } = maker(sets, { change: { accumulate } });
      const { micro } = await batches.next();
      await batches.close();
      expect(micro.map((part) => part.map(({ samples }) => samples))).toEqual(Array(accumulate).fill([8 / accumulate]));
      return {
        pixels: micro.flatMap((part) => [...part[0]!.pixels]),
        targets: micro.flatMap((part) => [...part[0]!.targets.a!]),
      };
    };
    expect(await pixelsOf(4)).toEqual(await pixelsOf(1));
  });

  test.each([1, 2])(
    'mixes pairs of one dataset, in %i parts: every target still sums to one sample',
    async (accumulate) => {
      const both = ['a', 'constructor'].map((name) => [
        sample(name, 'dark.png', 'dark'),
        sample(name, 'bright.png', 'bright'),
      ]);
      const { batches } = maker(both, { change: { accumulate, mixup: 1, labelSmoothing: 0 } });
      const { micro } = await batches.next();
      await batches.close();
      let mixed = 0;
      for (const { samples, pixels, targets } of micro.flat()) {
        for (let row = 0; row < samples; row++) {
          const rows = ['a', 'constructor'].map((head) => [...targets[head]!.slice(row * 2, row * 2 + 2)]);
          const own = rows.filter((target) => target.some((share) => share > 0));
          expect(own).toHaveLength(1);
          expect((own[0]![0]! + own[0]![1]!) * 8).toBeCloseTo(1, 6);
          // White is 1 and black is 0: a pixel says how much of the bright one is in it, as the target does.
          expect(pixels[row * 3 * 64]).toBeCloseTo(own[0]![0]! * 8, 5);
          if (own[0]![0]! > 0.01 / 8 && own[0]![0]! < 0.99 / 8) mixed++;
        }
      }
      expect(mixed).toBeGreaterThan(0);
    },
  );

  test('is drawn again after the last one handed out, however many were asked for ahead', async () => {
    const sets = [['dark', 'bright'].map((name) => sample('a', `${name}.png`, name))];
    const whole = maker(sets).batches;
    const all = [];
    for (let i = 0; i < 5; i++) all.push(await whole.next());
    await whole.close();
    const first = maker(sets).batches;
    for (let i = 0; i < 2; i++) await first.next();
    const state = first.state();
    await first.close();
    const second = maker(sets, { from: { sampler: state, step: 2 } }).batches;
    for (let i = 2; i < 5; i++) expect(await second.next()).toEqual(all[i]);
    await second.close();
  });

  test('is smaller at the end of a stage of so many samples, and its mean is over those', async () => {
    const sets = [['dark', 'bright'].map((name) => sample('a', `${name}.png`, name))];
    const { batches } = maker(sets, { change: { samples: 19, accumulate: 4 } });
    const sizes: number[][] = [];
    for (let i = 0; i < 3; i++) {
      const { micro, counts } = await batches.next();
      const targets = micro.flat().flatMap(({ targets }) => [...targets.a!]);
      expect(targets.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      expect(counts.a).toBe([8, 8, 3][i]);
      sizes.push(micro.map(([part]) => part!.samples));
    }
    expect(sizes).toEqual([
      [2, 2, 2, 2],
      [2, 2, 2, 2],
      [1, 1, 1],
    ]);
    await expect(batches.next()).rejects.toThrow('no more batches');
    await batches.close();
  });

  test('weighs the loss of each dataset', async () => {
    const sets = [['dark', 'bright'].map((name) => sample('a', `${name}.png`, name))];
    const weighed = { ...experiment, datasets: [{ ...dataset('a'), lossWeight: 0.25 }] };
    const { batches } = maker(sets, { experiment: weighed });
    const { micro } = await batches.next();
    await batches.close();
    expect([...micro[0]![0]!.targets.a!].reduce((sum, share) => sum + share, 0)).toBeCloseTo(0.25, 5);
  });

  test('is the same to the bit, however many threads make batches', async () => {
    const both = ['a', 'constructor'].map((name) => [
      sample(name, 'dark.png', 'dark'),
      sample(name, 'bright.png', 'bright'),
    ]);
    const made = async (threads: number) => {
      const { batches } = maker(both, { threads, change: { mixup: 0.5, cutmix: 0.5 } });
      const all = [];
      for (let i = 0; i < 6; i++) all.push(await batches.next());
      await batches.close();
      return all;
    };
    const alone = await made(1);
    expect(new Set(alone.map((batch) => JSON.stringify(batch))).size).toBe(6);
    expect(await made(3)).toEqual(alone);
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
    const { batches } = maker([[sample('a', 'bright.png', 'bright')]], { signal: stop.signal });
    stop.abort();
    await expect(batches.next()).rejects.toThrow('cancelled');
    await batches.close();
  });
});
