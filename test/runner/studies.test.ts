// A study as dist/runner.js trains it: what it comes to, its runs told one by one, stopped in the middle and gone on with.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobEvent } from '../../src/protocol/events.ts';
import { writeTinyWorkspace } from '../cli/tinyWorkspace.ts';
import { killStarted, type Started, start } from './startRunner.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cover studies-'));
});
afterEach(killStarted);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Two datasets, so that there is something to compare. */
async function workspaceOf(name: string, epochs?: number): Promise<string> {
  const folder = join(root, name);
  await writeTinyWorkspace(folder, epochs);
  const file = join(folder, 'cover.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.datasets.other = { ...config.datasets.colours };
  config.studies = { written: { seeds: [4] } };
  writeFileSync(file, JSON.stringify(config));
  return folder;
}

async function until(runner: Started, suits: (event: JobEvent) => boolean): Promise<void> {
  while (!runner.events.some(suits)) await new Promise((resolve) => setTimeout(resolve, 20));
}
const armsOf = ({ events }: Started) => events.flatMap((event) => (event.event === 'arm' ? [event] : []));
const study = { compare: ['coTraining' as const], seeds: [1], experiment: 'quick' };

it('says what there is to start, and what a new one would come to, and begins nothing', async () => {
  const workspace = await workspaceOf('choices');
  const { endpoint } = start();
  const choices = await endpoint.request('studies/choices', { workspace });
  expect(choices).toMatchObject({
    written: [{ name: 'written', experiment: 'quick', compare: ['coTraining'], seeds: [4] }],
    begun: [],
    experiments: ['quick'],
    usual: { compare: ['coTraining'], seeds: [1, 2, 3] },
  });
  expect(choices.comparisons.map(({ name }) => name)).toEqual(['coTraining', 'transfer', 'images']);
  const plan = (name: string, more: object = {}) => endpoint.request('studies/plan', { workspace, name, ...more });
  expect(await plan('written')).toEqual({ name: 'written', finished: 0, runs: 3 });
  expect(await plan('new', { study: { ...study, seeds: [1, 2] } })).toMatchObject({ runs: 6 });
  expect(await endpoint.request('studies/list', { workspace })).toEqual([]);
});

describe('what cannot be studied is one sentence, before the first run', () => {
  it.each([
    ['none', undefined, 'no-study', /cover\.json has no study "none"/],
    [
      'new',
      { ...study, seeds: [] },
      'bad-study',
      /^The study cannot be begun: "seeds" must be a list of at least 1\.$/,
    ],
    ['new', { ...study, seeds: [-1] }, 'bad-study', /"seeds\.0" must be 0 or more\.$/],
    ['new', { ...study, compare: ['images' as const] }, 'bad-study', /has only images/],
    ['new', { ...study, experiment: 'quik' }, 'no-experiment', /no experiment "quik"/],
    ['../new', study, 'bad-study', /cannot be the name of a study/],
  ])('%s, %j', async (name, asked, code, sentence) => {
    const workspace = await workspaceOf('wrong');
    const { endpoint, events } = start();
    const params = { workspace, name, ...(asked && { study: asked }) };
    for (const method of ['studies/plan', 'studies/run'] as const)
      await expect(endpoint.request(method, params)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(sentence),
      });
    expect(events).toEqual([]);
  });
});

it('is stopped in its second run, and goes on with it', async () => {
  const workspace = await workspaceOf('stopped', 60);
  const params = { workspace, name: 'mine', study };
  const first = start();
  const controller = new AbortController();
  const asked = first.endpoint.request('studies/run', params, controller.signal);
  asked.catch(() => undefined); // looked at below
  await until(first, ({ event }) => event === 'started');
  const shown = await first.endpoint.request('studies/get', { workspace, name: 'mine' });
  await expect(first.endpoint.request('train/run', { workspace })).rejects.toMatchObject({ code: 'busy' });
  expect(shown.arms.map(({ training, done }) => [training, done])).toEqual([
    [true, false],
    [false, false],
    [false, false],
  ]);
  await until(first, (event) => event.event === 'arm' && event.number === 2);
  const before = first.events.length;
  while (!first.events.slice(before).some(({ event }) => event === 'step'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  controller.abort();
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  first.child.stdin.end();
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(armsOf(first)).toMatchObject([
    { number: 1, of: 3, title: 'co-trained', seed: 1, resumed: false, eta: null },
    { number: 2, title: 'colours alone', resumed: false, eta: expect.any(Number) },
  ]);

  const second = start();
  const { endpoint } = second;
  // As it was begun, which needs no more than its name.
  expect(await endpoint.request('studies/plan', { workspace, name: 'mine' })).toEqual({
    name: 'mine',
    finished: 1,
    runs: 3,
  });
  const left = await endpoint.request('studies/get', { workspace, name: 'mine' });
  expect(left.arms).toMatchObject([{ done: true }, { run: 'mine-2-1', training: false, done: false }, { run: null }]);
  expect(await endpoint.request('studies/run', { workspace, name: 'mine' })).toMatchObject({ name: 'mine' });
  expect(armsOf(second)).toMatchObject([
    { number: 2, title: 'colours alone', resumed: true },
    { number: 3, title: 'other alone', resumed: false },
  ]);
  const done = await endpoint.request('studies/get', { workspace, name: 'mine' });
  expect(done).toMatchObject({ finished: 3, runs: 3, tables: [{ comparison: 'coTraining' }] });
  expect(done.arms.map(({ run }) => run)).toEqual(['mine-1-1', 'mine-2-1', 'mine-3-1']);
}, 120_000);

it('goes on when who asked is gone, and stops with the run under way', async () => {
  const workspace = await workspaceOf('kept', 100_000);
  const runner = start();
  runner.endpoint.request('studies/run', { workspace, name: 'written', keep: true }).catch(() => undefined);
  await until(runner, ({ event }) => event === 'step');
  runner.child.stdin.end();
  const { endpoint } = start();
  const run = 'written-1-1';
  const stepOf = async () => (await endpoint.request('runs/get', { workspace, run })).events.length;
  const before = await stepOf();
  while ((await stepOf()) <= before) await new Promise((resolve) => setTimeout(resolve, 50));
  await endpoint.request('runs/stop', { workspace, run });
  expect(await runner.exited).toMatchObject({ code: 0 });
  const { arms } = await endpoint.request('studies/get', { workspace, name: 'written' });
  expect(arms).toMatchObject([{ run, training: false, done: false }, { run: null }, { run: null }]);
}, 60_000);
