import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messageOf, UserError } from '../../src/base/errors.ts';
import { FoundJobs } from '../../src/extension/foundJobs.ts';
import { cliOf } from '../../src/extension/runCli.ts';
import { RunFeed } from '../../src/extension/runFeed.ts';
import type { Runners } from '../../src/extension/runners.ts';
import { progressLine, runRow } from '../../src/extension/runRows.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import type { RunSummary } from '../../src/protocol/runs.ts';

const heads = { moves: { top1: 0.923, top5: 1, samples: 40, missing: 2, classes: 4 } };
const summary: RunSummary = {
  run: 'r1',
  folder: '/w/.cover/runs/r1',
  experiment: 'default',
  state: 'running',
  error: null,
  started: '2026-01-01T00:00:00Z',
  step: 10,
  steps: 1300,
  device: 'cpu',
  heads: {},
};
function step(n: number): Extract<JobEvent, { event: 'step' }> {
  return {
    event: 'step',
    stage: 'co-training',
    step: n,
    steps: 1300,
    epoch: 0.1,
    loss: 1.25,
    heads: { moves: 1.25 },
    learningRate: 0.001,
    clipsPerSecond: 38.2,
    waiting: 0,
    eta: 720,
    drawn: { moves: n },
  };
}

describe('rows of the Runs tree', () => {
  test.each([
    [runRow(summary).description, '▱▱▱▱▱ step 10/1,300'],
    [runRow({ ...summary, eta: 720 }).description, '▱▱▱▱▱ step 10/1,300 · 12 min left'],
    [runRow(summary, step(400)).description, '▰▱▱▱▱ step 400/1,300 · 12 min left'],
    [runRow(summary, step(40), true).description, '▱▱▱▱▱ step 40/1,300 · stopping after this step'],
    [runRow({ ...summary, heads, protocol: '1 clip × 1 crop' }).tooltip.includes('judged on 1 clip × 1 crop'), true],
    [runRow({ ...summary, steps: 0 }).description, 'starting'],
    [runRow({ ...summary, state: 'done', heads }).description, 'moves 92.3 %'],
    [runRow({ ...summary, state: 'done' }).description, 'not judged'],
    [runRow({ ...summary, state: 'cancelled', heads }).description, 'cancelled · step 10/1,300 · moves 92.3 %'],
    [runRow({ ...summary, state: 'failed' }).description, 'failed · step 10/1,300'],
    [runRow({ ...summary, state: 'failed', error: 'No space.' }).description, 'failed · step 10/1,300 · No space.'],
    [runRow({ ...summary, state: 'interrupted' }).description, 'interrupted · step 10/1,300'],
    [runRow(summary).context, 'run.running'],
    [runRow({ ...summary, state: 'done', heads }).context, 'run.judged'],
    [runRow({ ...summary, state: 'cancelled', heads }).context, 'run.judged.resumable'],
    [runRow({ ...summary, state: 'failed' }).context, 'run.resumable'],
    [runRow({ ...summary, state: 'interrupted' }).context, 'run.resumable'],
    [runRow({ ...summary, state: 'failed', error: 'No space.' }).tooltip.includes('No space.'), true],
  ])('%s', (found, expected) => expect(found).toBe(expected));

  test.each<[JobEvent, string | undefined]>([
    [step(40), 'step 40 of 1,300 · loss 1.250 · 38 clips/s · 12 min left'],
    [
      { event: 'progress', task: 'index', dataset: 'moves', done: 20, total: 1000, rate: 5, eta: null },
      'Indexing moves: 20 of 1,000',
    ],
    [{ event: 'problem', problem: { severity: 'error', file: '/a', message: 'm' } }, undefined],
  ])('progress line %#', (event, expected) => expect(progressLine(event)).toBe(expected));
});

