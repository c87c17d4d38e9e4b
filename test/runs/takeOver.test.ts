// Going on with a run that was stopped: who may take it over, what it takes back, and the checkpoints it finds.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobEvent } from '../../src/protocol/events.ts';
import { withFolderClaim } from '../../src/runs/claim.ts';
import { checkpointName, createRun, openRun, type RunFolder, takeOverRun } from '../../src/runs/runFolder.ts';

const dead = spawnSync(process.execPath, ['-e', '0']).pid;
let root: string;
let workspace: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cover-takeover-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  workspace = join(root, `workspace ${++count}`);
});

/** A run whose process is gone. */
async function interrupted(): Promise<RunFolder> {
  const run = await createRun(workspace, 'quick', {});
  await run.setState({ pid: dead, step: 30 });
  return run;
}

describe('taking a run over', () => {
  it('makes it run again, here, and leaves nothing of half-written files', async () => {
    const run = await interrupted();
    await run.setState({ state: 'failed', error: 'No space.' });
    const left = [run.file('.state.json.77.1.tmp'), run.file('checkpoints', '.step-000000003.safetensors.77.2.tmp')];
    for (const file of left) writeFileSync(file, '');
    writeFileSync(run.file('.notes.tmp'), ''); // not ours
    const taken = await takeOverRun(workspace, run.id);
    expect((await openRun(workspace, run.id)).current).toMatchObject({
      state: 'running',
      pid: process.pid,
      host: hostname(),
      error: null,
      step: 30,
    });
    expect(left.map((file) => existsSync(file))).toEqual([false, false]);
    expect(readdirSync(run.folder).sort()).toEqual(['.notes.tmp', 'checkpoints', 'experiment.json', 'state.json']);
    await taken.setState({ state: 'done' });
  });

  it('is refused while it runs, when it is done, and where there is none', async () => {
    const run = await createRun(workspace, 'quick', {});
    await expect(takeOverRun(workspace, run.id)).rejects.toMatchObject({
      code: 'run-running',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await run.setState({ state: 'done' });
    await expect(takeOverRun(workspace, run.folder)).rejects.toMatchObject({ code: 'run-done' });
    await expect(takeOverRun(workspace, 'quick-2')).rejects.toMatchObject({ code: 'no-run' });
    expect(existsSync(run.file('claim'))).toBe(false);
  });

  it('is for one of many at once', async () => {
    const run = await interrupted();
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => takeOverRun(workspace, run.id)));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === 'fulfilled') await attempt.value.setState({ state: 'failed' });
      else expect(attempt.reason).toMatchObject({ code: expect.stringMatching(/^run-(claimed|running)$/) });
    }
  });

  it('a number that this process shares with a killed one says nothing', async () => {
    const run = await interrupted();
    const state = JSON.parse(readFileSync(run.file('state.json'), 'utf8'));
    writeFileSync(run.file('state.json'), JSON.stringify({ ...state, state: 'running', pid: process.pid }));
    expect((await openRun(workspace, run.id)).current.state).toBe('interrupted');
  });
});

describe('a claim', () => {
  it.each([
    ['of a dead process', JSON.stringify({ pid: dead, host: hostname(), time: Date.now() })],
    [
      'of this process before it had this number',
      JSON.stringify({ pid: process.pid, host: hostname(), time: Date.now() }),
    ],
    ['of another computer, long ago', JSON.stringify({ pid: 1, host: 'other', time: Date.now() - 3_600_000 })],
    ['cut short', '{"pid":'],
  ])('%s holds nobody up', async (_, text) => {
    mkdirSync(workspace);
    writeFileSync(join(workspace, 'claim'), text);
    expect(await withFolderClaim(workspace, async () => readdirSync(workspace))).toEqual(['claim']);
    expect(readdirSync(workspace)).toEqual([]);
  });

  it('of a living process does, and says so', async () => {
    mkdirSync(workspace);
    writeFileSync(join(workspace, 'claim'), JSON.stringify({ pid: process.ppid, host: hostname(), time: Date.now() }));
    await expect(withFolderClaim(workspace, async () => 1)).rejects.toMatchObject({ code: 'run-claimed' });
    expect(readdirSync(workspace)).toEqual(['claim']);
  });
});

describe('what a resumed run takes back', () => {
  const started = (resumedAt?: number): JobEvent => ({
    event: 'started',
    run: 'quick-1',
    device: 'cpu',
    parameters: 1,
    stages: [],
    heads: {},
    ...(resumedAt !== undefined && { resumedAt }),
  });
  const step = (number: number): JobEvent => ({
    event: 'step',
    stage: 'coTraining',
    step: number,
    steps: 50,
    epoch: number / 10,
    loss: 1,
    heads: {},
    learningRate: 1,
    clipsPerSecond: 1,
    waiting: 0,
    eta: null,
    drawn: {},
  });
  const result = (top1: number) => ({ moves: { top1, top5: null, samples: 4, missing: 0, classes: 2 } });
  const epoch = (number: number, top1: number): JobEvent => ({
    event: 'epoch',
    stage: 'coTraining',
    epoch: number / 10,
    step: number,
    heads: result(top1),
    checkpoint: '',
  });
  const problem: JobEvent = { event: 'problem', problem: { severity: 'error', file: '/a', message: 'broken' } };
  const progress: JobEvent = { event: 'progress', task: 'decode', done: 1, total: 2, rate: 1, eta: null };
  const told = [started(), progress, step(1), epoch(10, 0.5), step(12), started(12), step(15), epoch(20, 0.7), problem];

  it.each([
    [20, [started(), step(1), epoch(10, 0.5), step(12), started(12), step(15), epoch(20, 0.7), problem], result(0.7)],
    [14, [started(), step(1), epoch(10, 0.5), step(12), started(12), problem], result(0.5)],
    [10, [started(), step(1), epoch(10, 0.5), problem], result(0.5)],
    [9, [started(), step(1), problem], {}],
    [0, [problem], {}], // from the beginning: everything is told again
  ])('after step %i', async (at, kept, heads) => {
    const run = await createRun(workspace, 'quick', {});
    for (const event of told) run.append(event);
    expect(await run.rewind(at)).toEqual(kept);
    expect(await run.events()).toEqual(kept);
    expect(run.summary()).toMatchObject({ step: at, heads });
    run.append(step(21));
    expect(await run.events()).toEqual([...kept, step(21)]);
    await run.setState({ state: 'done' });
  });

  it('nothing where nothing was told', async () => {
    const run = await createRun(workspace, 'quick', {});
    expect(await run.rewind(0)).toEqual([]);
    await run.setState({ state: 'done' });
  });
});

it('checkpoints are named so that they sort by their steps; the newest stay', async () => {
  const run = await interrupted();
  for (const step of [9, 100, 1_000_000_000]) {
    writeFileSync(run.checkpointFile(checkpointName(step)), '');
  }
  expect(await run.checkpoints()).toEqual([9, 100, 1_000_000_000].map(checkpointName));
  await run.keepCheckpoints(2);
  expect(await run.checkpoints()).toEqual([100, 1_000_000_000].map(checkpointName));
});
