// Models that somebody else made: every layout gives what the arithmetic says, what a file says of itself is found, and what it
// must not do is refused.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { chooseDevice } from '../../src/engine/devices.ts';
import { softmaxRows } from '../../src/evaluation/classifier.ts';
import { evaluateModel, type ModelRequest } from '../../src/evaluation/evaluateModel.ts';
import { calledAsIn, classesCarried } from '../../src/evaluation/foreignClasses.ts';
import { ForeignClassifier } from '../../src/evaluation/foreignClassifier.ts';
import { chooseInput, type Layout, layouts, type Preprocessing } from '../../src/evaluation/foreignInput.ts';
import { openOnnxFile } from '../../src/evaluation/onnxFile.ts';
import { Graph } from '../../src/graph/graph.ts';
import { onnxModel } from '../../src/graph/onnxModel.ts';
import * as op from '../../src/graph/operators.ts';
import { symbolic } from '../../src/graph/shape.ts';
import { openRun } from '../../src/runs/runFolder.ts';
import { tinyLabels, writeTinyWorkspace } from '../cli/tinyWorkspace.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "cover's models-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const [size, resize, frames, classes] = [4, 6, 2, 3];
const random = new Random(9);
const noise = (length: number) => Float32Array.from({ length }, () => random.normal());
const sizes: Record<string, number> = { M: 2, T: frames, C: 3, H: size, W: size };

/** Logits = input, as its axes lie, times `weights` [its size, outputs]. */
function linearModel(
  layout: Layout,
  weights: Float32Array,
  outputs: number,
  { batch, softmax = false, metadata = {} as Record<string, string>, shape }: LinearOptions = {},
): Uint8Array {
  const graph = new Graph('linear');
  const n = batch ?? symbolic('batch');
  const dims = shape ?? [...layout.slice(1)].map((axis) => sizes[axis]!);
  const x = graph.input('pictures', 'float32', [n, ...dims]);
  const length = dims.reduce((product, dim) => product * dim, 1);
  const logits = op.MatMul(op.Reshape(x, [n, length]), graph.constant('weights', weights, [length, outputs]));
  graph.output('scores', softmax ? op.Softmax(logits) : op.Reshape(op.Reshape(logits, [n, outputs, 1]), [n, outputs]));
  return onnxModel(graph, metadata);
}
interface LinearOptions {
  batch?: number;
  softmax?: boolean;
  metadata?: Record<string, string>;
  shape?: number[];
}

async function opened(bytes: Uint8Array, preprocessing: Partial<Preprocessing>): Promise<ForeignClassifier> {
  const file = { model: bytes, metadata: new Map() };
  const classifier = await ForeignClassifier.open('model.onnx', file, await chooseDevice('cpu'));
  const plain = { batch: undefined, frames, anyFrames: false, size, resize, bgr: false, views: sizes.M!, told: [] };
  const full: Preprocessing = { layout: 'NCHW', mean: [0, 0, 0], std: [1, 1, 1], ...plain, ...preprocessing };
  classifier.use(full, 'scores', undefined);
  classifier.heads = [{ name: 'd', classes: ['a', 'b', 'c'] }];
  return classifier;
}

