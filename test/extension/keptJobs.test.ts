// A window closes while it trains, and another finds the training: the editor's own parts with real runners, without the editor.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import { type FoundJob, FoundJobs } from '../../src/extension/foundJobs.ts';
import { Runners } from '../../src/extension/runners.ts';
import { type JobOutcome, TrainingJob } from '../../src/extension/trainingJob.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import { listRuns } from '../../src/runs/listRuns.ts';
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
    for (const { run, state } of await listRuns(join(root, name)))
      if (state === 'running') await stopRun(join(root, name), run, true);
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

function openWindow(): Runners {
  const runners = new Runners({
    script: distFile('runner.js'),
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
    const step = job!.latest('step')!.step;
    await expect.poll(() => job!.latest('step')!.step, { timeout: 20_000 }).toBeGreaterThan(step);
    job!.cancel();
    await expect
      .poll(() => later.ended.map(([, outcome]) => outcome), { timeout: 30_000 })
      .toEqual([{ state: 'cancelled', run: 'quick-1' }]);
    expect(later.failed).toEqual([]);
    expect(readdirSync(join(workspace, '.cover', 'logs'))).toHaveLength(1);
    later.jobs.dispose();
  });

  test('ends a training that is not kept, and nothing is found', async () => {
    const { workspace } = await trainingIn(openWindow(), 'not kept', false);
    await windows.at(-1)!.dispose();
    expect(await listRuns(workspace)).toMatchObject([{ state: expect.stringMatching(/^(cancelled|interrupted)$/) }]);
    const later = found(openWindow());
    await later.jobs.look(workspace);
    expect(later.jobs.running).toEqual([]);
    later.jobs.dispose();
  });
});
