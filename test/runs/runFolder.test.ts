import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JobEvent } from '../../src/protocol/events.ts';
import { listRuns, newestRun } from '../../src/runs/listRuns.ts';
import type { Report } from '../../src/runs/report.ts';
import { createRun, openRun, runsFolder } from '../../src/runs/runFolder.ts';
import { readSafetensors } from '../../src/weights/safetensors.ts';

let root: string;
let workspace: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cover-runs-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  workspace = join(root, `workspace ${++count}`);
});

const started: JobEvent = {
  event: 'started',
  run: 'quick-1',
  device: 'cpu',
  parameters: 10,
  heads: { moves: ['left', 'right'] },
  stages: [
    { name: 'imagePretraining', steps: 4, epochs: 1 },
    { name: 'coTraining', steps: 6, epochs: 2 },
  ],
};
const step = (number: number): JobEvent => ({
  event: 'step',
  stage: 'coTraining',
  step: number,
  steps: 10,
  epoch: 0.5,
  loss: 1.25,
  heads: { moves: 1.25 },
  learningRate: 1e-3,
  clipsPerSecond: 10,
  waiting: 0,
  eta: null,
  drawn: { moves: 8 },
});
const result = { top1: 0.5, top5: null, samples: 4, missing: 1, classes: 2 };
const report: Report = {
  protocol: '1 clip × 1 crop, 8 frames uniform',
  heads: {
    moves: {
      run: 'quick-1',
      head: 'moves',
      dataset: 'moves',
      split: 'val',
      protocol: '1 clip × 1 crop, 8 frames uniform',
      classes: ['left', 'right, "sharp"'],
      samples: 4,
      missing: 1,
      top1: 0.5,
      top1Interval: [0, 1],
      top5: null,
      meanClass: 0.5,
      confusion: [1, 1, 1, 1],
      perClass: [{ label: 'left', support: 2, precision: null, recall: 0.5, f1: 0 }],
    },
  },
};

describe('making and finding runs', () => {
  it('counts on from the highest number of the experiment', async () => {
    mkdirSync(join(runsFolder(workspace), 'quick-7'), { recursive: true });
    mkdirSync(join(runsFolder(workspace), 'quick-x'));
    mkdirSync(join(runsFolder(workspace), 'quick-two-9'));
    expect((await createRun(workspace, 'quick', {})).id).toBe('quick-8');
    expect((await createRun(workspace, 'quick-two', {})).id).toBe('quick-two-10');
  });

  it('gives every one of many at once a folder of its own', async () => {
    const runs = await Promise.all(Array.from({ length: 12 }, () => createRun(workspace, 'quick', {})));
    expect(new Set(runs.map((run) => run.id)).size).toBe(12);
  });

  it('keeps the experiment and opens by id and by folder', async () => {
    const run = await createRun(workspace, 'quick', { seed: 1, name: 'a "b"' });
    const schema = z.object({ seed: z.number(), name: z.string() });
    for (const name of [run.id, run.folder]) {
      expect(await (await openRun(workspace, name)).readExperiment(schema)).toEqual({ seed: 1, name: 'a "b"' });
    }
    await expect(run.readExperiment(z.object({ seed: z.string() }))).rejects.toMatchObject({ code: 'run-damaged' });
  });

  it.each(['quick-9', '', '.', '..', '../..', '/nowhere', 'a/b'])('"%s" is no run', async (name) => {
    await createRun(workspace, 'quick', {});
    await expect(openRun(workspace, name)).rejects.toMatchObject({ code: 'no-run' });
  });

  it('lists the newest first, passes over what is no run, and finds the newest that is done', async () => {
    expect(await listRuns(workspace)).toEqual([]);
    await expect(newestRun(workspace)).rejects.toMatchObject({ code: 'no-run' });
    const days = ['2026-01-03', '2026-01-01', '2026-01-02'];
    for (const [index, day] of days.entries()) {
      const run = await createRun(workspace, 'quick', {});
      await run.setState({ started: `${day}T00:00:00.000Z`, state: index === 0 ? 'failed' : 'done' });
    }
    mkdirSync(join(runsFolder(workspace), 'notes'));
    writeFileSync(join(runsFolder(workspace), 'file'), '');
    expect((await listRuns(workspace)).map(({ run, state }) => [run, state])).toEqual([
      ['quick-1', 'failed'],
      ['quick-3', 'done'],
      ['quick-2', 'done'],
    ]);
    expect((await newestRun(workspace)).id).toBe('quick-3');
  });
});

