// "leaks": "drop": a run is made without the training samples that are also held out, and says how many there were; and what is
// told where nothing is held out.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadWorkspace } from '../../src/config/workspace.ts';
import { compareWorkspace } from '../../src/curation/compareWorkspace.ts';
import { startRun } from '../../src/training/startRun.ts';
import { tinyLabels, writeTinyWorkspace } from '../cli/tinyWorkspace.ts';

let workspace: string;
beforeEach(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'cover-leaks-'));
  await writeTinyWorkspace(workspace);
  const [blue, red] = tinyLabels;
  copyFileSync(join(workspace, 'colours/train', blue!, '0.png'), join(workspace, 'colours/val', blue!, 'again.png'));
  copyFileSync(join(workspace, 'colours/train', red!, '3.png'), join(workspace, 'colours/val', red!, 'again.png'));
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

function choose(leaks: 'keep' | 'drop'): void {
  const file = join(workspace, 'cover.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.experiments.quick.leaks = leaks;
  writeFileSync(file, JSON.stringify(config));
}

const start = () => startRun({ workspace, choice: { device: 'cpu' }, onEvent: () => {} });

it('drop: compared first, left out, counted in the frozen experiment', async () => {
  choose('drop');
  const { folder, datasets, experiment, problems } = await start();
  // In a tiny workspace the first two held-out pictures of a class are copies as well: val/0 of train/0, val/1 of train/1.
  const dropped = experiment.datasets[0]!.leaksDropped!;
  expect(dropped).toEqual({ bytes: 5, video: 0, look: 0 });
  expect(experiment.datasets[0]!.trainSamples).toBe(12 - 5);
  expect(datasets[0]!.train).toHaveLength(7);
  const frozen = JSON.parse(readFileSync(folder.file('experiment.json'), 'utf8'));
  expect(frozen).toMatchObject({ leaks: 'drop', datasets: [{ leaksDropped: dropped, trainSamples: 7 }] });
  const kept = await folder.readSamples();
  expect(kept.filter(({ split }) => split === 'train')).toHaveLength(7);
  expect(problems.filter(({ message }) => message.includes('left out of training'))).toHaveLength(1);
  await folder.setState({ state: 'cancelled' });
});

it('keep: nothing is left out, and known leaks are warned of', async () => {
  choose('keep');
  const before = await start();
  expect(before.problems).toEqual([]);
  expect(before.experiment.datasets[0]).toMatchObject({ trainSamples: 12 });
  expect(before.experiment.datasets[0]).not.toHaveProperty('leaksDropped');
  await before.folder.setState({ state: 'cancelled' });
  const { config } = await loadWorkspace(workspace);
  await compareWorkspace(workspace, config!, { onEvent: () => {} });
  const after = await start();
  expect(after.problems).toMatchObject([{ severity: 'warning', dataset: 'colours' }]);
  expect(after.problems[0]!.message).toContain('Also held out: 5 training samples of "colours"');
  expect(after.datasets[0]!.train).toHaveLength(12);
  await after.folder.setState({ state: 'cancelled' });
});

it('a dataset that holds nothing out is told before it is trained on', async () => {
  const file = join(workspace, 'cover.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.datasets.colours.holdOut = 0;
  writeFileSync(file, JSON.stringify(config));
  rmSync(join(workspace, 'colours/val'), { recursive: true });
  const { folder, problems } = await start();
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^Nothing of the dataset "colours" is held out, so its head is not judged\./),
  ]);
  await folder.setState({ state: 'cancelled' });
});
