import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test as base, describe, expect } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { modelFor } from '../../src/engine/lowering.ts';
import { Session } from '../../src/engine/onnxruntime.ts';
import { initialParameters } from '../../src/model/initialise.ts';
import type { ModelSpec } from '../../src/model/modelSpec.ts';
import { type Parameter, parameterLayout } from '../../src/model/parameters.ts';
import { trainingGraph } from '../../src/model/trainingGraph.ts';
import type { Optimizer } from '../../src/model/updateGraph.ts';
import { stepSession } from '../../src/training/flatVectors.ts';
import type { StoredVector } from '../../src/training/storedVector.ts';
import {
  type InitialState,
  type StreamBatch,
  type TrainingState,
  TrainingStep,
  type TrainingStepOptions,
} from '../../src/training/trainingStep.ts';
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
  imageTemporal: 'keep',
  heads: [
    { name: 'clips', classes: ['x', 'y', 'z'] },
    { name: 'pictures', classes: ['p', 'q'] },
  ],
};
const layout = parameterLayout(spec);
const adamw: Optimizer = { name: 'adamw', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.05, clipNorm: 1 };
const sgd: Optimizer = { name: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.05, clipNorm: 1 };
const parameters = initialParameters(spec, layout, 1);
const videos = { name: 'videos', frames: 2, heads: ['clips'] };
const images = { name: 'images', frames: 1, heads: ['pictures'] };

/** A batch of as many videos and images; targets are divided by `of`, the size of the whole batch. */
function batch(seed: number, count: number, of = 2 * count, { imageSize } = spec): StreamBatch[] {
  const random = new Random(seed);
  return [videos, images].map((stream) => {
    const head = stream.heads[0]!;
    const classes = spec.heads.find(({ name }) => name === head)!.classes.length;
    const targets = new Float32Array(count * classes);
    for (let i = 0; i < count; i++) targets[i * classes + random.below(classes)] = 1 / of;
    const pixels = Float32Array.from({ length: count * stream.frames * 3 * imageSize ** 2 }, () => random.normal());
    return { stream, samples: count, pixels, targets: { [head]: targets } };
  });
}

/** Two batches as one: the rows of both. */
function joined(a: StreamBatch[], b: StreamBatch[]): StreamBatch[] {
  return a.map((part, i) => {
    const other = b[i]!;
    const head = part.stream.heads[0]!;
    return {
      stream: part.stream,
      samples: part.samples + other.samples,
      pixels: Float32Array.from([...part.pixels, ...other.pixels]),
      targets: { [head]: Float32Array.from([...part.targets[head]!, ...other.targets[head]!]) },
    };
  });
}

const opened: TrainingStep[] = [];
afterEach(async () => {
  for (const step of opened.splice(0)) await step.release();
});

async function startOn(
  device: TrainingStepOptions['device'],
  options: Partial<TrainingStepOptions>,
  initial: InitialState,
): Promise<TrainingStep> {
  const step = await TrainingStep.create(
    { spec, layout, optimizer: adamw, device, spatialOnly: false, ...options },
    initial,
  );
  opened.push(step);
  return step;
}

/** The state after a step on each batch of `seeds`. */
async function trained(step: TrainingStep, seeds: readonly number[]): Promise<TrainingState> {
  for (const seed of seeds) await step.step([batch(seed, 2)], 1e-2);
  return step.read();
}

/** The state as a checkpoint's, whose vectors are still in its file. */
function stored({ parameters, optimizer, average, ...state }: TrainingState): InitialState {
  const writing = (numbers: Float32Array): StoredVector => {
    return (into) => into.set(numbers);
  };
  const vectors = Object.entries(optimizer).map(([name, vector]) => [name, writing(vector)] as const);
  return {
    ...state,
    parameters: writing(parameters),
    optimizer: Object.fromEntries(vectors),
    average: writing(average!),
  };
}

/** ‖a − b‖ / ‖b‖. */
function distance(a: Float32Array, b: Float32Array): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}

const devices = await testDevices();

