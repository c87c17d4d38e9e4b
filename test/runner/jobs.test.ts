// Training, evaluation and prediction as dist/runner.js answers them, on a workspace that trains in seconds.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listRuns } from '../../src/runs/listRuns.ts';
import { checkpointName } from '../../src/runs/runFolder.ts';
import { tinyLabels, writeTinyWorkspace } from '../cli/tinyWorkspace.ts';
import { killStarted, type Started, start } from './startRunner.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cover jobs-'));
});
afterEach(killStarted);
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function workspaceOf(name: string, epochs?: number): Promise<string> {
  await writeTinyWorkspace(join(root, name), epochs);
  return join(root, name);
}

/** Resolves at the first event of a kind. */
async function eventOf(runner: Started, kind: string): Promise<void> {
  while (!runner.events.some(({ event }) => event === kind)) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('trains, tells every event that it records, and answers what an editor then asks', async () => {
  const workspace = await workspaceOf('whole');
  const { endpoint, events, noise } = start();
  const { run, heads } = await endpoint.request('train/run', { workspace });
  expect(heads).toMatchObject({ colours: { samples: 4, missing: 0, classes: 2 } });
  const { summary, events: recorded } = await endpoint.request('runs/get', { workspace, run });
  expect(summary).toMatchObject({ run: 'quick-1', state: 'done', heads });
  const lasting = (told: typeof recorded) => told.filter(({ event }) => event !== 'progress'); // of that, less is recorded
  expect(lasting(recorded)).toEqual(lasting(events));

  const evaluation = await endpoint.request('evaluation/get', { workspace, run, head: 'colours' });
  expect(evaluation).toMatchObject({ classes: tinyLabels, samples: 4, top1: heads.colours!.top1 });
  expect(evaluation.confusion?.reduce((sum, count) => sum + count, 0)).toBe(4);
  const cells = await Promise.all(
    [0, 1, 2, 3].map((cell) =>
      endpoint.request('evaluation/cell', {
        workspace,
        run,
        head: 'colours',
        truth: cell >> 1,
        predicted: cell & 1,
        offset: 0,
        limit: 10,
      }),
    ),
  );
  expect(cells.map((samples) => samples.length)).toEqual(evaluation.confusion);
  expect(await endpoint.request('evaluate/run', { workspace, run })).toEqual(heads);

  // The same answer for a held-out file as when it was judged, with the model loaded and then kept.
  const judged = cells.flat()[0]!;
  for (const asked of [undefined, run]) {
    const params = { workspace, file: judged.sample.file, topK: 5, ...(asked && { run: asked }) };
    const answer = await endpoint.request('predict/file', params);
    expect(answer.run).toBe('quick-1');
    expect(answer.heads.colours!.map(({ label }) => label)).toEqual(judged.heads.colours!.map(({ label }) => label));
    expect(answer.heads.colours![0]!.probability).toBeCloseTo(judged.probability, 4);
  }
  await expect(
    endpoint.request('predict/file', { workspace, file: join(workspace, 'none.png'), topK: 1 }),
  ).rejects.toMatchObject({ code: 'unreadable-media' });
  expect(noise).toEqual([]);
});

describe('a training that is stopped keeps what it has', () => {
  it.each([
    ['by its caller', (_: Started, controller: AbortController) => controller.abort()],
    ['by a closed stdin', ({ child }: Started) => void child.stdin.end()],
  ])('%s', async (name, stop) => {
    const workspace = await workspaceOf(name, 100_000);
    const runner = start();
    const controller = new AbortController();
    const training = runner.endpoint.request('train/run', { workspace }, controller.signal);
    training.catch(() => undefined); // looked at below
    await eventOf(runner, 'step');
    await expect(runner.endpoint.request('train/run', { workspace })).rejects.toMatchObject({ code: 'busy' });
    stop(runner, controller);
    runner.child.stdin.end();
    expect(await runner.exited).toEqual({ code: 0, signal: null });
    await expect(training).rejects.toMatchObject({ code: expect.stringMatching(/cancelled|closed/) });
    const [run] = await listRuns(workspace);
    expect(run).toMatchObject({ state: 'cancelled' });
    expect(readdirSync(join(run!.folder, 'checkpoints')).at(-1)).toBe(`${checkpointName(run!.step)}.safetensors`);
    expect(existsSync(join(run!.folder, 'model.onnx'))).toBe(true);
  });
});

it('a run that is resumed is told from its beginning, and no step twice', async () => {
  const workspace = await workspaceOf('resumed', 60);
  const first = start();
  first.endpoint.request('train/run', { workspace }).catch(() => undefined);
  await eventOf(first, 'epoch');
  first.child.kill('SIGKILL');
  await first.exited;
  const { endpoint, events } = start();
  const { heads } = await endpoint.request('train/run', { workspace, resume: 'quick-1' });
  expect(heads).toMatchObject({ colours: { samples: 4 } });
  const told = events.filter(({ event }) => event !== 'progress');
  expect(told[0]).toEqual(first.events.find(({ event }) => event === 'started'));
  expect(told.filter(({ event }) => event === 'started')).toMatchObject([{}, { resumedAt: expect.any(Number) }]);
  const epochs = told.filter((event) => event.event === 'epoch').map(({ epoch }) => epoch);
  expect(epochs).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  expect(
    (await endpoint.request('runs/get', { workspace, run: 'quick-1' })).events.filter(
      ({ event }) => event !== 'progress',
    ),
  ).toEqual(told);
  await expect(endpoint.request('train/run', { workspace, resume: 'quick-1' })).rejects.toMatchObject({
    code: 'run-done',
  });
  await expect(endpoint.request('train/run', { workspace, resume: 'quick-1', preset: 'nano' })).rejects.toMatchObject({
    code: 'resume-choice',
  });
});

it('a killed runner leaves a run that reads as interrupted, and another runner goes on', async () => {
  const workspace = await workspaceOf('killed', 100_000);
  const runner = start();
  const training = runner.endpoint.request('train/run', { workspace });
  training.catch(() => undefined);
  await eventOf(runner, 'step');
  runner.child.kill('SIGKILL');
  await runner.exited;
  await expect(training).rejects.toMatchObject({ code: 'closed' });
  const { endpoint } = start();
  expect(await endpoint.request('runs/list', { workspace })).toMatchObject([{ run: 'quick-1', state: 'interrupted' }]);
  const { events } = await endpoint.request('runs/get', { workspace, run: 'quick-1' });
  expect(events[0]).toMatchObject({ event: 'started' });
  await expect(endpoint.request('predict/file', { workspace, file: 'a.png', topK: 1 })).rejects.toMatchObject({
    code: 'no-run',
  });
});
