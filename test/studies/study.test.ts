// A study as a program meets it: dist/cli.js as a process on a workspace whose runs take a second; killed and resumed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import { studySchema } from '../../src/config/experiment.ts';
import { openStudy, planStudy } from '../../src/studies/openStudy.ts';
import { armKey } from '../../src/studies/plan.ts';
import type { ComparedTable } from '../../src/studies/statistics.ts';
import { writeTinyWorkspace } from '../cli/tinyWorkspace.ts';

const root = mkdtempSync(join(tmpdir(), 'cover-study-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function workspace(name: string, epochs: number): Promise<string> {
  const folder = join(root, name);
  await writeTinyWorkspace(folder, epochs);
  const file = join(folder, 'cover.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.datasets.other = { ...config.datasets.colours };
  config.experiments.quick.imagePretraining = { epochs: 1, batchSize: 4 };
  config.studies = {
    both: { compare: ['coTraining', 'transfer'], seeds: [1, 2], fineTuning: { samples: 10, batchSize: 4 } },
  };
  writeFileSync(file, JSON.stringify(config));
  return folder;
}

const args = (folder: string, ...more: string[]) => [
  distFile('cli.js'),
  'study',
  ...more,
  '--workspace',
  folder,
  '--device',
  'cpu',
];
const tables = (folder: string): ComparedTable[] =>
  JSON.parse(readFileSync(join(folder, '.cover', 'studies', 'both', 'report.json'), 'utf8')).tables;

test('a mistake in its fine-tuning is found before it is begun, and mended then', async () => {
  const folder = await workspace('mistaken', 1);
  const file = join(folder, 'cover.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.studies.both.fineTuning = { samples: 10, batchSize: 6, accumulate: 4 };
  writeFileSync(file, JSON.stringify(config));
  const given = studySchema.parse(config.studies.both);
  for (const choice of [{ name: 'both' }, { study: given }]) {
    for (const ask of [planStudy, openStudy])
      await expect(ask({ workspace: folder, ...choice })).rejects.toThrow('6 samples cannot be computed in 4 equal');
  }
  expect(existsSync(join(folder, '.cover', 'studies'))).toBe(false);
  config.studies.both.fineTuning.accumulate = 2;
  writeFileSync(file, JSON.stringify(config));
  expect((await openStudy({ workspace: folder, name: 'both' })).stored.study.fineTuning).toMatchObject({
    accumulate: 2,
  });
});

test('a mistake in its fine-tuning can be mended until one of its runs fine-tunes, however far it is', async () => {
  const folder = await workspace('locked', 1);
  const file = join(folder, 'cover.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  const begun = await openStudy({ workspace: folder, name: 'both' });
  await begun.note(armKey.alone('colours', 1), { run: 'both-2-1' });
  // As a version froze it that did not look at the fine-tuning.
  const frozen = { ...begun.stored.study, fineTuning: { ...begun.stored.study.fineTuning, accumulate: 3 } };
  const study = join(begun.folder, 'study.json');
  writeFileSync(study, JSON.stringify({ ...begun.stored, study: frozen }));
  const given = (accumulate: number) => {
    config.studies.both.fineTuning = { samples: 20, batchSize: 4, accumulate };
    writeFileSync(file, JSON.stringify(config));
  };
  for (const ask of [planStudy, openStudy]) {
    given(3);
    await expect(ask({ workspace: folder, name: 'both' })).rejects.toThrow('4 samples cannot be computed in 3 equal');
    given(2);
    await expect(ask({ workspace: folder, name: 'both' })).resolves.toBeDefined();
  }
  const mended = await openStudy({ workspace: folder, name: 'both' });
  await mended.note(armKey.fineTuned('colours', null, 1), { run: 'both-3-1' });
  expect(JSON.parse(readFileSync(study, 'utf8')).study.fineTuning).toMatchObject({ samples: 20, accumulate: 2 });
  given(4);
  await expect(openStudy({ workspace: folder, name: 'both' })).rejects.toThrow('was begun with other settings');
});

describe('a study', () => {
  let folder: string;
  let printed: string;
  beforeAll(async () => {
    folder = await workspace('whole', 2);
    const { status, stdout, stderr } = spawnSync(process.execPath, args(folder), { encoding: 'utf8' });
    expect({ status }, stderr).toEqual({ status: 0 });
    printed = stdout;
  }, 120_000);

  test('gives both arms of a dataset the same samples, and says so', () => {
    const [coTraining] = tables(folder);
    for (const { dataset, seen, steps } of coTraining!.rows) {
      expect(seen.alone, dataset).toEqual(seen['co-trained']);
      expect(seen.alone!.every((samples) => samples > 0)).toBe(true);
      expect(steps.alone).toEqual(seen.alone!.map((samples) => Math.ceil(samples / 4)));
    }
    expect(printed).toMatch(/\| colours \|.*\| 4 \| 0 \| [\d–]+ each \|/);
  });

  test('differs seed by seed, the mean being that of the rows', () => {
    for (const { arms, rows, mean } of tables(folder)) {
      for (const { arms: values, differences } of rows) {
        for (const arm of arms.slice(1).filter((arm) => values[arm]))
          for (const seed of [0, 1])
            expect(differences[arm]!.values[seed]).toBeCloseTo(
              values[arms[0]!]!.values[seed]! - values[arm]!.values[seed]!,
              12,
            );
      }
      const first = rows.map(({ arms: values }) => values[arms[0]!]!.mean);
      expect(mean.arms[arms[0]!]!.mean).toBeCloseTo(first.reduce((a, b) => a + b, 0) / first.length, 12);
    }
  });

  test('transfers from each source, never from the target itself, with the same fine-tuning', () => {
    const transfer = tables(folder)[1]!;
    expect(transfer.arms).toEqual(['co-trained', 'scratch', 'colours alone', 'other alone']);
    const [colours] = transfer.rows;
    expect(colours!.arms['colours alone']).toBeNull();
    expect(colours!.arms['other alone']).not.toBeNull();
    expect(Object.values(colours!.seen).flat()).toEqual(Array(6).fill(10));
    const runs = JSON.parse(readFileSync(join(folder, '.cover', 'studies', 'both', 'study.json'), 'utf8')).runs;
    const { run } = runs['colours after other alone, seed 2'];
    const source = runs['other alone, seed 2'].run;
    const frozen = JSON.parse(readFileSync(join(folder, '.cover', 'runs', run, 'experiment.json'), 'utf8'));
    expect(frozen).toMatchObject({ seed: 2, weights: { source: `run:${source}` } });
    expect(frozen.datasets.map(({ name }: { name: string }) => name)).toEqual(['colours']);
  });

  test('asked for again trains nothing; with other settings it is refused', () => {
    const before = readdirSync(join(folder, '.cover', 'runs'));
    const again = spawnSync(process.execPath, args(folder, 'both'), { encoding: 'utf8' });
    expect({ status: again.status, stdout: again.stdout }, again.stderr).toEqual({ status: 0, stdout: printed });
    expect(readdirSync(join(folder, '.cover', 'runs'))).toEqual(before);
    const other = spawnSync(process.execPath, args(folder, 'both', '--compare', 'images'), { encoding: 'utf8' });
    expect(other.status).toBe(1);
    expect(other.stderr).toContain('was begun with other settings');
  });

  test.each([
    [['nothing'], /cover\.json has no study "nothing".*cover study --compare coTraining/s],
    [['new', '--compare', 'images'], /has only images/],
    [['new', '--compare', 'image'], /Expected coTraining, transfer, images/],
    [['../new', '--compare', 'coTraining'], /cannot be the name of a study/],
    [['both', '--seeds', '1'], /says its seeds and its experiment itself/],
  ])('%j is refused', (asked, sentence) => {
    const { status, stderr } = spawnSync(process.execPath, args(folder, ...asked), { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(sentence);
    expect(existsSync(join(folder, '.cover', 'studies', 'new'))).toBe(false);
  });

  test('is run by one process at a time; one that was killed is followed', { timeout: 120_000 }, async () => {
    const twice = await workspace('twice', 50);
    const owner = join(twice, '.cover', 'studies', 'both', 'owner.json');
    const first = spawn(process.execPath, args(twice), { stdio: 'ignore' });
    const gone = new Promise((done) => first.once('exit', done));
    try {
      await expect.poll(() => existsSync(owner), { timeout: 30_000 }).toBe(true);
      const second = spawnSync(process.execPath, args(twice), { encoding: 'utf8' });
      expect(second.status).toBe(1);
      expect(second.stderr).toContain(`The study "both" is being run by process ${first.pid}`);
    } finally {
      first.kill('SIGKILL');
      await gone;
    }
    expect(existsSync(owner)).toBe(true);
    const third = spawn(process.execPath, args(twice), { stdio: ['ignore', 'ignore', 'pipe'] });
    const stopped = new Promise((done) => third.once('close', done));
    let said = '';
    third.stderr.on('data', (text) => {
      said += String(text);
    });
    await expect.poll(() => JSON.parse(readFileSync(owner, 'utf8')).pid, { timeout: 30_000 }).toBe(third.pid);
    third.kill('SIGINT');
    expect({ code: await stopped }, said).toEqual({ code: 130 });
    expect(said).toContain('What was trained so far is kept; the same command goes on with the study.');
    expect(said).not.toContain('Error');
    expect(existsSync(owner)).toBe(false);
  });

  test('killed at any moment ends with the same tables', { timeout: 240_000 }, async () => {
    const killed = await workspace('killed', 2);
    let kills = 0;
    for (let i = 0; ; i++) {
      const child = spawn(process.execPath, args(killed), { stdio: 'ignore' });
      const timer = setTimeout(() => child.kill('SIGKILL'), 2500 + 1700 * i);
      const code = await new Promise((done) => child.once('exit', done));
      clearTimeout(timer);
      if (code === 0) break;
      kills++;
    }
    expect(kills).toBeGreaterThan(0);
    expect(tables(killed)).toEqual(tables(folder));
  });
});
