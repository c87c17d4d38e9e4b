// Stages, shares and lengths as a program meets them: dist/cli.js as a process, on a workspace that trains in seconds.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import { readSafetensors } from '../../src/weights/safetensors.ts';
import { writeTinyWorkspace } from './tinyWorkspace.ts';

type Event = Record<string, unknown> & { event: string };

let workspace: string;
beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'cover-stages-'));
  await writeTinyWorkspace(workspace);
  const file = join(workspace, 'cover.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  const { quick } = config.experiments;
  const off = { imagePretraining: false, coTraining: false };
  const probe = { train: 'heads', samples: 30, batchSize: 4 };
  const some = { steps: 8, batchSize: 4, averageDecay: 0.9, optimizer: { learningRate: 0.01 } };
  config.datasets.same = { ...config.datasets.colours };
  config.experiments = {
    quick: { ...quick, datasets: ['colours'] },
    probe: {
      ...quick,
      ...off,
      datasets: ['colours'],
      model: { ...quick.model, weights: 'run:quick-1' },
      fineTuning: probe,
    },
    both: {
      ...quick,
      imagePretraining: false,
      datasetSampling: { weights: { colours: 1, same: 3 } },
      lossWeights: { same: 0.5 },
      coTraining: { steps: 40, batchSize: 8 },
    },
    part: {
      ...quick,
      ...off,
      model: { ...quick.model, weights: 'run:both-1' },
      fineTuning: { ...some, datasets: ['colours'] },
    },
    share: {
      ...quick,
      ...off,
      model: { ...quick.model, weights: 'run:both-1' },
      datasetSampling: { weights: { colours: 1 } },
      fineTuning: some,
    },
  };
  writeFileSync(file, JSON.stringify(config));
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

function train(experiment: string): Event[] {
  const args = ['train', '--experiment', experiment, '--workspace', workspace, '--device', 'cpu', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [distFile('cli.js'), ...args], { encoding: 'utf8' });
  expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
}

const last = (events: Event[], name: string) => events.findLast(({ event }) => event === name)!;

function weights(run: string): Map<string, number[]> {
  const folder = join(workspace, '.cover', 'runs', run, 'checkpoints');
  const file = readdirSync(folder)
    .filter((name) => name.endsWith('.safetensors'))
    .sort()
    .at(-1)!;
  const { tensors } = readSafetensors(join(folder, file));
  return new Map([...tensors].map(([name, { data }]) => [name, Array.from(data as Float32Array)]));
}

test('a linear probe of another run trains its heads alone, on so many samples', () => {
  train('quick');
  const events = train('probe');
  expect(last(events, 'weights')).toMatchObject({ source: 'run:quick-1', resized: 0, initialised: 0, leftOver: 0 });
  expect(last(events, 'started').stages).toMatchObject([{ name: 'fineTuning', steps: 8, epochs: 3, batchSize: 4 }]);
  expect(last(events, 'step')).toMatchObject({ step: 8, steps: 8, drawn: { colours: 30 } });
  expect(last(events, 'epoch')).toMatchObject({ stage: 'fineTuning', step: 8, epoch: 3 });
  const [before, after] = [weights('quick-1'), weights('probe-1')];
  const body = [...before.keys()].filter((name) => /^(blocks|norm|patch_embed|pos_embed|cls_token)/.test(name));
  expect(body.length).toBeGreaterThan(10);
  for (const name of body) expect(after.get(name), name).toEqual(before.get(name));
  expect(after.get('heads.colours.weight')).not.toEqual(before.get('heads.colours.weight'));
});

test('datasets are drawn by their shares; a weighted loss is told as what it is', () => {
  const events = train('both');
  expect(last(events, 'started').stages).toMatchObject([{ shares: { colours: 0.25, same: 0.75 }, steps: 40 }]);
  const { drawn } = last(events, 'step') as unknown as { drawn: Record<string, number> };
  expect(drawn.colours! + drawn.same!).toBe(320);
  expect(drawn.same! / 320).toBeGreaterThan(0.65);
  expect(drawn.same! / 320).toBeLessThan(0.85);
  // Two classes, hardly trained: the cross entropy is near ln 2 for both, whatever the weight of the loss.
  const { heads } = events.find(({ event }) => event === 'step') as unknown as { heads: Record<string, number> };
  for (const loss of Object.values(heads)) expect(Math.abs(loss - Math.LN2)).toBeLessThan(0.2);
});

test.each(['part', 'share'])('a head of whose dataset a stage draws nothing stays as it was: %s', (experiment) => {
  expect(last(train(experiment), 'step')).toMatchObject({ drawn: { colours: 32 } });
  const [before, after] = [weights('both-1'), weights(`${experiment}-1`)];
  for (const part of ['weight', 'bias']) {
    expect(after.get(`average.heads.same.${part}`)).toEqual(before.get(`heads.same.${part}`));
    expect(after.get(`heads.same.${part}`)).toEqual(before.get(`heads.same.${part}`));
    expect(after.get(`heads.colours.${part}`)).not.toEqual(before.get(`heads.colours.${part}`));
  }
});
