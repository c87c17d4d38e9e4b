import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { distFile } from '../../src/base/paths.ts';
import { storeLimit } from '../../src/clips/frameStore.ts';
import { experimentSchema, workspaceSchema } from '../../src/config/experiment.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';
import { type ResolvedExperiment, resolvedExperimentSchema } from '../../src/config/resolved.ts';
import { arenaBytes } from '../../src/engine/arena.ts';
import { chooseDevice, type Device } from '../../src/engine/devices.ts';
import { flopsOf } from '../../src/graph/flops.ts';
import { Graph } from '../../src/graph/graph.ts';
import { memoryEvents, peakBytes } from '../../src/graph/memory.ts';
import * as op from '../../src/graph/operators.ts';
import { symbolic } from '../../src/graph/shape.ts';
import { encodeImage } from '../../src/media/sharp.ts';
import { estimate, requireMemory } from '../../src/training/estimate.ts';

function experimentOf(experiment: object): ResolvedExperiment {
  const config = workspaceSchema.parse({
    datasets: { clips: { kind: 'video', path: 'clips', format: 'classFolders' } },
    experiments: { one: experimentSchema.parse(experiment) },
  });
  const classes = ['a', 'b'];
  const available = [{ name: 'clips', kind: 'video' as const, heldOut: 'val' as const, trainSamples: 500, classes }];
  return resolvedExperimentSchema.parse(resolveExperiment(config, available));
}

test('a chain of products holds two results at a time, an elementwise one is made in place', () => {
  const graph = new Graph('chain');
  const x = graph.input('x', 'float32', [symbolic('b'), 10]);
  const weight = graph.constant('weight', new Float32Array(100), [10, 10]);
  graph.output('y', op.MatMul(op.Exp(op.MatMul(op.MatMul(x, weight), weight)), weight));
  expect(peakBytes(graph, { b: 50 })).toBe(2 * 50 * 10 * 4);
  expect(flopsOf(graph, { b: 50 })).toBe(3 * 2 * 50 * 10 * 10);
  expect(() => peakBytes(graph, {})).toThrow('The size b is not known.');
});

test('the allocator takes regions that double, and gives freed chunks again', () => {
  const graph = new Graph('sum');
  const value = op.Exp(graph.input('x', 'float32', [1]));
  const large = { take: value, bytes: 3_000_000 };
  expect(arenaBytes([large, { free: value }])).toBe(3_000_064); // rounded up to 256
  const events = [...memoryEvents(graph, {})];
  expect(arenaBytes(events)).toBe(0);
});