describe('state', () => {
  it('is told by the events', async () => {
    const run = await createRun(workspace, 'quick', {});
    run.append(started);
    run.append(step(3));
    expect(run.summary()).toMatchObject({ state: 'running', device: 'cpu', step: 3, steps: 10 });
    run.append({ event: 'done', run: run.folder, heads: { moves: result }, protocol: 'p', seconds: 1 });
    await run.setState({ state: 'done' });
    expect((await openRun(workspace, run.id)).summary()).toEqual({
      run: 'quick-1',
      folder: run.folder,
      experiment: 'quick',
      state: 'done',
      error: null,
      started: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      step: 3,
      steps: 10,
      device: 'cpu',
      heads: { moves: result },
      protocol: 'p',
    });
  });

  const dead = spawnSync(process.execPath, ['-e', '0']).pid;
  it.each([
    ['a living process', {}, 0, 'running'],
    ['a dead process', { pid: dead }, 0, 'interrupted'],
    ['a living process that was silent for an hour', {}, 3600, 'interrupted'],
    ['a process of another computer', { pid: dead, host: `not-${hostname()}` }, 0, 'running'],
    ['a silent one of another computer', { pid: dead, host: `not-${hostname()}` }, 3600, 'interrupted'],
    ['a dead process that had finished', { pid: dead, state: 'done' as const }, 3600, 'done'],
  ])('of %s', async (_, change, silentSeconds, state) => {
    const run = await createRun(workspace, 'quick', {});
    await run.setState(change);
    const time = Date.now() / 1000 - silentSeconds;
    utimesSync(run.file('state.json'), time, time);
    expect((await openRun(workspace, run.id)).summary().state).toBe(state);
    await run.setState({ state: 'failed' }); // ends the heartbeat
  });

  it.each(['', '{', '[]', '{"state":"resting"}'])(
    'a state.json with %j reads as interrupted, and the run opens',
    async (text) => {
      const run = await createRun(workspace, 'quick', {});
      await run.setState({ state: 'done' });
      writeFileSync(run.file('state.json'), text);
      const [summary] = await listRuns(workspace);
      expect(summary).toMatchObject({
        run: 'quick-1',
        state: 'interrupted',
        error: expect.stringContaining('state.json'),
      });
    },
  );

  it('many changes at once: the last one stands and nothing else is left', async () => {
    const run = await createRun(workspace, 'quick', {});
    await Promise.all(Array.from({ length: 20 }, (_, index) => run.setState({ step: index })));
    await run.setState({ state: 'cancelled' });
    expect(JSON.parse(readFileSync(run.file('state.json'), 'utf8'))).toMatchObject({ step: 19, state: 'cancelled' });
    expect(readdirSync(run.folder).sort()).toEqual(['checkpoints', 'experiment.json', 'state.json']);
  });
});

describe('events', () => {
  it('come back in order; a torn line is passed over and the next starts a new line', async () => {
    const run = await createRun(workspace, 'quick', {});
    expect(await run.events()).toEqual([]);
    run.append(started);
    run.append(step(1));
    appendFileSync(run.file('metrics.jsonl'), '{"event":"step","stage":"coTr');
    expect(await run.events()).toEqual([started, step(1)]);
    const again = await openRun(workspace, run.id);
    again.append(step(2));
    expect(await again.events()).toEqual([started, step(1), step(2)]);
    expect(readFileSync(run.file('metrics.jsonl'), 'utf8').split('\n')).toHaveLength(5);
    await run.setState({ state: 'done' });
  });
});

describe('report, checkpoints and model', () => {
  it('are read as written; the report also tells the state', async () => {
    const run = await createRun(workspace, 'quick', {});
    await expect(run.readReport()).rejects.toMatchObject({ code: 'no-report' });
    await run.writeReport(report);
    await run.setState({ state: 'done' });
    expect(await run.readReport()).toEqual(report);
    expect(await run.readEvaluation('moves')).toEqual(report.heads.moves);
    await expect(run.readEvaluation('toString')).rejects.toMatchObject({ code: 'no-head' });
    expect((await listRuns(workspace))[0]?.heads).toEqual({ moves: result });
    writeFileSync(run.file('report.json'), '{"protocol":"p"}');
    await expect(run.readReport()).rejects.toMatchObject({ code: 'run-damaged', file: run.file('report.json') });

    expect(await run.checkpoints()).toEqual([]);
    const tensors = new Map([['cls_token', { shape: [2], data: Float32Array.of(1, 2) }]]);
    await run.writeCheckpoint('step-000020', tensors, { step: '20' });
    await run.writeCheckpoint('step-000010', tensors, { step: '10' });
    expect(await run.checkpoints()).toEqual(['step-000010', 'step-000020']);
    expect(readSafetensors(run.checkpointFile('step-000020'))).toMatchObject({ metadata: { step: '20' } });
    expect(readFileSync(await run.writeModel(Uint8Array.of(1, 2)))).toEqual(Buffer.from([1, 2]));
  });
});

// Linux has one file that takes nothing.
describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  it('is one clear sentence', async () => {
    const run = await createRun(workspace, 'quick', {});
    run.append(started);
    rmSync(run.file('metrics.jsonl'));
    symlinkSync('/dev/full', run.file('metrics.jsonl'));
    expect(() => run.append(step(1))).toThrow(
      expect.objectContaining({ code: 'run-folder-unwritable', message: expect.stringMatching(/disk is full/) }),
    );
    await run.setState({ state: 'failed' });
  });
});

it('a run folder that was removed is one clear sentence', async () => {
  const run = await createRun(workspace, 'quick', {});
  await run.setState({ state: 'done' });
  rmSync(workspace, { recursive: true });
  await expect(run.writeReport(report)).rejects.toMatchObject({
    code: 'run-folder-unwritable',
    file: run.file('report.json'),
    message: expect.stringContaining('its folder does not exist'),
  });
  await expect(run.writeSamples([])).rejects.toMatchObject({
    code: 'run-folder-unwritable',
    file: run.file('samples.parquet'),
  });
  expect(() => run.append(started)).toThrow(expect.objectContaining({ code: 'run-folder-unwritable' }));
});

it('a workspace whose .cover is a file is one clear sentence', async () => {
  mkdirSync(workspace);
  writeFileSync(join(workspace, '.cover'), '');
  await expect(createRun(workspace, 'quick', {})).rejects.toMatchObject({ code: 'run-folder-unwritable' });
});