describe.each(layouts)('%s', (layout) => {
  it.each([
    ['logits, any batch', {}, {}],
    ['probabilities, one at a time', { batch: 1, softmax: true }, { batch: 1 }],
    ['three at a time, blue first', { batch: 3 }, { batch: 3, bgr: true }],
  ])('%s', async (_, options, how) => {
    const isVideo = layout.includes('T');
    const axes = [...layout.slice(1)];
    const length = axes.reduce((product, axis) => product * sizes[axis]!, 1);
    const weights = noise(length * classes);
    const classifier = await opened(linearModel(layout, weights, classes, options), { layout, ...how });
    const clips = 5;
    const pixels = noise(clips * frames * 3 * resize * resize);
    const { d: found } = await classifier.classify(pixels, clips, frames);
    // The same by the axes' names: every element of the model's input with its place in ours.
    const logits = new Float32Array(clips * (isVideo ? 1 : frames) * classes);
    for (let n = 0; n < clips; n++)
      for (let t = 0; t < frames; t++)
        for (let c = 0; c < 3; c++)
          for (let y = 0; y < size; y++)
            for (let x = 0; x < size; x++) {
              const colour = 'bgr' in how ? 2 - c : c;
              const value = pixels[(((n * frames + t) * 3 + colour) * resize + y + 1) * resize + x + 1]!;
              const row = isVideo ? n : n * frames + t;
              for (let m = 0; m < (axes.includes('M') ? sizes.M! : 1); m++) {
                const place: Record<string, number> = { M: m, T: t, C: c, H: y, W: x };
                const element = axes.reduce((index, axis) => index * sizes[axis]! + place[axis]!, 0);
                for (let k = 0; k < classes; k++) logits[row * classes + k]! += value * weights[element * classes + k]!;
              }
            }
    const all = softmaxRows(logits, classes);
    const expected = Float32Array.from({ length: clips * classes }, (_, i) => {
      if (isVideo) return all[i]!;
      const [n, k] = [Math.floor(i / classes), i % classes];
      return (
        Array.from({ length: frames }, (_, t) => all[(n * frames + t) * classes + k]!).reduce((a, b) => a + b) / frames
      );
    });
    expect(classifier.kind).toBe('softmax' in options ? 'probabilities' : 'logits');
    expect(found).toHaveLength(expected.length);
    found!.forEach((value, i) => void expect(value).toBeCloseTo(expected[i]!, 4));
    await classifier.release();
  });
});

it.each([
  ['ten times a tenth of 1', 1000, { softmax: true }, 10],
  ['an output that rounding took above 1', Math.fround(1 + 2 ** -23), {}, 1],
])('probabilities are at most 1: %s', async (_, weight, options, frames) => {
  // The first element of a white picture alone counts, and for the first class.
  const weights = new Float32Array(3 * size * size * classes);
  weights[0] = weight;
  const classifier = await opened(linearModel('NCHW', weights, classes, options), { layout: 'NCHW', resize: size });
  const { d: found } = await classifier.classify(new Float32Array(frames * 3 * size * size).fill(1), 1, frames);
  expect([classifier.kind, [...found!]]).toEqual(['probabilities', [1, 0, 0]]);
  await classifier.release();
});

it('a video model sees an image as a video that stands still', async () => {
  const weights = noise(3 * frames * size * size * classes);
  const classifier = await opened(linearModel('NTCHW', weights, classes), { layout: 'NTCHW', resize: size });
  const image = noise(3 * size * size);
  const still = new Float32Array([...image, ...image]);
  expect((await classifier.classify(image, 1, 1)).d).toEqual((await classifier.classify(still, 1, 2)).d);
  await classifier.release();
});

