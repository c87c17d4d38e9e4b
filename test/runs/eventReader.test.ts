// What those who look on read of a run's events: few points of many, and what was added since.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobEvent } from '../../src/protocol/events.ts';
import { readAppended, readThinned } from '../../src/runs/eventReader.ts';

let folder: string;
let file: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cover-events-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  file = join(folder, `${++count}.jsonl`);
});

const step = (number: number): JobEvent => ({
  event: 'step',
  stage: 'coTraining',
  step: number,
  steps: 20_000,
  epoch: number / 100,
  loss: 1.25,
  heads: { moves: 1.25 },
  learningRate: 1e-3,
  clipsPerSecond: 10,
  waiting: 0,
  eta: null,
  drawn: { moves: 8 * number },
});
const epoch = (number: number, top1: number): JobEvent => ({
  event: 'epoch',
  stage: 'coTraining',
  epoch: number,
  step: number * 100,
  heads: { moves: { top1, top5: null, samples: 4, missing: 0, classes: 2 } },
  checkpoint: 'c',
});
const progress = (done: number): JobEvent => ({
  event: 'progress',
  task: 'decode',
  done,
  total: 9,
  rate: 1,
  eta: null,
});
const problem = (line: number): JobEvent => ({
  event: 'problem',
  problem: { severity: 'warning', file: '/a.csv', line, message: 'Ünreadable.' },
});
const lines = (events: readonly JobEvent[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const stepsOf = (events: readonly JobEvent[]) =>
  events.flatMap((event) => (event.event === 'step' ? [event.step] : []));

describe('a whole story', () => {
  it('of few events is all of them but progress that is over', async () => {
    const told = [
      progress(1),
      problem(1),
      step(1),
      progress(3),
      step(2),
      epoch(1, 0.5),
      step(3),
      progress(4),
      progress(5),
    ];
    writeFileSync(file, lines(told));
    const kept = [...told.filter((event) => event.event !== 'progress'), progress(5)];
    expect((await readThinned(file, 100)).events).toEqual(kept);
  });

  it('of many steps has about as many as asked for, the first, the last, and everything else', async () => {
    const told: JobEvent[] = [];
    for (let i = 1; i <= 20_000; i++) {
      told.push(step(i));
      if (i % 1000 === 0) told.push(epoch(i / 100, i === 7000 ? 0.9 : 0.5), problem(i));
    }
    told.push(step(20_001), step(20_002));
    writeFileSync(file, lines(told));
    const { events, cursor } = await readThinned(file, 500);
    const steps = stepsOf(events);
    expect(steps.length).toBeGreaterThan(400);
    expect(steps.length).toBeLessThanOrEqual(510);
    expect([steps[0], steps.at(-1)]).toEqual([1, 20_002]);
    const gaps = steps.slice(1).map((number, i) => number - steps[i]!);
    expect(Math.max(...gaps)).toBeLessThan(60);
    expect(events.filter(({ event }) => event === 'problem')).toHaveLength(20);
    expect(events.filter(({ event }) => event === 'epoch')).toHaveLength(20);
    expect(cursor.offset).toBe(Buffer.byteLength(lines(told)));
  });

  it('of many epochs keeps some, the last, and the best', async () => {
    const told = Array.from({ length: 1000 }, (_, i) => epoch(i + 1, i === 333 ? 0.99 : 0.5));
    writeFileSync(file, lines(told));
    const { events } = await readThinned(file, 50);
    expect(events.length).toBeLessThanOrEqual(52);
    expect(events).toEqual(expect.arrayContaining([told[0], told[333], told[999]]));
  });

  it('passes over what is torn, and a missing file has none', async () => {
    expect(await readThinned(file, 10)).toEqual({ events: [], cursor: { offset: 0, mark: '' } });
    writeFileSync(file, `${lines([step(1)])}\n{"event":"step","st\n${lines([step(2)])}{"event":"epo`);
    expect(stepsOf((await readThinned(file, 10)).events)).toEqual([1, 2]);
  });
});

describe('reading on', () => {
  it('has what was appended, whole lines only, each once', async () => {
    writeFileSync(file, lines([step(1)]));
    let { cursor } = await readThinned(file, 10);
    expect((await readAppended(file, cursor))?.events).toEqual([]);
    const [next, half] = [lines([step(2), problem(7)]), lines([step(3)])];
    appendFileSync(file, next + half.slice(0, 20));
    const read = await readAppended(file, cursor);
    expect(read?.events).toEqual([step(2), problem(7)]);
    cursor = read!.cursor;
    appendFileSync(file, half.slice(20));
    expect((await readAppended(file, cursor))?.events).toEqual([step(3)]);
  });

  it('begins with a file that was not there', async () => {
    const { cursor } = await readThinned(file, 10);
    writeFileSync(file, lines([step(1)]));
    expect((await readAppended(file, cursor))?.events).toEqual([step(1)]);
  });

  it.each([
    ['shorter', [step(1)]],
    ['longer, with other lines', [step(1), step(20), step(30), step(40)]],
    ['gone', undefined],
  ])('says so where the file was written anew: %s', async (_, events) => {
    writeFileSync(file, lines([step(1), step(2), step(3)]));
    const { cursor } = await readThinned(file, 10);
    if (events) writeFileSync(file, lines(events));
    else rmSync(file);
    expect(await readAppended(file, cursor)).toBeUndefined();
  });
});
