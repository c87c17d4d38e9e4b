import { describe, expect, test } from 'vitest';
import { RunFeed } from '../../src/extension/runFeed.ts';
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
    [runRow(summary).description, 'step 10/1,300'],
    [runRow(summary, step(40)).description, 'step 40/1,300 · 12 min left'],
    [runRow(summary, step(40), true).description, 'step 40/1,300 · stopping after this step'],
    [runRow({ ...summary, steps: 0 }).description, 'starting'],
    [runRow({ ...summary, state: 'done', heads }).description, 'moves 92.3 %'],
    [runRow({ ...summary, state: 'done' }).description, 'not judged'],
    [runRow({ ...summary, state: 'cancelled', heads }).description, 'cancelled · step 10/1,300 · moves 92.3 %'],
    [runRow({ ...summary, state: 'failed' }).description, 'failed · step 10/1,300'],
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
  /** A run whose folder and job are plain values, and the feed over it. */
  function setUp() {
    const told: [number, string][] = [];
    const run = { summary, stored: [] as JobEvent[], live: undefined as JobEvent[] | undefined };
    const feed = new RunFeed(
      { read: async () => ({ summary: run.summary, events: run.stored }), live: () => run.live },
      {
        event: ({ sequence, event }) =>
          told.push([sequence, event.event === 'step' ? `step ${event.step}` : event.event]),
        summary: (params) => told.push([params.sequence, `${params.summary.state} live=${params.live}`]),
        failed: (error) => told.push([0, String(error)]),
      },
      1_000_000,
    );
    return { told, run, feed };
  }

  test('a live run: the snapshot, then each event once, then the state', async () => {
    const { told, run, feed } = setUp();
    run.live = [step(1)];
    feed.heard(); // before the view asked: nothing is told
    expect(await feed.snapshot()).toMatchObject({ events: [{ step: 1 }], sequence: 0, live: true });
    run.live.push(step(2));
    feed.heard();
    run.live.push(step(3), step(4));
    feed.heard();
    run.stored = [...run.live];
    run.live = undefined;
    run.summary = { ...summary, state: 'done' };
    await feed.changed();
    expect(told).toEqual([
      [1, 'step 2'],
      [2, 'step 3'],
      [3, 'step 4'],
      [4, 'done live=false'],
    ]);
    feed.dispose();
  });

  test('a view that asks again starts from the newest number', async () => {
    const { told, run, feed } = setUp();
    run.live = [step(1)];
    await feed.snapshot();
    run.live.push(step(2));
    feed.heard();
    expect(await feed.snapshot()).toMatchObject({ events: [{ step: 1 }, { step: 2 }], sequence: 1 });
    run.live.push(step(3));
    feed.heard();
    expect(told.at(-1)).toEqual([2, 'step 3']);
    feed.dispose();
  });

  test('a run that is resumed here takes steps back: a number is left out, so that the view asks for everything', async () => {
    const { told, run, feed } = setUp();
    run.stored = [step(1), step(2), step(3)];
    await feed.snapshot();
    run.live = []; // the job has begun and told nothing yet
    feed.heard();
    expect(await feed.snapshot()).toMatchObject({ events: [{ step: 1 }, { step: 2 }, { step: 3 }], sequence: 0 });
    run.live.push(step(1));
    feed.heard();
    run.live.push(step(2));
    feed.heard();
    expect(told).toEqual([
      [2, 'step 1'],
      [3, 'step 2'],
    ]);
    expect(await feed.snapshot()).toMatchObject({ events: [{ step: 1 }, { step: 2 }], sequence: 3, live: true });
    feed.dispose();
  });

  test('the same of a run that another process resumes, also where it has told more again', async () => {
    const { told, run, feed } = setUp();
    run.stored = [step(1), step(20)];
    await feed.snapshot();
    run.stored = [step(1), step(10), step(30)];
    await feed.changed();
    expect(told).toEqual([
      [2, 'step 30'],
      [3, 'running live=false'],
    ]);
    feed.dispose();
  });

  test('a run of another process: what was appended to its folder', async () => {
    const { told, run, feed } = setUp();
    run.stored = [step(1)];
    expect(await feed.snapshot()).toMatchObject({ live: false, sequence: 0 });
    run.stored = [step(1), step(2)];
    await feed.changed();
    expect(told).toEqual([
      [1, 'step 2'],
      [2, 'running live=false'],
    ]);
    feed.dispose();
  });
});
