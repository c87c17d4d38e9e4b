// The arithmetic on flat vectors against the formulas in float64, on every device.
import { afterAll, test as base, describe, expect } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { Device } from '../../src/engine/devices.ts';
import { modelFor } from '../../src/engine/lowering.ts';
import { type HostTensor, Session, type Tensor } from '../../src/engine/onnxruntime.ts';
import { Graph } from '../../src/graph/graph.ts';
import { symbolic } from '../../src/graph/shape.ts';
import { type Optimizer, stateNames, updateNumbers } from '../../src/model/updateGraph.ts';
import { type ElementScale, FlatVectors } from '../../src/training/flatVectors.ts';
import { testDevices } from '../engine/webgpu.ts';

const adamw: Optimizer = { name: 'adamw', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.1, clipNorm: 0 };
const sgd: Optimizer = { name: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.1, clipNorm: 0 };
const plainSgd: Optimizer = { ...sgd, nesterov: false };
const averageDecay = 0.75;

function noise(seed: number, size: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: size }, () => random.normal());
}

type State = Record<string, Float64Array>;

/** One step as torch.optim's AdamW and SGD make it, and the moving average. */
function expectedStep(
  optimizer: Optimizer,
  state: State,
  gradients: Float32Array,
  {
    step,
    rate,
    gradientScale,
    scales,
  }: { step: number; rate: number; gradientScale: number; scales: readonly ElementScale[] },
): void {
  const { parameters: p, average } = state as { parameters: Float64Array; average: Float64Array };
  for (let i = 0; i < p.length; i++) {
    const g = gradients[i]! * gradientScale;
    const scale = scales.find(({ end }) => i < end)!;
    const lr = rate * scale.rate;
    const decay = optimizer.weightDecay * scale.decay;
    if (optimizer.name === 'adamw') {
      const [beta1, beta2] = optimizer.betas;
      const m = beta1 * state.m![i]! + (1 - beta1) * g;
      const v = beta2 * state.v![i]! + (1 - beta2) * g * g;
      [state.m![i], state.v![i]] = [m, v];
      const direction = m / (1 - beta1 ** step) / (Math.sqrt(v / (1 - beta2 ** step)) + optimizer.epsilon);
      p[i] = p[i]! - lr * decay * p[i]! - lr * direction;
    } else {
      const decayed = g + decay * p[i]!;
      const momentum = step === 1 ? decayed : optimizer.momentum * state.momentum![i]! + decayed;
      state.momentum![i] = momentum;
      p[i] = p[i]! - lr * (optimizer.nesterov ? decayed + optimizer.momentum * momentum : momentum);
    }
    average[i] = averageDecay * average[i]! + (1 - averageDecay) * p[i]!;
  }
}

/** Uniform, or with stretches of which some are long, some short, and few begin at a multiple of four. */
function scalesOf(size: number, mixed: boolean): ElementScale[] {
  if (!mixed) return [{ end: size, rate: 0.5, decay: 1 }];
  const end = (share: number) => Math.floor(size * share);
  return [
    { end: end(0.2), rate: 0.5, decay: 1 },
    { end: end(0.2) + 5, rate: 0.5, decay: 0 },
    { end: end(0.2) + 6, rate: 1, decay: 0 },
    { end: end(0.4), rate: 0.5, decay: 1 },
    { end: end(0.5), rate: 0, decay: 1 },
    { end: end(0.6), rate: 0, decay: 0 },
    { end: end(0.7), rate: 0.5, decay: 0 },
    { end: size - 3, rate: 0.5, decay: 1 },
    { end: size, rate: 0.25, decay: 1 },
  ];
}

const opened: { release(): Promise<void> }[] = [];
afterAll(async () => {
  for (const part of opened.reverse()) await part.release();
});

/** Writes numbers where a gradient graph would. */
async function filler({ provider, memory }: Device): Promise<(place: Tensor, data: Float32Array) => Promise<void>> {
  if (memory === 'host') return async (place, data) => void ((place as HostTensor).data as Float32Array).set(data);
  const graph = new Graph('fill');
  const x = graph.input('x', 'float32', [symbolic('n')]);
  graph.output('y', graph.add('Identity', [x], {}, [{ shape: x.shape }])[0]!);
  const session = await Session.create(modelFor(graph, { provider }), { provider, keep: ['y'] });
  opened.push(session);
  return async (place, data) => void (await session.run({ x: { data, shape: [data.length] } }, { y: place }));
}