describe('what a run view is told', () => {
  /** A run whose folder is a list, and the feed over it. The cursor counts events, and how often they were written anew. */
  function setUp() {
    const told: [number, string][] = [];
    const run = { summary, stored: [] as JobEvent[], anew: 0, stopping: false };
    const cursor = () => ({ offset: run.stored.length, mark: String(run.anew) });
    const feed = new RunFeed(
      {
        story: async () => ({ summary: run.summary, events: [...run.stored], cursor: cursor() }),
        follow: async ({ offset, mark }) => {
          const again = mark !== String(run.anew);
          return { summary: run.summary, events: again ? [] : run.stored.slice(offset), cursor: cursor(), again };
        },
        stopping: () => run.stopping,
      },
      {
        events: ({ sequence, events }) =>
          told.push([
            sequence,
            events.map((each) => (each.event === 'step' ? `step ${each.step}` : each.event)).join(),
          ]),
        summary: (params) => told.push([params.sequence, params.summary.state + (params.stopping ? ' stopping' : '')]),
        failed: (error) => told.push([0, String(error)]),
      },
      1_000_000,
      1,
    );
    return { told, run, feed };
  }
  const read = () => new Promise((resolve) => setTimeout(resolve, 30));

  test('the snapshot, then what the job has written, then the state', async () => {
    const { told, run, feed } = setUp();
    run.stored = [step(1)];
    feed.heard(); // before the view asked: nothing is told
    await read();
    expect(await feed.snapshot()).toMatchObject({ events: [{ step: 1 }], sequence: 0, stopping: false });
    run.stored.push(step(2));
    feed.heard();
    await read();
    run.stored.push(step(3), step(4));
    feed.heard();
    feed.heard();
    await read();
    run.stored.push(step(5));
    run.summary = { ...summary, state: 'done' };
    await feed.changed();
    expect(told).toEqual([
      [1, 'step 2'],
      [2, 'step 3,step 4'],
      [3, 'step 5'],
      [4, 'done'],
    ]);
    feed.dispose();
  });

  test('a view that asks again starts from the newest number', async () => {
    const { told, run, feed } = setUp();
    run.stored = [step(1)];
    await feed.snapshot();
    run.stored.push(step(2));
    await feed.changed();
    expect(await feed.snapshot()).toMatchObject({ events: [{ step: 1 }, { step: 2 }], sequence: 2 });
    run.stored.push(step(3));
    await feed.changed();
    expect(told.map(([sequence]) => sequence)).toEqual([1, 2, 3, 4]);
    feed.dispose();
  });

  test('a run that is resumed takes steps back: a number is left out, so that the view asks for everything', async () => {
    const { told, run, feed } = setUp();
    run.stored = [step(1), step(2), step(3)];
    await feed.snapshot();
    run.stored = [step(1), step(10)];
    run.anew++;
    await feed.changed();
    expect(told).toEqual([[2, 'running']]);
    expect(await feed.snapshot()).toMatchObject({ events: [{ step: 1 }, { step: 10 }], sequence: 2 });
    feed.dispose();
  });

  test('a request to stop is told, and that it is over', async () => {
    const { told, run, feed } = setUp();
    await feed.snapshot();
    run.stopping = true;
    await feed.changed();
    run.summary = { ...summary, state: 'cancelled' };
    await feed.changed();
    expect(told).toEqual([
      [1, 'running stopping'],
      [2, 'cancelled'],
    ]);
    feed.dispose();
  });

  test('a request to stop is told before anything is read, once, and taken back where it failed', async () => {
    const { told, run, feed } = setUp();
    feed.stoppingChanged(); // before the view asked: nothing is told
    await feed.snapshot();
    run.stopping = true;
    feed.stoppingChanged();
    feed.stoppingChanged();
    expect(told).toEqual([[1, 'running stopping']]);
    run.stored.push(step(1));
    await feed.changed();
    run.stopping = false;
    feed.stoppingChanged();
    run.summary = { ...summary, state: 'cancelled' };
    await feed.changed();
    run.stopping = true;
    feed.stoppingChanged(); // it has ended
    expect(told.slice(1)).toEqual([
      [2, 'step 1'],
      [3, 'running stopping'],
      [4, 'running'],
      [5, 'cancelled'],
    ]);
    feed.dispose();
  });

  test('what the trainer tells after it has said that it is done is read too', async () => {
    const { told, run, feed } = setUp();
    run.stored = [step(1)];
    await feed.snapshot();
    run.summary = { ...summary, state: 'done' };
    await feed.changed();
    run.stored.push({ event: 'done', run: 'r1', heads: {}, protocol: 'p', seconds: 1 });
    feed.heard();
    await read();
    expect(told).toEqual([
      [1, 'done'],
      [2, 'done'],
    ]);
    feed.dispose();
  });
});

