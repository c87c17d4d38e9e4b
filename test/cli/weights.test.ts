// Weights in and out as a program meets them: dist/cli.js as a process, on a workspace that trains in seconds.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import { Random } from '../../src/base/random.ts';
import { resolvedExperimentSchema } from '../../src/config/resolved.ts';
import { type ModelSpec, modelSpecOf } from '../../src/model/modelSpec.ts';
import { type ParameterLayout, parameterLayout } from '../../src/model/parameters.ts';
import { tensorsIn } from '../../src/model/saveWeights.ts';
import { vitHuggingFace } from '../../src/weights/layouts/vitHuggingFace.ts';
import { readSafetensors, writeSafetensors } from '../../src/weights/safetensors.ts';
import { tinyLabels, writeTinyWorkspace } from './tinyWorkspace.ts';

type Event = Record<string, unknown> & { event: string };

// Of tinyWorkspace's experiment, but for images of 32 pixels.
const image: ModelSpec = {
  imageSize: 32,
  patchSize: 8,
  hiddenSize: 16,
  depth: 1,
  attentionHeads: 2,
  mlpRatio: 4,
  frames: 2,
  layerNormEpsilon: 1e-12,
  imageTemporal: 'keep',
  heads: [],
};
const imageLayout = parameterLayout(image);
const random = new Random(8);
const flat = Float32Array.from({ length: imageLayout.size }, () => 0.1 * random.normal());

let root: string;
let workspace: string;
let vit: string;
let run: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'cover-weights-'));
  workspace = join(root, 'workspace');
  mkdirSync(workspace);
  await writeTinyWorkspace(workspace);
  vit = join(workspace, 'vit');
  mkdirSync(vit);
  await writeSafetensors(join(vit, 'model.safetensors'), tensorsIn(vitHuggingFace, imageLayout, flat));
  const write = (file: string, value: unknown) => writeFileSync(join(vit, file), JSON.stringify(value));
  write('config.json', { model_type: 'vit', num_attention_heads: 2, layer_norm_eps: 1e-5 });
  write('preprocessor_config.json', { image_mean: [0.4, 0.5, 0.6], image_std: [0.2, 0.3, 0.4] });
  run = join(workspace, '.cover', 'runs', 'quick-1');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function cover(...args: string[]): { code: number | null; stdout: string; stderr: string; events: Event[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [distFile('cli.js'), ...args], { encoding: 'utf8' });
  const lines = args.includes('--json') ? stdout.split('\n').filter(Boolean) : [];
  return { code: status, stdout, stderr, events: lines.map((line) => JSON.parse(line) as Event) };
}

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;

test('cover weights tells what a folder holds', () => {
  const { code, stdout } = cover('weights', vit);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^layout +ViT \(Hugging Face names\), every name after "vit\."$/m);
  expect(stdout).toMatch(/^patches +8 × 8 pixels, 4 × 4 of an image of 32$/m);
  expect(stdout).toMatch(/^layer norm eps +0\.00001 \(config\.json\)$/m);
  const [event] = cover('weights', vit, '--json').events;
  expect(event).toMatchObject({
    event: 'source',
    hiddenSize: 16,
    depth: 1,
    frames: null,
    attentionHeads: 2,
    tensors: 22,
  });
});

describe('a run that starts from weights', () => {
  let trained: ReturnType<typeof cover>;
  beforeAll(() => {
    trained = cover('train', '--workspace', workspace, '--weights', vit, '--json');
  });

  test('tells what was loaded, and keeps it in its folder', () => {
    expect({ code: trained.code, stderr: trained.stderr }).toEqual({ code: 0, stderr: '' });
    const event = trained.events.find(({ event }) => event === 'weights');
    expect(event).toMatchObject({ source: vit, layout: 'ViT (Hugging Face names)', resized: 1, leftOver: 0 });
    expect(json(join(run, 'weights.json'))).toMatchObject({
      resized: [{ name: 'pos_embed', from: '4 × 4', to: '2 × 2', how: 'bicubic' }],
      loaded: expect.arrayContaining(['blocks.0.attn.qkv.weight']),
    });
  });

  test('has their normalisation and layer norm', () => {
    const { model, weights } = json(join(run, 'experiment.json'));
    expect(model).toMatchObject({ layerNormEpsilon: 1e-5, mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] });
    expect(weights).toEqual({ source: vit, temporalFromSpatial: false, timeResize: 'nearest' });
  });

  describe('is exported', () => {
    test.each(['safetensors', 'onnx', 'onnx-fp16', 'timesformer'])('as %s', (format) => {
      const out = join(root, `out-${format}`);
      const { code, stdout, stderr } = cover('export', '--workspace', workspace, '--format', format, '--out', out);
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: `${out}\n` });
      expect(readFileSync(out).length).toBeGreaterThan(1000);
    });

    test('as safetensors with what it is', () => {
      const { metadata, tensors } = readSafetensors(join(root, 'out-safetensors'));
      expect(JSON.parse(metadata.classes!)).toEqual({ colours: tinyLabels });
      expect(metadata).toMatchObject({ experiment_name: 'quick', run: 'quick-1', frames: '2', size: '16' });
      expect(tensors.get('heads.colours.weight')?.shape).toEqual([2, 16]);
    });

    test('for Hugging Face, below the run’s folder by default', () => {
      const { code, events } = cover(
        'export',
        'quick-1',
        '--workspace',
        workspace,
        '--format',
        'huggingface',
        '--json',
      );
      const path = join(run, 'exports', 'quick-1-colours-huggingface');
      expect([code, events[0]?.path]).toEqual([0, path]);
      expect(json(join(path, 'config.json'))).toMatchObject({ model_type: 'timesformer', layer_norm_eps: 1e-5 });
      expect(json(join(path, 'preprocessor_config.json'))).toMatchObject({ image_mean: [0.4, 0.5, 0.6] });
    });
  });

  test('and then another from what it gave, the head included', () => {
    const weights = join(root, 'out-safetensors');
    const { code, events, stderr } = cover(
      'train',
      '--workspace',
      workspace,
      '--weights',
      weights,
      '--epochs',
      '1',
      '--json',
    );
    expect(code, stderr).toBe(0);
    expect(events.find(({ event }) => event === 'weights')).toMatchObject({ resized: 0, initialised: 0, leftOver: 0 });
  });
});