function distance(a: Float32Array, b: Float64Array): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}

describe.each(await testDevices())('$id $note', { timeout: 240_000 }, ({ device }) => {
  const test = base.skipIf(!device);

  async function start(optimizer: Optimizer, size: number, scales: readonly ElementScale[]) {
    const state: State = { parameters: Float64Array.from(noise(1, size)) };
    for (const name of stateNames(optimizer)) state[name] = new Float64Array(size);
    state.average = state.parameters!.slice();
    const vectors = await FlatVectors.create(
      { size, optimizer, averageDecay, device: device!, scales },
      Object.fromEntries(Object.entries(state).map(([name, data]) => [name, Float32Array.from(data)])),
    );
    opened.push(vectors);
    return { state, vectors, fill: await filler(device!) };
  }

  test.each([
    { name: 'adamw', optimizer: adamw, size: 1000, mixed: false },
    { name: 'adamw', optimizer: adamw, size: 1000, mixed: true },
    { name: 'adamw', optimizer: adamw, size: 300_007, mixed: true },
    { name: 'sgd', optimizer: sgd, size: 1000, mixed: true },
    { name: 'sgd', optimizer: sgd, size: 300_007, mixed: false },
    { name: 'plain sgd', optimizer: plainSgd, size: 1000, mixed: false },
  ])('$name on $size numbers, scales mixed: $mixed', async ({ optimizer, size, mixed }) => {
    const scales = scalesOf(size, mixed);
    const { state, vectors, fill } = await start(optimizer, size, scales);
    for (const step of [1, 2, 3]) {
      const gradients = noise(step + 10, size);
      const numbers = { step, rate: 0.01 * step, gradientScale: 0.3 };
      await fill(vectors.gradients, gradients);
      await vectors.update(updateNumbers(optimizer, numbers));
      expectedStep(optimizer, state, gradients, { ...numbers, scales });
    }
    const after = await vectors.read();
    expect(Object.keys(after)).toEqual(Object.keys(state));
    for (const [name, data] of Object.entries(after)) expect(distance(data, state[name]!), name).toBeLessThan(1e-6);
  });

  test.each([1, 1000, 131_072, 300_007])('sum and norm of %i numbers', async (size) => {
    const { vectors, fill } = await start(plainSgd, size, scalesOf(size, false));
    const [a, b] = [noise(2, size), noise(3, size)];
    await fill(vectors.gradients, a);
    await fill(vectors.more, b);
    await vectors.accumulate();
    const sum = Float64Array.from(a, (value, i) => Math.fround(value + b[i]!));
    expect((await vectors.norm()) / Math.hypot(...chunkNorms(sum))).toBeCloseTo(1, 5);
  });

  test('memory stays flat', async () => {
    const size = 1_000_000; // 4 MB a vector; where a software adapter is used they are in this process
    const { vectors, fill } = await start(adamw, size, scalesOf(size, true));
    const gradients = noise(4, size);
    const step = async (count: number) => {
      for (let i = 1; i <= count; i++) {
        await fill(vectors.gradients, gradients);
        await fill(vectors.more, gradients);
        await vectors.accumulate();
        await vectors.norm();
        await vectors.update(updateNumbers(adamw, { step: i, rate: 1e-3, gradientScale: 1 }));
      }
      return process.memoryUsage().rss;
    };
    const before = await step(5);
    const after = await step(25);
    expect(after - before).toBeLessThan(100e6); // of 500 MB, were any kind of vector kept
  });
});

/** Norms of parts, since Math.hypot takes few arguments. */
function chunkNorms(data: Float64Array): number[] {
  const norms: number[] = [];
  for (let i = 0; i < data.length; i += 1000) norms.push(Math.hypot(...data.subarray(i, i + 1000)));
  return norms;
}