describe('the input is found out', () => {
  const choose = (shape: (number | string)[], given = {}, metadata: Record<string, string> = {}, type = 'float32') =>
    chooseInput(join(root, 'model.onnx'), { name: 'x', type, shape }, new Map(Object.entries(metadata)), given);

  it.each<[string, (number | string)[], object, object]>([
    ['a photograph', ['n', 3, 224, 224], {}, { layout: 'NCHW', size: 224, resize: 224, frames: 8, batch: undefined }],
    ['channels last', [1, 96, 96, 3], {}, { layout: 'NHWC', size: 96, batch: 1 }],
    ['channels first', [1, 3, 16, 112, 112], {}, { layout: 'NCTHW', frames: 16, size: 112 }],
    ['frames first', ['n', 't', 3, 64, 64], { frames: 4 }, { layout: 'NTCHW', frames: 4, anyFrames: true }],
    ['channels at the end', ['n', 16, 112, 112, 3], {}, { layout: 'NTHWC', frames: 16 }],
    ['views to average', ['n', 'm', 3, 32, 224, 224], {}, { layout: 'NMCTHW', frames: 32, views: 1 }],
    ['fixed views', [1, 4, 3, 32, 224, 224], {}, { layout: 'NMCTHW', views: 4 }],
    ['as given', ['n', 'a', 'b', 'c'], { layout: 'NHWC', size: 40 }, { layout: 'NHWC', size: 40 }],
    [
      'of 255',
      [1, 3, 8, 8],
      { mean: [127.5], std: [51, 51, 51], resize: 10 },
      { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2], resize: 10 },
    ],
    ['three frames', [1, 3, 3, 8, 8], { layout: 'NTCHW' }, { layout: 'NTCHW', frames: 3 }],
  ])('%s', async (_, shape, given, expected) => {
    const found = await choose(shape, given);
    expect(found).toMatchObject(expected);
    expect(found.told.join('\n')).toContain(`: ${found.layout}`);
  });

  it('normalisation as our own metadata says, else as beside it, else guessed and told', async () => {
    const preprocessing = JSON.stringify({ size: 32, frames: 6, mean: [0.1, 0.2, 0.3], std: [1, 2, 3] });
    const ours = await choose(['n', 't', 3, 'h', 'w'], {}, { preprocessing });
    expect(ours).toMatchObject({ size: 32, frames: 6, mean: [0.1, 0.2, 0.3], std: [1, 2, 3] });
    const guessed = await choose([1, 3, 8, 8]);
    expect(guessed.mean).toEqual([0.485, 0.456, 0.406]);
    expect(guessed.told.join('\n')).toMatch(/Mean: .*guessed/);
    const folder = join(root, 'hub');
    mkdirSync(folder, { recursive: true });
    const config = {
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.25, 0.25, 0.25],
      size: { shortest_edge: 10 },
      crop_size: { height: 8, width: 8 },
    };
    writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(config));
    const beside = await chooseInput(
      join(folder, 'm.onnx'),
      { name: 'x', type: 'float32', shape: [1, 3, 'h', 'w'] },
      new Map(),
      {},
    );
    expect(beside).toMatchObject({ size: 8, resize: 10, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
  });

  const half = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
  it.each<[string, object, number, number, string]>([
    [
      'as ViViT: −1 … 1 before mean and deviation',
      { ...half, rescale_factor: 1 / 127.5, offset: true },
      0.75,
      0.25,
      'factor and offset',
    ],
    [
      '−1 … 1 without more',
      { do_normalize: false, rescale_factor: 1 / 127.5, offset: true },
      0.5,
      0.5,
      'factor and offset',
    ],
    ['twice as bright', { ...half, rescale_factor: 2 / 255 }, 0.25, 0.25, 'its rescale_factor'],
    ['an offset alone', { ...half, offset: true }, 1.5, 0.5, 'its rescale_factor and offset'],
    ['the usual', { ...half, rescale_factor: 0.00392156862745098, offset: false }, 0.5, 0.5, 'beside it)'],
    ['not at all', { ...half, do_rescale: false, rescale_factor: 1 / 127.5 }, 0.5 / 255, 0.5 / 255, 'beside it)'],
  ])('pixels scaled as the files beside it say: %s', async (_, config, mean, std, from) => {
    const folder = join(root, 'scaled');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(config));
    const input = { name: 'x', type: 'float32', shape: [1, 3, 8, 8] };
    const found = await chooseInput(join(folder, 'm.onnx'), input, new Map(), {});
    expect([found.mean[0], found.std[2]]).toEqual([mean, std].map((value) => expect.closeTo(value, 9)));
    expect(found.told.find((line) => line.startsWith('Mean'))).toContain(from);
  });

  it.each<[string, (number | string)[], object, RegExp, string?]>([
    ['rank 2', [1, 10], {}, /no image \(rank 4\)/],
    ['rank 7', [1, 1, 1, 3, 8, 8, 8], {}, /no video \(rank 5 or 6\)/],
    ['no colours told', ['n', 'c', 'h', 'w'], {}, /--layout, one of NCHW, NHWC/],
    ['one channel', [1, 1, 28, 28], {}, /where its 3 colours are/],
    ['several ways', [1, 3, 3, 8, 8], {}, /one of NCTHW, NTCHW/],
    ['not square', [1, 3, 240, 320], { layout: 'NCHW' }, /320 × 240 pixels; only square/],
    ['another layout', [1, 3, 8, 8], { layout: 'NTCHW' }, /does not fit/],
    ['another size', [1, 3, 8, 8], { size: 9 }, /takes 8/],
    ['another number of frames', [1, 3, 4, 8, 8], { frames: 9 }, /takes 4/],
    ['smaller than the model', [1, 3, 8, 8], { resize: 7 }, /smaller/],
    ['bytes', [1, 3, 8, 8], {}, /takes uint8/, 'uint8'],
  ])('or refused: %s', async (_, shape, given, message, type) => {
    await expect(choose(shape, given, {}, type)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(message),
    });
  });
});

