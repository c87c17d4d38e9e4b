// Commands of rows in the Runs and Models views that come without their row, as they do when it is drawn anew while it is clicked: none
// may fall on another run, also where there is only one that it could be.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { registerCommands } from '../../src/extension/commands.ts';
import type { registerEvaluations } from '../../src/extension/evaluationCommands.ts';
import type { Job } from '../../src/extension/jobs.ts';
import type { RunActions } from '../../src/extension/runActions.ts';
import type { registerRunCommands } from '../../src/extension/runCommands.ts';
import type { stopTraining } from '../../src/extension/stopCommand.ts';
import type { registerTrainCommands } from '../../src/extension/trainCommands.ts';
import type { RunSummary } from '../../src/protocol/runs.ts';
import { loadWithCommands } from './editorStandIn.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cover-lost-rows-'));
  writeFileSync(join(folder, 'cover.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A command that only shows something may show the only one there is. */
const shows = ['cover.openRun', 'cover.openEvaluation'];

interface MenuItem {
  command: string;
  when: string;
}
const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  contributes: { menus: { 'view/item/context': MenuItem[] } };
};
const ofRows = [
  ...new Set(
    contributes.menus['view/item/context']
      .filter(({ when }) => /view == cover\.(runs|models)/.test(when))
      .map(({ command }) => command),
  ),
];

const heads = { moves: { top1: 0.9, top5: 1, samples: 40, missing: 0, classes: 4 } };
const only: RunSummary = {
  ...{ run: 'only', folder: '/w/.cover/runs/only', experiment: 'e', started: '2026-01-01', state: 'cancelled' },
  ...{ error: null, step: 1, steps: 2, device: 'cpu', heads },
};

function job(run: string | undefined, done: string[]): Job & { cancelling: boolean } {
  const step = { step: 3, steps: 10, eta: 60 } as never;
  return {
    run,
    cancelling: false,
    latest: (event) => (event === 'step' && run === 'a' ? step : undefined),
    cancel() {
      this.cancelling = true;
      done.push(`stop ${run}`);
    },
  };
}

/** Whatever the commands reach: what is done there is noted. */
function reached(done: string[]): never {
  const note = (what: string) => async () => void done.push(what);
  const runners = {
    ask: async (method: string) => (method === 'runs/list' ? [only] : void done.push(method)),
    start: note('a runner'),
  };
  const panels = { show: note('a page') };
  const event = () => ({ dispose: () => {} });
  return {
    ...{ runners, panels, runPanels: panels, evaluationPanels: panels, runs: { refresh: () => {} } },
    jobs: { running: [job('a', done)], onEvent: event, onEnd: event, ofRun: () => undefined },
    train: { resume: note('resume'), retry: note('retry'), run: note('train') },
    evaluate: { run: note('evaluate'), onJudged: event },
    actions: { run: note('an action'), stop: note('stop'), remove: note('delete'), pick: note('pick') },
    state: { get: (_: string, otherwise: unknown) => otherwise },
    ...{ messages: { guard: (work: () => Promise<unknown>) => work() }, runsChanged: () => {} },
  } as never;
}

async function load<T>(entry: string) {
  const loaded = await loadWithCommands<T>(entry, folder);
  (loaded.vscode.commands as Record<string, unknown>).executeCommand = async (id: string) =>
    void loaded.vscode.said.push(['ran', id]);
  (loaded.vscode.window as Record<string, unknown>).setStatusBarMessage = (text: string) =>
    loaded.vscode.said.push(['line', text]);
  return loaded;
}

test('every command of a row, without its row, does nothing before the person said which run is meant', async () => {
  const [general, run, train, evaluations] = [
    await load<{ registerCommands: typeof registerCommands }>('src/extension/commands.ts'),
    await load<{ registerRunCommands: typeof registerRunCommands }>('src/extension/runCommands.ts'),
    await load<{ registerTrainCommands: typeof registerTrainCommands }>('src/extension/trainCommands.ts'),
    await load<{ registerEvaluations: typeof registerEvaluations }>('src/extension/evaluationCommands.ts'),
  ];
  const done: string[] = [];
  general.module.registerCommands(reached(done));
  run.module.registerRunCommands(reached(done));
  train.module.registerTrainCommands(reached(done));
  evaluations.module.registerEvaluations({ subscriptions: [] } as never, reached(done));
  const all = [general, run, train, evaluations];
  const found: Record<string, string> = {};
  for (const id of ofRows) {
    const { known, vscode } = all.find((each) => each.known.has(id))!;
    const before = vscode.said.length;
    done.length = 0;
    await known.get(id)!(undefined, undefined);
    const said = vscode.said.slice(before).map(([how]) => how);
    found[id] = [...done, ...said].join(', ');
  }
  expect(ofRows.length).toBeGreaterThan(14);
  for (const id of ofRows) expect(`${id}: ${found[id]}`).toMatch(shows.includes(id) ? /: a page$/ : /: (pick|line)$/);
});

test.each([
  ['one that trains', ['a'], ['a: step 3 of 10 · 60 s left'], 0, ['stop a']],
  ['one of several', ['a', 'b'], ['a: step 3 of 10 · 60 s left', 'b: '], 1, ['stop b']],
  ['nothing', ['a'], ['a: step 3 of 10 · 60 s left'], undefined, []],
  ['one that is starting', [undefined], ['the training that is just starting: '], 0, ['stop undefined']],
] as const)(
  'Stop without a run asks which, and stops what was chosen: %s',
  async (_, names, rows, chosen, expected) => {
    const { module, vscode } = await load<{ stopTraining: typeof stopTraining }>('src/extension/stopCommand.ts');
    const done: string[] = [];
    const offered: string[] = [];
    (vscode.window as Record<string, unknown>).showQuickPick = async (
      items: { label: string; description: string }[],
    ) => {
      offered.push(...items.map(({ label, description }) => `${label}: ${description}`));
      return chosen === undefined ? undefined : items[chosen];
    };
    const running = names.map((name) => job(name, done));
    await module.stopTraining({ jobs: { running }, actions: { stop: async () => {} } }, undefined);
    expect([offered, done]).toEqual([rows, expected]);
  },
);

test('Stop of what has ended or stops already does nothing; without any training it says so', async () => {
  const { module, vscode } = await load<{ stopTraining: typeof stopTraining }>('src/extension/stopCommand.ts');
  const done: string[] = [];
  const [ended, stopping] = [job('ended', done), { ...job('stopping', done), cancelling: true }];
  const jobs = { running: [ended, stopping] };
  const actions = { stop: async () => {} };
  (vscode.window as Record<string, unknown>).showQuickPick = async (items: { description: string }[]) => {
    expect(items.map(({ description }) => description)).toEqual(['', 'stopping already']);
    jobs.running = [stopping];
    return items[0];
  };
  await module.stopTraining({ jobs, actions }, undefined);
  (vscode.window as Record<string, unknown>).showQuickPick = async (items: unknown[]) => items[0];
  await module.stopTraining({ jobs, actions }, undefined);
  expect(done).toEqual([]);
  jobs.running = [];
  await expect(module.stopTraining({ jobs, actions }, undefined)).rejects.toThrow('No run is training.');
});

test('Stop asked twice of one run waits for its step; Stop Now does not', async () => {
  const { module } = await load<{ RunActions: typeof RunActions }>('src/extension/runActions.ts');
  const done: string[] = [];
  const actions = new module.RunActions({} as never, { ofRun: () => a } as never, {} as never);
  const a = job('a', done);
  await actions.stop('/w', 'a');
  await actions.stop('/w', 'a');
  expect(done).toEqual(['stop a']);
  await actions.stop('/w', 'a', true);
  expect(done).toEqual(['stop a', 'stop a']);
});
