// A training that is to be kept: its parent is killed, nobody reads what it prints, and it trains to its end; or it is stopped
// by whoever finds it, through its folder. Real processes, spoken to as the editor does.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { processLives } from '../../src/base/claim.ts';
import { distFile } from '../../src/base/paths.ts';
import type { RunSummary } from '../../src/protocol/runs.ts';
import { listRuns } from '../../src/runs/listRuns.ts';
import { checkpointName } from '../../src/runs/runFolder.ts';
import { writeTinyWorkspace } from '../cli/tinyWorkspace.ts';
import { killStarted, start } from './startRunner.ts';

let root: string;
const parents: ChildProcess[] = [];
const runners: number[] = [];
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cover kept-'));
});
afterEach(() => {
  killStarted();
  for (const parent of parents.splice(0)) parent.kill('SIGKILL');
  for (const pid of runners.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // ended
    }
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Stands for an extension host: starts a runner as the editor does, asks for a training, and reads nothing of what it says. */
const host = `
const { spawn } = require('node:child_process');
const [runner, log, params] = process.argv.slice(2);
const fd = require('node:fs').openSync(log, 'a');
const env = { ...process.env, COVER_JOB_LOG: log };
const child = spawn(process.execPath, [runner], { stdio: ['pipe', 'pipe', fd], detached: true, env });
child.stdin.write(JSON.stringify({ id: 1, method: 'train/run', params: JSON.parse(params) }) + '\\n');
console.log(child.pid);
setInterval(() => {}, 1000);
`;

async function train(name: string, epochs: number, keep: boolean, from = 1) {
  const workspace = join(root, name);
  await writeTinyWorkspace(workspace, epochs);
  const logs = join(workspace, '.cover', 'logs');
  mkdirSync(logs, { recursive: true });
  const log = join(logs, 'training.log');
  closeSync(openSync(log, 'w'));
  const script = join(root, 'host.cjs');
  writeFileSync(script, host);
  const parent = spawn(process.execPath, [script, distFile('runner.js'), log, JSON.stringify({ workspace, keep })]);
  parents.push(parent);
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
  runners.push(pid);
  // A run's folder is there a moment before it says what it does.
  const run = await when(workspace, ({ step, state }) => step >= from && state === 'running');
  return { workspace, parent, pid, run };
}

/** Resolves with the only run's summary once it is as wanted. */
async function when(workspace: string, wanted: (run: RunSummary) => boolean): Promise<RunSummary> {
  for (;;) {
    const [run] = await listRuns(workspace);
    if (run && wanted(run)) return run;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const ended = ({ state }: RunSummary) => state !== 'running';
async function gone(pid: number): Promise<void> {
  while (processLives(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a kept training whose parent is killed', () => {
  it('trains to its end, is judged, and its process ends', async () => {
    const { workspace, parent, pid } = await train('done', 60, true, 0);
    parent.kill('SIGKILL');
    const run = await when(workspace, ended);
    expect(run).toMatchObject({
      state: 'done',
      heads: { colours: { samples: 4 } },
      protocol: expect.stringMatching(/crop/),
    });
    await gone(pid);
    const { endpoint } = start();
    const out = join(workspace, '-its model.onnx');
    const exported = await endpoint.request('runs/exportOnnx', { workspace, run: run.run, out });
    expect(exported).toEqual({ path: out, checkpoint: checkpointName(run.step) });
    expect(statSync(out).size).toBeGreaterThan(10_000);
    const log = join(workspace, '.cover', 'logs', 'training.log');
    expect(await endpoint.request('runs/log', { workspace, run: run.run })).toEqual({
      tail: readFileSync(log, 'utf8'),
      file: log,
    });
  });

  it('is found by another runner, followed, stopped through its folder, and goes on later', async () => {
    const { workspace, parent, pid, run } = await train('stopped', 1_000_000, true);
    parent.kill('SIGKILL');
    const { endpoint } = start();
    expect(await endpoint.request('runs/list', { workspace })).toMatchObject([{ run: run.run, state: 'running' }]);
    const story = await endpoint.request('runs/story', { workspace, run: run.run, points: 100 });
    const follow = () => endpoint.request('runs/follow', { workspace, run: run.run, cursor: story.cursor });
    await expect.poll(async () => (await follow()).events.length, { timeout: 30_000 }).toBeGreaterThan(2);
    expect(await follow()).toMatchObject({ again: false, summary: { state: 'running' } });
    await endpoint.request('runs/stop', { workspace, run: run.run });
    const stopped = await when(workspace, ended);
    expect(stopped).toMatchObject({ state: 'cancelled', error: null });
    await gone(pid);
    expect(readdirSync(run.folder)).not.toContain('stop');
    const checkpoints = await endpoint.request('runs/checkpoints', { workspace, run: run.run });
    expect(checkpoints.at(-1)).toMatchObject({ name: checkpointName(stopped.step), step: stopped.step, newest: true });
    await expect(endpoint.request('runs/stop', { workspace, run: run.run })).rejects.toMatchObject({
      code: 'not-training',
    });
  });

  it('can be ended at once, and then reads as interrupted', async () => {
    const { workspace, parent, pid, run } = await train('killed', 1_000_000, true);
    parent.kill('SIGKILL');
    const { endpoint } = start();
    await endpoint.request('runs/stop', { workspace, run: run.run, now: true });
    await gone(pid);
    expect(await when(workspace, ended)).toMatchObject({ state: 'interrupted' });
  });

  it.skipIf(process.platform === 'win32')('still ends in order at SIGTERM', async () => {
    const { workspace, parent, pid } = await train('terminated', 1_000_000, true);
    parent.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(pid, 'SIGTERM');
    expect(await when(workspace, ended)).toMatchObject({ state: 'cancelled' });
    await gone(pid);
  });
});

it('a training that is not kept ends with its parent, and can be gone on with', async () => {
  const { workspace, parent, pid, run } = await train('not kept', 1_000_000, false);
  parent.kill('SIGKILL');
  expect(await when(workspace, ended)).toMatchObject({ state: 'cancelled' });
  await gone(pid);
  expect(existsSync(join(run.folder, 'model.onnx'))).toBe(true);
});

it('a kept training is cancelled by who asked for it', async () => {
  const workspace = join(root, 'cancelled');
  await writeTinyWorkspace(workspace, 1_000_000);
  const { endpoint, child, exited } = start();
  const controller = new AbortController();
  const training = endpoint.request('train/run', { workspace, keep: true }, controller.signal);
  training.catch(() => undefined); // looked at below
  await when(workspace, ({ step }) => step > 0);
  controller.abort();
  await expect(training).rejects.toMatchObject({ code: 'cancelled' });
  expect(await when(workspace, ended)).toMatchObject({ state: 'cancelled' });
  child.stdin.end();
  expect(await exited).toMatchObject({ code: 0 });
});