describe('class names', () => {
  it.each<[string, Record<string, string>, string, string[] | undefined]>([
    ['of a head of ours', { classes: '{"x":["p"],"d":["a","b"]}' }, 'logits.d', ['a', 'b']],
    ['a list', { labels: '["a","b"]' }, 'o', ['a', 'b']],
    ['numbered', { id2label: '{"1":"b","0":"a"}' }, 'o', ['a', 'b']],
    ['as Python writes them', { names: `{0: 'a', 1: "it's"}` }, 'o', ['a', "it's"]],
    ['numbers with a gap', { names: `{0: 'a', 2: 'c'}` }, 'o', undefined],
    ['nothing', {}, 'o', undefined],
  ])('%s', async (_, metadata, output, expected) => {
    expect(await classesCarried(join(root, 'm.onnx'), new Map(Object.entries(metadata)), output)).toEqual(expected);
  });

  it('take the dataset’s way of writing', () => {
    expect(calledAsIn(['Pole vault', 'zumba', 'x'], ['zumba', 'pole_vault', 'y'])).toEqual([
      'zumba',
      'Pole vault',
      'y',
    ]);
  });
});

/** A protobuf field with a length. */
function field(number: number, content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
  return Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length), ...bytes]);
}
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A graph's tensor that lies in another file. */
function external(name: string, dims: number[], place: string): Uint8Array {
  const shape = Uint8Array.from(dims.flatMap((dim) => [1 * 8, dim]));
  const said = joined(field(1, 'location'), field(2, place));
  return field(
    5,
    joined(shape, Uint8Array.from([2 * 8, 1]), field(8, name), field(13, said), Uint8Array.from([14 * 8, 1])),
  );
}

describe('weights in further files', () => {
  it('beside the model are loaded', async () => {
    const graph = new Graph('g');
    const n = symbolic('n');
    const x = graph.input('x', 'float32', [n, 3, 1, 1]);
    const w = graph.input('w', 'float32', [3, 2]);
    graph.output('scores', op.MatMul(op.Reshape(x, [n, 3]), w));
    const file = join(root, 'split.onnx');
    writeFileSync(file, joined(onnxModel(graph), field(7, external('w', [3, 2], 'split.bin'))));
    writeFileSync(join(root, 'split.bin'), new Uint8Array(Float32Array.from([1, 0, 0, 1, 0, 0]).buffer));
    const found = await openOnnxFile(file);
    expect(found.model).toBe(file);
    const classifier = await ForeignClassifier.open(file, found, await chooseDevice('cpu'));
    expect(classifier.modelInput).toMatchObject({ name: 'x', type: 'float32' });
    await classifier.release();
  });

  it.each([
    ['above it', '../secret.bin', (bytes: Uint8Array) => field(7, bytes)],
    ['anywhere', '/etc/hostname', (bytes: Uint8Array) => field(7, bytes)],
    ['on Windows', 'C:\\secret', (bytes: Uint8Array) => field(7, bytes)],
    ['behind a link', 'link.bin', (bytes: Uint8Array) => field(7, bytes)],
    ['not there', 'none.bin', (bytes: Uint8Array) => field(7, bytes)],
    [
      'in an attribute of a node',
      '../secret.bin',
      (bytes: Uint8Array) => field(7, field(1, field(5, field(5, bytes.slice(2))))),
    ],
    ['in a graph inside a node', '../secret.bin', (bytes: Uint8Array) => field(7, field(1, field(5, field(6, bytes))))],
    ['in a function', '../secret.bin', (bytes: Uint8Array) => field(25, field(7, field(5, field(5, bytes.slice(2)))))],
  ])('are refused: %s', async (_, place, wrap) => {
    const folder = join(root, 'models');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(root, 'secret.bin'), 'secret');
    rmSync(join(folder, 'link.bin'), { force: true });
    symlinkSync(join(root, 'secret.bin'), join(folder, 'link.bin'));
    const file = join(folder, 'm.onnx');
    writeFileSync(file, joined(linearModel('NCHW', noise(48 * 3), 3), wrap(external('w', [1], place))));
    await expect(openOnnxFile(file)).rejects.toMatchObject({
      code: 'bad-model-file',
      message: expect.stringContaining('not loaded'),
    });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', new TextEncoder().encode('no model at all')],
    ['half of one', linearModel('NCHW', noise(48 * 3), 3).slice(0, 200)],
  ])('a file of %s is no model', async (_, bytes) => {
    const file = join(root, 'damaged.onnx');
    writeFileSync(file, bytes);
    await expect(openOnnxFile(file)).rejects.toMatchObject({ code: 'bad-model-file' });
  });
});