describe.each(devices)('$id $note', { timeout: 240_000 }, ({ id, device }) => {
  const test = base.skipIf(!device);
  const start = (options: Partial<TrainingStepOptions> = {}, initial: InitialState = { parameters }) =>
    startOn(device!, options, initial);

  describe.each([
    ['adamw', adamw],
    ['sgd', sgd],
  ] as const)('%s', (_, optimizer) => {
    test('a batch in parts is the batch', async () => {
      const parts = [batch(1, 1, 6), batch(2, 1, 6), batch(3, 1, 6)];
      const [whole, split] = [await start({ optimizer }), await start({ optimizer })];
      for (let i = 0; i < 2; i++) {
        const a = await whole.step([joined(joined(parts[0]!, parts[1]!), parts[2]!)], 1e-2);
        const b = await split.step(parts, 1e-2);
        expect(b.loss).toBeCloseTo(a.loss, 5);
        expect(b.losses.clips).toBeCloseTo(a.losses.clips!, 5);
        expect(b.gradientNorm / a.gradientNorm).toBeCloseTo(1, 5);
      }
      const [a, b] = [await whole.read(), await split.read()];
      expect(a.steps).toBe(2);
      // AdamW's first steps are signs of gradients: where one is rounding noise, so is the step. The state tells exactly.
      for (const [name, vector] of Object.entries(a.optimizer))
        expect(distance(b.optimizer[name]!, vector), name).toBeLessThan(1e-5);
      expect(distance(b.parameters, a.parameters)).toBeLessThan(optimizer.name === 'sgd' ? 1e-6 : 1e-2);
    });

    test('what was read goes on to the bit', async () => {
      const options = { optimizer, averageDecay: 0.9 };
      const straight = await trained(await start(options), [1, 2, 3, 4]);
      const half = await trained(await start(options), [1, 2]);
      const copy = structuredClone(half);
      for (const from of [half, stored(copy)])
        expect(await trained(await start(options, from), [3, 4]), typeof from.parameters).toEqual(straight);
      expect(half).toEqual(copy); // neither the start nor what was read is touched by later steps
      expect(straight.steps).toBe(4);
    });
  });

  test('a rate of 0 freezes an element, and image pre-training the temporal branch', async () => {
    const fc1 = layout.parameters.find(({ name }) => name === 'blocks.0.mlp.fc1.weight')!;
    const rateScale = ({ name }: Parameter) => (name === fc1.name ? 0 : 1);
    const state = await trained(await start({ rateScale, spatialOnly: true }), [1, 2]);
    const moved = layout.parameters
      .filter(({ offset, size }) => {
        const part = (vector: Float32Array) => vector.subarray(offset, offset + size);
        return distance(part(state.parameters), part(parameters)) !== 0 && part(state.parameters).some(Boolean);
      })
      .map(({ name }) => name);
    const frozen = layout.parameters.filter(({ temporal }) => temporal).map(({ name }) => name);
    expect(frozen.length).toBeGreaterThan(0);
    expect(moved).toEqual(
      layout.parameters.map(({ name }) => name).filter((name) => name !== fc1.name && !frozen.includes(name)),
    );
  });

  test('a linear probe moves the heads alone, as a whole step moves them', async () => {
    const optimizer = { ...sgd, clipNorm: 0 };
    const [probe, whole] = [await start({ optimizer, headsOnly: true }), await start({ optimizer })];
    const [a, b] = [await trained(probe, [1]), await trained(whole, [1])];
    for (const { name, offset, size } of layout.parameters) {
      const part = (vector: Float32Array) => vector.subarray(offset, offset + size);
      if (!name.startsWith('heads.')) expect(part(a.parameters), name).toEqual(part(parameters));
      else expect(distance(part(a.parameters), part(b.parameters)), name).toBeLessThan(1e-6);
    }
    expect(distance(a.parameters, parameters)).toBeGreaterThan(0);
  });

  test.each([
    ['adamw', adamw, false],
    ['sgd', sgd, false],
    ['a linear probe', adamw, true],
  ])('a head that is not trained stays to the bit, and in the moving average: %s', async (_, optimizer, headsOnly) => {
    const step = await start({ optimizer, headsOnly, heads: ['clips'], averageDecay: 0.9 });
    for (const seed of [1, 2, 3]) await step.step([batch(seed, 2).slice(0, 1)], 1e-2);
    const state = await step.read();
    for (const { name, head, offset, size } of layout.parameters.filter(({ head }) => head !== undefined)) {
      for (const vector of [state.parameters, state.average!]) {
        const [before, after] = [parameters, vector].map((whole) => whole.slice(offset, offset + size));
        if (head === 'clips') expect(after, name).not.toEqual(before);
        else expect(after, name).toEqual(before);
      }
    }
  });

  test('the moving average follows the weights', async () => {
    const step = await start({ averageDecay: 0.75 });
    let expected = parameters;
    for (const seed of [1, 2, 3]) {
      const { parameters: now, average } = await trained(step, [seed]);
      expected = expected.map((value, i) => 0.75 * value + 0.25 * now[i]!);
      expect(distance(average!, expected)).toBeLessThan(1e-6);
      expect(distance(average!, now)).toBeGreaterThan(1e-4);
    }
    expect((await trained(await start(), [1])).average).toBeUndefined();
  });

  test('every node of a step runs on the device', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cover-profile-'));
    try {
      const step = await start({ averageDecay: 0.9, profile: join(folder, 'step-') });
      await step.step([batch(1, 1, 4), batch(2, 1, 4)], 1e-3); // mixed, and in two parts
      await step.step([batch(3, 1).slice(0, 1)], 1e-3); // videos alone
      const nodes = step.nodesRun();
      const provider = id === 'cpu' ? 'CPUExecutionProvider' : 'WebGpuExecutionProvider';
      expect(nodes.length).toBeGreaterThan(300);
      expect(nodes.filter((node) => node.provider !== provider)).toEqual([]);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  // SwiftShader has no float16; the CPU computes it in its own way.
  const inHalf = base.skipIf(!device || (id !== 'cpu' && !device.float16));

  inHalf('in float16, with a scaled loss, a step is nearly the same', async () => {
    const [plain, half] = [await start(), await start({ precision: 'float16' })];
    const [a, b] = [await plain.step([batch(1, 2)], 1e-2), await half.step([batch(1, 2)], 1e-2)];
    expect(b.loss / a.loss).toBeCloseTo(1, 2);
    const lossScale = { scale: 2 ** 16, goodSteps: 1 };
    if (b.skipped) {
      // The scale itself may be beyond float16; the next step uses half of it.
      expect(await half.read()).toMatchObject({ steps: 0, lossScale: { scale: 2 ** 15, goodSteps: 0 } });
      lossScale.scale = 2 ** 15;
      await half.step([batch(1, 2)], 1e-2);
    } else expect(b.gradientNorm / a.gradientNorm).toBeCloseTo(1, 1);
    const [plainState, halfState] = [await plain.read(), await half.read()];
    expect(halfState.lossScale).toEqual(lossScale);
    expect(plainState.lossScale).toBeUndefined();
    expect(distance(halfState.optimizer.m!, plainState.optimizer.m!)).toBeLessThan(0.05);
  });

  inHalf('where a gradient overflows, the step is skipped and the scale halved', async () => {
    const lossScale = { scale: 2 ** 80, goodSteps: 5 };
    const step = await start({ precision: 'float16', averageDecay: 0.9 }, { parameters, lossScale });
    const before = structuredClone(await step.read());
    const result = await step.step([batch(1, 1, 4), batch(2, 1, 4)], 1e-2);
    expect(result.skipped).toBe(true);
    expect(Number.isFinite(result.loss)).toBe(true);
    expect(await step.read()).toEqual({ ...before, lossScale: { scale: 2 ** 79, goodSteps: 0 } });
  });

  test('what is left out at random follows from the seed and the step', async () => {
    const options = { dropPath: 0.5, dropout: 0.5, seed: 3 };
    const straight = await trained(await start(options), [1, 2]);
    const resumed = await trained(await start(options, await trained(await start(options), [1])), [2]);
    expect(distance(resumed.optimizer.m!, straight.optimizer.m!)).toBeLessThan(id === 'cpu' ? 1e-9 : 1e-5);
    const other = await trained(await start({ ...options, seed: 4 }), [1, 2]);
    const without = await trained(await start(), [1, 2]);
    expect(distance(other.optimizer.m!, straight.optimizer.m!)).toBeGreaterThan(0.01);
    expect(distance(without.optimizer.m!, straight.optimizer.m!)).toBeGreaterThan(0.01);
  });

  test('activation checkpointing changes nothing', async () => {
    const [plain, recomputed] = [await start(), await start({ checkpointing: true })];
    const [a, b] = [await trained(plain, [1]), await trained(recomputed, [1])];
    expect(distance(b.optimizer.m!, a.optimizer.m!)).toBeLessThan(1e-5);
  });

  // A device's session refuses a graph of which a node would run elsewhere, when it is made.
  test.each<[string, Partial<ModelSpec>, boolean]>([
    ['joint attention', { attention: 'joint' }, false],
    ['space only', { attention: 'space' }, false],
    ['images skip the temporal branch', { imageTemporal: 'skip' }, false],
    ['image pre-training', {}, true],
    ['more frames, more blocks', { frames: 3, depth: 2 }, false],
  ])('every kind of model trains on the device: %s', async (_, change, spatialOnly) => {
    const model = { ...spec, ...change };
    const streams = [{ ...videos, frames: model.frames }, images];
    const graph = trainingGraph(model, parameterLayout(model), streams, { spatialOnly });
    const session = await Session.create(modelFor(graph, device!), stepSession(device!, ['gradients'], undefined));
    expect(session.outputNames).toContain('gradients');
    await session.release();
  });
});

describe('samples of more tokens than the CPU takes at once', () => {
  const large: ModelSpec = { ...spec, imageSize: 92 }; // 1,058 tokens a video, 529 an image
  const largeLayout = parameterLayout(large);
  const initial = { parameters: initialParameters(large, largeLayout, 1) };
  const options = { spec: large, layout: largeLayout, optimizer: sgd, dropPath: 0.5, dropout: 0.5, seed: 3 };
  const cpu = devices[0]!.device!;

  base('are computed one after the other, as if they had come so', async () => {
    const plain = { ...options, dropPath: 0, dropout: 0 };
    const [videosOnly] = batch(1, 2, 2, large);
    const one = (i: number): StreamBatch => {
      const pixels = videosOnly!.pixels
        .subarray((i * videosOnly!.pixels.length) / 2)
        .slice(0, videosOnly!.pixels.length / 2);
      const targets = videosOnly!.targets.clips!;
      return {
        stream: videosOnly!.stream,
        samples: 1,
        pixels,
        targets: { clips: targets.slice((i * targets.length) / 2, ((i + 1) * targets.length) / 2) },
      };
    };
    const [a, b] = [await startOn(cpu, plain, initial), await startOn(cpu, plain, initial)];
    expect(await a.step([[videosOnly!]], 1e-2)).toEqual(await b.step([[one(0)], [one(1)]], 1e-2));
    expect(await a.read()).toEqual(await b.read());
  });

  base.skipIf(!devices[1]!.device)(
    'are the same batch as on a device that takes all at once, with the same left out at random',
    { timeout: 240_000 },
    async () => {
      const [parts, whole] = [
        await startOn(cpu, options, initial),
        await startOn(devices[1]!.device!, options, initial),
      ];
      for (const seed of [1, 2]) {
        const [a, b] = [
          await parts.step([batch(seed, 3, 6, large)], 1e-2),
          await whole.step([batch(seed, 3, 6, large)], 1e-2),
        ];
        expect(a.loss / b.loss).toBeCloseTo(1, 4);
        expect(a.gradientNorm / b.gradientNorm).toBeCloseTo(1, 4);
      }
      const [a, b] = [await parts.read(), await whole.read()];
      expect(distance(a.optimizer.momentum!, b.optimizer.momentum!)).toBeLessThan(1e-4);
    },
  );
});