test('what does not fit is refused, with settings that would fit', async () => {
  const device = await chooseDevice('cpu');
  const experiment = experimentOf({ model: { preset: 'tiny', frames: 1 }, coTraining: { batchSize: 32 } });
  const { memory, parameters, flopsPerClip } = estimate(experiment, device);
  expect(parameters).toBe(7_724_738);
  expect(flopsPerClip).toBeGreaterThan(5e8);
  expect(requireMemory(experiment, device, memory).memory).toBe(memory);
  const refusal = (of: ResolvedExperiment, available: number) => {
    try {
      requireMemory(of, device, available);
    } catch (error) {
      if (error instanceof UserError) return error.message;
    }
    throw new Error('It was not refused.');
  };
  expect(refusal(experiment, 0.95 * memory)).toMatch(
    /needs about [\d.]+ GB of memory, and [\d.]+ [GM]B are free\. It would fit with "accumulate": \d+ in its stages \(about/,
  );
  const single = experimentOf({ model: { preset: 'small' }, coTraining: { batchSize: 1 } });
  const needed = estimate(single, device).memory;
  expect(refusal(single, 0.95 * needed)).toMatch(/It would fit with "checkpointing": true \(about/);
  expect(refusal(experiment, 1e6)).toMatch(/Take a smaller preset/);
});

test('what training needs grows with what is computed at once', async () => {
  const cpu = await chooseDevice('cpu');
  const adapter: Device = { ...cpu, memory: 'device' };
  const memory = ({ frames = 1, batchSize = 64, accumulate = 1, checkpointing = false, device = cpu }) => {
    const experiment = { model: { preset: 'tiny', frames }, coTraining: { batchSize, accumulate }, checkpointing };
    return estimate(experimentOf(experiment), device).memory;
  };
  const onAdapter = { frames: 8, device: adapter };
  expect(memory({ ...onAdapter, accumulate: 4 })).toBeLessThan(0.6 * memory(onAdapter));
  expect(memory({ ...onAdapter, checkpointing: true })).toBeLessThan(0.6 * memory(onAdapter));
  // The CPU takes five of these clips at once, in batches of any size.
  const fives = { frames: 8, batchSize: 60 };
  expect(memory({ ...fives, accumulate: 4 })).toBe(memory(fives));
  expect(memory({ frames: 8, accumulate: 8 })).toBeLessThan(memory({ frames: 8 })); // four and four
  expect(memory({ frames: 8, accumulate: 64 })).toBeLessThan(memory({ frames: 8 }) - 200e6);
  expect(memory({ frames: 8, checkpointing: true })).toBeLessThan(memory({ frames: 8 }) - 200e6);
  const pixels = 4 * 8 * 3 * 112 ** 2;
  expect(memory({ frames: 8, batchSize: 16 }) - memory({ frames: 8, batchSize: 8 })).toBeLessThan(8 * 8 * pixels);
});

test('frames of held-out samples are kept beside those of training', async () => {
  const device = await chooseDevice('cpu');
  const one = experimentOf({ model: { preset: 'tiny', frames: 8, imageSize: 96 }, views: { clips: 2 } });
  const memory = (heldOutSamples: number | undefined, kind: 'video' | 'image' = 'video') => {
    const datasets = one.datasets.map((dataset) => ({ ...dataset, kind, heldOutSamples }));
    return estimate({ ...one, datasets }, device).memory;
  };
  const frame = (3 * 96 ** 2 * 4) / 3;
  expect(memory(50) - memory(0)).toBeCloseTo(50 * 2 * 8 * frame, -3);
  expect(memory(50, 'image') - memory(0, 'image')).toBeCloseTo(50 * frame, -3);
  expect(memory(1e9) - memory(0)).toBeCloseTo(storeLimit(), -3);
  expect(memory(undefined)).toBe(memory(0)); // a run of before they were counted
});

test.each([{ a: 0.64, b: 0.8, c: 0.16 }, { a: 1 }])('shares that sum to 1 by rounding only, %j', async (weights) => {
  const experiment = experimentSchema.parse({ imagePretraining: false, datasetSampling: { weights } });
  const folder = (kind: 'video' | 'image') => ({ kind, path: 'x', format: 'classFolders' }) as const;
  const datasets = { a: folder('video'), b: folder('video'), c: folder('video'), d: folder('image') };
  const available = Object.entries(datasets).map(([name, { kind }]) => ({
    ...{ name, kind, heldOut: null, trainSamples: 100, classes: ['x', 'y'] },
  }));
  const config = workspaceSchema.parse({ datasets, experiments: { one: experiment } });
  const resolved = resolvedExperimentSchema.parse(resolveExperiment(config, available));
  expect(estimate(resolved, await chooseDevice('cpu')).memory).toBeGreaterThan(1e8);
});

// The process's own record is Linux's.
test.skipIf(process.platform !== 'linux').each([
  { imageSize: 96 },
  { imageSize: 160 }, // a batch in two parts
])(
  'the estimate is what a training process then uses, within 15 %: %j',
  async (model) => {
    const folder = mkdtempSync(join(tmpdir(), 'cover-estimate-'));
    try {
      await writeImages(folder, 30);
      const experiment = { model: { preset: 'tiny', ...model }, coTraining: { epochs: 1, batchSize: 30 } };
      const datasets = { dots: { kind: 'image', path: 'dots', format: 'classFolders' } };
      writeFileSync(join(folder, 'cover.json'), JSON.stringify({ datasets, experiments: { one: experiment } }));
      const args = [distFile('cli.js'), 'train', '--workspace', folder, '--json'];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      let [expected, used] = [0, 0];
      for await (const line of createInterface(child.stdout)) {
        const event = JSON.parse(line);
        if (event.event === 'started') expected = event.memory;
        used = Math.max(used, mostUsed(child.pid!));
      }
      expect(used).toBeGreaterThan(500e6);
      expect(expected / used).toBeGreaterThan(0.85);
      expect(expected / used).toBeLessThan(1.15);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000,
);

async function writeImages(folder: string, count: number): Promise<void> {
  for (const [shade, label] of ['dark', 'light'].entries()) {
    mkdirSync(join(folder, 'dots', label), { recursive: true });
    for (let i = 0; i < count; i++) {
      const pixels = new Uint8Array(3 * 32 * 32).fill(60 + 100 * shade + i);
      writeFileSync(join(folder, 'dots', label, `${i}.png`), await encodeImage(pixels, 32, 32, 'png'));
    }
  }
}

/** The largest resident memory of a process so far, bytes; 0 once it has ended. */
function mostUsed(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
