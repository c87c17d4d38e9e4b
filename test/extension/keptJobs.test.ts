// A window closes while it trains, and another finds the training: the editor's own parts with real runners, without the editor.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messageOf } from '../../src/base/errors.ts';
import { distFile } from '../../src/base/paths.ts';
import { type FoundJob, FoundJobs } from '../../src/extension/foundJobs.ts';
import { Runners } from '../../src/extension/runners.ts';
import { type JobOutcome, TrainingJob } from '../../src/extension/trainingJob.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import { listRuns } from '../../src/runs/listRuns.ts';
import { checkpointName } from '../../src/runs/runFolder.ts';
import { stopRun } from '../../src/runs/stopRun.ts';
import { writeTinyWorkspace } from '../cli/tinyWorkspace.ts';

let root: string;
const windows: Runners[] = [];
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cover windows-'));
});
afterAll(async () => {
  await Promise.all(windows.map((runners) => runners.dispose()));
  // Where a test failed half way: nothing goes on for ever.
  for (const name of readdirSync(root))
    if (!name.endsWith('.cjs'))
      for (const { run, state } of await listRuns(join(root, name)))
        if (state === 'running') await stopRun(join(root, name), run, true);
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

/** `body`: of a runner that stands for one at its worst. */
function openWindow(body?: string): Runners {
  const script = body === undefined ? distFile('runner.js') : join(root, `stand-in ${windows.length}.cjs`);
  if (body !== undefined) writeFileSync(script, body);
  const runners = new Runners({
    script,
    env: () => ({}),
    isTrusted: () => true,
    log: () => {},
    onEvent: () => {},
    onUnexpectedExit: () => {},
  });
  windows.push(runners);
  return runners;
}

async function trainingIn(runners: Runners, name: string, keep: boolean) {
  const workspace = join(root, name);
  await writeTinyWorkspace(workspace, 1_000_000);
  const job: TrainingJob = new TrainingJob(runners, { workspace, keep }, () => {});
  await expect.poll(() => job.latest('step')?.step, { timeout: 40_000 }).toBeGreaterThan(0);
  return { workspace, job };
}

/** What a window hears of trainings that it finds. */
function found(runners: Runners) {
  const events: JobEvent[] = [];
  const ended: [FoundJob, JobOutcome][] = [];
  const failed: string[] = [];
  const jobs = new FoundJobs(runners, {
    isOwn: () => false,
    event: (_, event) => events.push(event),
    ended: (job, outcome) => ended.push([job, outcome]),
    stopping: () => {},
    stopFailed: (_, error) => failed.push(messageOf(error)),
    failed: (message) => failed.push(message),
  });
  return { jobs, events, ended, failed };
}

describe('a window that closes while it trains', () => {
  test('leaves a kept training, which the next one finds, follows and stops', async () => {
    const { workspace } = await trainingIn(openWindow(), 'kept', true);
    await windows[0]!.dispose();
    const later = found(openWindow());
    await later.jobs.look(workspace);
    await expect.poll(() => later.jobs.running[0]?.latest('step')?.step, { timeout: 20_000 }).toBeGreaterThan(0);
    const [job] = later.jobs.running;
    const heard = later.events.length;
    await expect.poll(() => later.events.length, { timeout: 20_000 }).toBeGreaterThan(heard);
    job!.cancel();
    await expect
      .poll(() => later.ended.map(([, outcome]) => outcome), { timeout: 30_000 })
      .toEqual([{ state: 'cancelled', run: 'quick-1' }]);
    expect(later.failed).toEqual([]);
    expect(readdirSync(join(workspace, '.cover', 'logs'))).toHaveLength(1);
    later.jobs.dispose();
  });

  test('gives one that is not kept the time that it needs', async () => {
    const workspace = join(root, 'slow');
    mkdirSync(workspace);
    const told = join(workspace, 'told.txt');
    // A step that takes longer than a window waits for its processes.
    const runners = openWindow(
      `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
         require('node:fs').writeFileSync(${JSON.stringify(told)}, 'asked');
       }).on('close', () => setTimeout(() => {
         require('node:fs').writeFileSync(${JSON.stringify(told)}, 'put down');
         process.exit(0);
       }, 3500));`,
    );
    const job = new TrainingJob(runners, { workspace, keep: false }, () => {});
    await expect.poll(() => existsSync(told) && readFileSync(told, 'utf8'), { timeout: 20_000 }).toBe('asked');
    await runners.dispose();
    await job.ended;
    expect(readFileSync(told, 'utf8')).toBe('put down');
  });

  test.each([
    ['is kept where its log can be', true, true],
    ['is not where there can be none', false, false],
  ])('one that is to be kept %s', async (_, isWritable, expected) => {
    const workspace = join(root, `log ${isWritable}`);
    mkdirSync(workspace);
    if (!isWritable) writeFileSync(join(workspace, '.cover'), 'no folder');
    const told = join(workspace, 'told.json');
    const runners = openWindow(
      `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
         require('node:fs').writeFileSync(${JSON.stringify(told)}, line);
         process.exit(0);
       });`,
    );
    await new TrainingJob(runners, { workspace, keep: true }, () => {}).ended;
    expect(JSON.parse(readFileSync(told, 'utf8'))).toMatchObject({ method: 'train/run', params: { keep: expected } });
  });

  test('ends a training that is not kept with a checkpoint, and nothing is found', async () => {
    const { workspace } = await trainingIn(openWindow(), 'not kept', false);
    await windows.at(-1)!.dispose();
    await expect.poll(() => listRuns(workspace), { timeout: 30_000 }).toMatchObject([{ state: 'cancelled' }]);
    const [run] = await listRuns(workspace);
    expect(readdirSync(join(run!.folder, 'checkpoints'))).toContain(`${checkpointName(run!.step)}.safetensors`);
    const later = found(openWindow());
    await later.jobs.look(workspace);
    expect(later.jobs.running).toEqual([]);
    later.jobs.dispose();
  });
});