describe('trainings that this window did not begin', () => {
  const started = (run: string, state: RunSummary['state'], error: string | null = null): RunSummary => ({
    ...summary,
    run,
    state,
    error,
  });

  function setUp(runs: Record<string, RunSummary>, own: string[] = []) {
    const asked: string[] = [];
    const told: string[] = [];
    const down = { value: false };
    const mute = { value: false };
    const methods: string[] = [];
    const follows: string[] = [];
    let held = Promise.resolve();
    /** What is followed gets no answer until the returned function is called. */
    const hold = () => {
      let release = () => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    };
    const ask = async (method: string, params: Record<string, unknown>) => {
      methods.push(method);
      if (method === 'runs/list') return [];
      const { run } = params as { run: string };
      const told = { summary: runs[run], events: [step(40)], cursor: { offset: 1, mark: '' }, again: false };
      if (runs[run] === undefined) throw new UserError('no-run', `There is no run "${run}".`);
      if (down.value) throw new UserError('closed', 'The runner was stopped.');
      if (method === 'runs/log' && mute.value) throw new UserError('io', 'The log cannot be read.');
      if (method === 'runs/follow') {
        follows.push(run);
        await held;
      }
      if (method === 'runs/log') return { tail: 'Error: out of memory\n    at x', file: null };
      if (method === 'runs/stop') asked.push(`${run} ${params.now}`);
      return method === 'runs/stop' ? {} : told;
    };
    const jobs = new FoundJobs({ ask } as unknown as Pick<Runners, 'ask'>, {
      isOwn: (run) => own.includes(run),
      event: (job, event) => told.push(`${job.run} ${event.event}`),
      ended: (job, outcome) =>
        told.push(`${job.run} ${outcome.state}${'message' in outcome ? ` ${outcome.message}` : ''}`),
      stopping: (job) => told.push(`${job.run} stops`),
      stopFailed: (job, error) => told.push(`${job.run} goes on: ${messageOf(error)}`),
      failed: (message) => told.push(message),
    });
    return { asked, told, jobs, runs, down, mute, methods, follows, hold };
  }

  test('are found by their state, but those of its own', async () => {
    const { jobs, told } = setUp({ a: started('a', 'running'), b: started('b', 'running') }, ['b']);
    jobs.consider('/w', [started('a', 'running'), started('b', 'running'), started('c', 'done')]);
    jobs.consider('/w', [started('a', 'running')]);
    await expect.poll(() => told).toEqual(['a step']);
    expect(jobs.running.map((job) => [job.run, job.latest('step')?.step])).toEqual([['a', 40]]);
    jobs.forget('a');
    expect(jobs.running).toEqual([]);
    jobs.dispose();
  });

  test('are not lost with the runner that answers questions, but with their folder', async () => {
    const { jobs, told, runs, down } = setUp({ a: started('a', 'running') });
    jobs.consider('/w', [started('a', 'running')]);
    await expect.poll(() => told).toEqual(['a step']);
    down.value = true;
    await expect.poll(() => told, { timeout: 10_000 }).toContain('The runner was stopped.');
    expect(jobs.running).toHaveLength(1);
    delete runs.a;
    await expect.poll(() => told.at(-1), { timeout: 10_000 }).toBe('a cancelled');
    expect(jobs.running).toEqual([]);
    jobs.dispose();
  });

  test('are asked to stop, and asked again ended at once', async () => {
    const { jobs, asked, told } = setUp({ a: started('a', 'running') });
    jobs.consider('/w', [started('a', 'running')]);
    jobs.running[0]!.cancel();
    expect([jobs.running[0]!.cancelling, told]).toEqual([true, ['a stops']]); // before anybody answered
    jobs.running[0]!.cancel();
    expect(asked).toEqual(['a false', 'a true']);
    expect(told.filter((line) => line === 'a stops')).toHaveLength(1);
    jobs.dispose();
  });

  test('one that cannot be asked to stop is told, and can be asked again', async () => {
    const { jobs, told, asked, down } = setUp({ a: started('a', 'running') });
    jobs.consider('/w', [started('a', 'running')]);
    await expect.poll(() => told).toEqual(['a step']);
    down.value = true;
    jobs.running[0]!.cancel();
    await expect.poll(() => told.at(-1)).toBe('a goes on: The runner was stopped.');
    expect(jobs.running[0]!.cancelling).toBe(false);
    down.value = false;
    jobs.running[0]!.cancel();
    expect(asked).toEqual(['a false']);
    jobs.dispose();
  });

  test('one whose last words cannot be read at once is told when they can', async () => {
    const { jobs, told, runs, mute } = setUp({ a: started('a', 'running') });
    jobs.consider('/w', [started('a', 'running')]);
    await expect.poll(() => told).toEqual(['a step']);
    mute.value = true;
    runs.a = started('a', 'interrupted');
    await expect.poll(() => told.at(-1), { timeout: 10_000 }).toBe('The log cannot be read.');
    mute.value = false;
    await expect.poll(() => told.at(-1), { timeout: 10_000 }).toMatch(/^a failed .*out of memory$/);
    expect(jobs.running).toEqual([]);
    jobs.dispose();
  });

  test('are followed one after the other, whenever they are found', async () => {
    const { jobs, follows, hold } = setUp({ a: started('a', 'running'), b: started('b', 'running') });
    const answer = hold();
    jobs.consider('/w', [started('a', 'running')]);
    await expect.poll(() => follows, { timeout: 10_000 }).toEqual(['a']);
    jobs.consider('/w', [started('b', 'running')]);
    await new Promise((resolve) => setTimeout(resolve, 2500)); // longer than from one round to the next
    expect(follows).toEqual(['a']);
    answer();
    await expect.poll(() => follows, { timeout: 10_000 }).toEqual(expect.arrayContaining(['a', 'b']));
    jobs.dispose();
  });

  test.each([
    ['just now', 0, ['runs/list']],
    ['long ago', 11 * 60_000, []],
  ])('of one whose state said %s that it runs, more is asked only while that is fresh', async (_, age, expected) => {
    const workspace = mkdtempSync(join(tmpdir(), 'cover-says-'));
    try {
      const folder = join(workspace, '.cover', 'runs', 'a');
      mkdirSync(folder, { recursive: true });
      const file = join(folder, 'state.json');
      writeFileSync(file, JSON.stringify({ state: 'running' }, undefined, 2));
      const then = new Date(Date.now() - age);
      utimesSync(file, then, then);
      const { jobs, methods } = setUp({});
      await jobs.look(workspace);
      expect(methods).toEqual(expected);
    } finally {
      rmSync(workspace, { recursive: true, force: true });
    }
  });

  test.each([
    ['done', null, 'a done'],
    ['cancelled', null, 'a cancelled'],
    ['failed', 'The disk is full.', 'a failed The disk is full.'],
    ['interrupted', null, 'a failed The process that trained "a" ended unexpectedly: Error: out of memory'],
  ] as const)('one that ends as %s is told with its last words', async (state, error, expected) => {
    const { jobs, told, runs } = setUp({ a: started('a', 'running') });
    jobs.consider('/w', [started('a', 'running')]);
    runs.a = started('a', state, error);
    await expect.poll(() => told.at(-1), { timeout: 10_000 }).toBe(expected);
    expect(jobs.running).toEqual([]);
    jobs.dispose();
  });
});

test.each([
  ['running', ['train', '--experiment', 'default']],
  ['done', ['evaluate', 'r1']],
  ['interrupted', ['train', '--resume', 'r1']],
] as const)('the command for a run that is %s', (state, expected) =>
  expect(cliOf({ ...summary, state })).toEqual(expected),
);
