// A training that is asked to stop: its row, its page and the status bar say so in that moment, whatever the answer takes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Jobs } from '../../src/extension/jobs.ts';
import type { RunsTree } from '../../src/extension/runsTree.ts';
import type { StatusBar } from '../../src/extension/statusBar.ts';
import type { RunSummary } from '../../src/protocol/runs.ts';
import { loadWithEditor } from './editorStandIn.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cover-stopping-'));
  writeFileSync(join(folder, 'cover.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run: RunSummary = {
  ...{ run: 'moves', folder: '/w/.cover/runs/moves', experiment: 'e', started: '2026-01-01', state: 'running' },
  ...{ error: null, step: 1, steps: 9, device: 'cpu', heads: {} },
};

async function setUp() {
  const [jobsPart, treePart, barPart] = [
    await loadWithEditor<{ Jobs: typeof Jobs }>('src/extension/jobs.ts', folder),
    await loadWithEditor<{ RunsTree: typeof RunsTree }>('src/extension/runsTree.ts', folder),
    await loadWithEditor<{ StatusBar: typeof StatusBar }>('src/extension/statusBar.ts', folder),
  ];
  const stop = { asked: 0, fail: (_: Error) => {} };
  const runners = {
    ask: async (method: string) => {
      if (method === 'runs/list') return [run];
      if (method === 'runs/story') return { summary: run, events: [], cursor: { offset: 0, mark: '' } };
      if (method === 'runs/follow') return { summary: run, events: [], cursor: { offset: 0, mark: '' }, again: false };
      stop.asked++;
      return new Promise((_, reject) => {
        stop.fail = reject; // no answer before that
      });
    },
  };
  const failures: unknown[] = [];
  const options = { keeps: () => false, log: () => {}, failed: (error: unknown) => failures.push(error) };
  const jobs = new jobsPart.module.Jobs(runners as never, options);
  const tree = new treePart.module.RunsTree(
    runners as never,
    jobs,
    () => true,
    () => {},
  );
  const item = { hide: () => {}, show: () => {}, text: '', dispose: () => {} };
  (barPart.vscode.window as Record<string, unknown>).createStatusBarItem = () => item;
  const bar = new barPart.module.StatusBar(jobs);
  const [row] = await tree.getChildren();
  const drawn: unknown[] = [];
  tree.onDidChangeTreeData((changed) => drawn.push(changed));
  const words = () => tree.getTreeItem(row!).description;
  const dispose = () => {
    for (const each of [bar, tree, jobs]) each.dispose();
  };
  return { jobs, row, drawn, words, item, stop, failures, dispose };
}

test('is told in the same moment, and taken back where it could not be asked', async () => {
  const { jobs, row, drawn, words, item, stop, failures, dispose } = await setUp();
  expect(words()).not.toContain('stopping');
  jobs.ofRun('moves')!.cancel();
  expect(drawn.at(-1)).toBe(row);
  expect(words()).toContain('stopping after this step');
  expect(item.text).toContain('stopping');
  expect(stop.asked).toBe(1);
  drawn.length = 0;
  stop.fail(new Error('The runner was stopped.'));
  await expect.poll(() => failures).toHaveLength(1);
  expect(drawn).toEqual([row]);
  expect(words()).not.toContain('stopping');
  expect(item.text).not.toContain('stopping');
  dispose();
});

test('a run that stops with its study is told too, and not asked itself', async () => {
  const { jobs, words, stop, dispose } = await setUp();
  jobs.stopsOfStudy('another');
  expect(words()).not.toContain('stopping');
  jobs.stopsOfStudy('moves');
  expect([words(), stop.asked]).toEqual([expect.stringContaining('stopping after this step'), 0]);
  dispose();
});