it('damaged files never bring more down than themselves', { timeout: 60_000 }, async () => {
  const whole = joined(
    linearModel('NCHW', noise(48 * 3), 3, { metadata: { classes: '["a"]' } }),
    field(7, external('w', [1], 'w.bin')),
  );
  const file = join(root, 'fuzzed.onnx');
  const random = new Random(11);
  const outcomes = { opened: 0, refused: 0 };
  for (let round = 0; round < 300; round++) {
    const bytes = whole.slice(0, random.below(4) === 0 ? random.below(whole.length) : whole.length);
    for (let hits = random.below(6); hits > 0 && bytes.length > 0; hits--)
      bytes[random.below(bytes.length)] = random.below(256);
    writeFileSync(file, bytes);
    // What is opened is never the path of a model with weights elsewhere: w.bin is not there.
    const found = await openOnnxFile(file).catch((error: unknown) => error);
    if (found instanceof Error) {
      expect(found).toMatchObject({ code: 'bad-model-file' });
      outcomes.refused++;
    } else {
      expect(found).toMatchObject({ model: expect.any(Uint8Array) });
      outcomes.opened++;
    }
  }
  expect(outcomes.refused).toBeGreaterThan(200);
});

describe('a dataset judged by it', () => {
  let workspace: string;
  beforeAll(async () => {
    workspace = join(root, 'workspace');
    mkdirSync(workspace);
    await writeTinyWorkspace(workspace);
  });
  /** Of each class the mean of its colour: blue, then red. */
  const weights = Float32Array.from({ length: 3 * 8 * 8 * 2 }, (_, i) => {
    const [colour, k] = [Math.floor(i / 2 / 64), i % 2];
    return colour === (k === 0 ? 2 : 0) ? 1 / 16 : 0;
  });
  const evaluate = async (options: LinearOptions, request: Partial<ModelRequest> = {}) => {
    const model = join(root, 'colours.onnx');
    writeFileSync(model, linearModel('NCHW', weights, 2, { shape: [3, 8, 8], ...options }));
    const told: string[] = [];
    const onTold = (lines: readonly string[]) => void told.push(...lines);
    const done = await evaluateModel({
      ...{
        workspace,
        model,
        dataset: 'colours',
        device: 'cpu',
        input: { mean: [0], std: [1] },
        onTold,
        onEvent: () => undefined,
      },
      ...request,
    });
    const report = await (await openRun(workspace, done.run)).readReport();
    return { told: told.join('\n'), head: report.heads.colours!, ...done };
  };

  it('in the order of its own classes, else of the dataset’s with a warning', async () => {
    const named = await evaluate({ metadata: { classes: JSON.stringify(tinyLabels) } });
    expect(named.head).toMatchObject({
      samples: 4,
      missing: 0,
      top1: 1,
      protocol: '1 centre crop, 8 × 8',
      unavailable: [],
    });
    expect(named.told).toContain('Its output is taken for logits.');
    expect(named.told).not.toContain('Warning');
    const assumed = await evaluate({}, { keep: 'top' });
    expect([assumed.head.top1, assumed.head.precisionRecall]).toEqual([1, null]);
    expect(assumed.told).toMatch(/Warning: nothing names the classes/);
    const other = await evaluate({ metadata: { classes: JSON.stringify([...tinyLabels].reverse()) } });
    expect(other.head.top1).toBe(0);
  });

  it('samples of a class that it does not have are missing, and told', async () => {
    const { head, told } = await evaluate({ metadata: { classes: JSON.stringify(['violet', 'red']) } });
    expect([head.samples, head.missing, head.top1]).toEqual([2, 2, 1]);
    expect(told).toContain('2 samples of classes that the model does not have');
  });

  it.each<[LinearOptions, Partial<ModelRequest>, string, RegExp]>([
    [{ metadata: { classes: '["a","b"]' } }, {}, 'bad-classes', /None of the classes of colours/],
    [{ metadata: { classes: '["a","b","c"]' } }, {}, 'bad-classes', /2 scores a sample, but there are 3/],
    [{}, { output: 'other' }, 'model-output', /one of scores/],
    [{}, { against: 'nothing-1' }, 'no-run', /no run/],
  ])('or refused in a sentence: %j', async (options, request, code, message) => {
    await expect(evaluate(options, request)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