describe('a run that crashed', () => {
  const weightsOf = (file: string) => readSafetensors(file).tensors.get('blocks.0.attn.qkv.weight')!.data;
  let crashed: string;
  beforeAll(() => {
    crashed = join(workspace, '.cover', 'runs', 'crashed-1');
    cpSync(run, crashed, { recursive: true });
    rmSync(join(crashed, 'model.onnx'));
    rmSync(join(crashed, 'exports'), { recursive: true });
    writeFileSync(
      join(crashed, 'state.json'),
      JSON.stringify({ ...json(join(run, 'state.json')), state: 'failed', error: 'x' }),
    );
  });
  const checkpoints = () => cover('export', 'crashed-1', '--workspace', workspace, '--format', 'safetensors', '--json');

  test.each(['safetensors', 'onnx', 'onnx-fp16', 'timesformer', 'huggingface'])('is exported as %s', (format) => {
    const { code, stderr } = cover('export', 'crashed-1', '--workspace', workspace, '--format', format);
    expect(code, stderr).toBe(0);
  });

  test('is exported from the checkpoint before, where the last is damaged; and told where there is none', () => {
    const newest = checkpoints().events[0]!.checkpoint as string;
    const before = weightsOf(newest);
    truncateSync(newest, 2000);
    const { checkpoint, path } = checkpoints().events[0]! as unknown as { checkpoint: string; path: string };
    expect(checkpoint < newest).toBe(true);
    expect(weightsOf(path)).toEqual(weightsOf(checkpoint));
    expect(weightsOf(path)).not.toEqual(before);
    rmSync(join(crashed, 'checkpoints'), { recursive: true });
    const none = cover('export', 'crashed-1', '--workspace', workspace, '--format', 'onnx');
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('has no weights to export')]);
  });
});

test('a run killed before its first checkpoint starts from the same weights again', () => {
  const killed = join(workspace, '.cover', 'runs', 'killed-1');
  cpSync(run, killed, { recursive: true });
  for (const part of ['checkpoints', 'model.onnx', 'metrics.jsonl', 'exports', 'weights.json', 'report.json'])
    rmSync(join(killed, part), { recursive: true, force: true });
  mkdirSync(join(killed, 'checkpoints'));
  const state = { ...json(join(run, 'state.json')), state: 'interrupted', step: 0 };
  writeFileSync(join(killed, 'state.json'), JSON.stringify(state));
  const { code, stderr } = cover('train', '--workspace', workspace, '--resume', 'killed-1', '--json');
  expect(code, stderr).toBe(0);
  const checkpoints = readdirSync(join(run, 'checkpoints'));
  expect(readdirSync(join(killed, 'checkpoints'))).toEqual(checkpoints);
  for (const name of ['weights.json', ...checkpoints.map((each) => join('checkpoints', each))])
    expect(readFileSync(join(killed, name)).equals(readFileSync(join(run, name))), name).toBe(true);
});

describe('is refused in one sentence', () => {
  test.each([
    ['weights of another size', ['train', '--weights', 'WIDE'], /hidden size 8, .*hidden size 16/],
    ['a pickle', ['weights', 'PICKLE'], /is a pickle.*python -c "import sys, torch/],
    ['nothing there', ['train', '--weights', 'nowhere.safetensors'], /There are no weights at .*nowhere\.safetensors/],
    [
      'a head that is not there',
      ['export', 'quick-1', '--format', 'onnx', '--head', 'x'],
      /has no head "x"; it has colours/,
    ],
  ])('%s', async (_, args, message) => {
    const [wide, pickle] = [join(root, 'wide.safetensors'), join(root, 'model.pth')];
    const spec = { ...image, hiddenSize: 8 };
    const layout: ParameterLayout = parameterLayout(spec);
    await writeSafetensors(wide, tensorsIn(vitHuggingFace, layout, new Float32Array(layout.size)));
    writeFileSync(pickle, Buffer.from([0x80, 2, 0x7d]));
    const real = args.map((arg) => arg.replace('WIDE', wide).replace('PICKLE', pickle));
    const { code, stderr } = cover(...real, '--workspace', workspace);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('an unknown format is a wrong use', () => {
    expect(cover('export', '--format', 'pickle', '--workspace', workspace)).toMatchObject({ code: 2 });
  });
});

test('the frozen experiment of the run describes the exported model', () => {
  const experiment = resolvedExperimentSchema.parse(json(join(run, 'experiment.json')));
  const { tensors } = readSafetensors(join(root, 'out-safetensors'));
  const { parameters } = parameterLayout(modelSpecOf(experiment));
  expect(new Set(tensors.keys())).toEqual(new Set(parameters.map(({ name }) => name)));
});
