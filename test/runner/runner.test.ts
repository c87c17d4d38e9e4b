// dist/runner.js as the editor meets it: a process spoken to over stdio.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encodeImage } from '../../src/media/sharp.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import { createRun } from '../../src/runs/runFolder.ts';
import { killStarted, start } from './startRunner.ts';

let workspace: string;
beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'cover runner-'));
  for (const label of ['left', 'right']) {
    mkdirSync(join(workspace, 'shapes', label), { recursive: true });
    for (let index = 0; index < 5; index++) {
      const pixels = new Uint8Array(16 * 16 * 3).fill(index * 20);
      writeFileSync(join(workspace, 'shapes', label, `${index}.png`), await encodeImage(pixels, 16, 16, 'png'));
    }
  }
});
afterEach(killStarted);
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

describe('the runner', () => {
  it('answers from finding datasets to reading one class, and ends when its stdin closes', async () => {
    const { child, endpoint, events, noise, stderr, exited } = start();
    expect(await endpoint.request('runner/hello', {})).toMatchObject({ pid: child.pid, node: process.version });
    const found = await endpoint.request('config/discover', { workspace, folder: workspace });
    expect(found).toMatchObject([
      { name: 'shapes', kind: 'image', path: 'shapes', format: 'classFolders', samples: 10, classes: 2 },
    ]);
    expect(await endpoint.request('config/addDatasets', { workspace, datasets: found })).toEqual(['shapes']);
    expect(await endpoint.request('config/check', { workspace })).toEqual([]);
    expect(await endpoint.request('config/check', { workspace, text: '{' })).toMatchObject([
      { severity: 'error', line: 1 },
    ]);
    expect(await endpoint.request('index/datasets', { workspace })).toEqual([]);
    const [summary] = await endpoint.request('index/update', { workspace });
    expect(summary).toMatchObject({ name: 'shapes', samples: 10, classes: 2 });
    expect(await endpoint.request('index/datasets', { workspace })).toEqual([summary]);
    expect(events.at(-1)).toMatchObject({ event: 'progress', task: 'index', dataset: 'shapes', done: 10, total: 10 });
    const split = summary!.splits[0]!.name;
    const classes = await endpoint.request('index/classes', { workspace, dataset: 'shapes', split });
    expect(classes.map(({ label }) => label)).toEqual(['left', 'right']);
    const page = { workspace, dataset: 'shapes', split, label: 'left', offset: 0, limit: 2 };
    expect(await endpoint.request('index/samples', page)).toMatchObject([
      { dataset: 'shapes', label: 'left', kind: 'image' },
      {},
    ]);
    expect(await endpoint.request('index/problems', { workspace })).toEqual([]);
    expect((await endpoint.request('devices/list', {}))[0]).toMatchObject({ id: 'cpu', available: true });
    child.stdin.end();
    expect(await exited).toEqual({ code: 0, signal: null });
    expect({ noise, stderr: stderr() }).toEqual({ noise: [], stderr: '' });
  });

  it('tells runs, their events and their judged samples', async () => {
    const run = await createRun(workspace, 'quick', {});
    const problem: JobEvent = {
      event: 'problem',
      problem: { severity: 'warning', file: '/a.mp4', message: 'Unreadable.' },
    };
    run.append(problem);
    const sample = {
      id: 'shapes/a',
      dataset: 'shapes',
      split: 'val',
      label: 'left',
      file: '/a.png',
      kind: 'image' as const,
      start: null,
      end: null,
    };
    const heads = { shapes: { top: [1, 0], probabilities: [0.75, 0.25] } };
    await run.writePredictions([{ sample, truth: 0, truthProbability: 0.25, heads }], { shapes: ['left', 'right'] });
    await run.setState({ state: 'done' });
    const { endpoint } = start();
    const [summary] = await endpoint.request('runs/list', { workspace });
    expect(summary).toMatchObject({ run: 'quick-1', state: 'done', folder: run.folder });
    expect(await endpoint.request('runs/get', { workspace, run: run.folder })).toEqual({ summary, events: [problem] });
    const cell = { workspace, run: 'quick-1', head: 'shapes', truth: 0, predicted: 1, offset: 0, limit: 10 };
    expect(await endpoint.request('evaluation/cell', cell)).toEqual([
      {
        sample,
        predicted: 'right',
        probability: 0.75,
        heads: {
          shapes: [
            { label: 'right', probability: 0.75 },
            { label: 'left', probability: 0.25 },
          ],
        },
      },
    ]);
    await expect(
      endpoint.request('evaluation/get', { workspace, run: 'quick-1', head: 'shapes' }),
    ).rejects.toMatchObject({ code: 'no-report' });
    await expect(endpoint.request('runs/get', { workspace, run: 'quick-2' })).rejects.toMatchObject({ code: 'no-run' });
  });

  it('a question to a workspace that is none is an error with its file, and the next is answered', async () => {
    const { endpoint } = start();
    await expect(endpoint.request('index/update', { workspace: join(workspace, 'none') })).rejects.toMatchObject({
      code: 'bad-workspace',
      file: join(workspace, 'none', 'cover.json'),
    });
    expect(await endpoint.request('runs/list', { workspace: join(workspace, 'none') })).toEqual([]);
  });

  it('lines that are no messages, and wrong parameters, harm nothing', async () => {
    const { child, endpoint, stderr } = start();
    child.stdin.write('hello\n[1]\nnull\n{"id":900,"method":"toString","params":{}}\n');
    await expect(endpoint.request('runs/list', {} as never)).rejects.toMatchObject({ code: 'bad-params' });
    expect(await endpoint.request('runner/hello', {})).toMatchObject({ pid: child.pid });
    expect(stderr()).toContain('Not a message: hello');
  });

  it.skipIf(process.platform === 'win32').each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s ends it in order', async (signal, code) => {
    const { child, endpoint, exited } = start();
    await endpoint.request('runner/hello', {});
    child.kill(signal);
    expect(await exited).toEqual({ code, signal: null });
  });

  it('ends when nobody reads its stdout any more', async () => {
    const { child, endpoint, exited } = start();
    await endpoint.request('runner/hello', {});
    child.stdout.destroy();
    child.stdin.write('{"id":901,"method":"runner/hello","params":{}}\n');
    expect((await exited).signal).toBeNull();
  });
});
