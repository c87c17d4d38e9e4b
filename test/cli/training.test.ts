// train, evaluate and predict as a program meets them: dist/cli.js as a process, on a workspace that trains in seconds.
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import { listRuns } from '../../src/runs/listRuns.ts';
import { checkpointName } from '../../src/runs/runFolder.ts';
import { coverTrain } from '../training/killing.ts';
import { tinyLabels, writeTinyWorkspace } from './tinyWorkspace.ts';

type Event = Record<string, unknown> & { event: string };

let root: string;
let workspace: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "cover's training-"));
  workspace = join(root, 'done');
  mkdirSync(workspace);
  await writeTinyWorkspace(workspace);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function cover(...args: string[]): { code: number | null; stdout: string; stderr: string; events: Event[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [distFile('cli.js'), ...args], { encoding: 'utf8' });
  return { code: status, stdout, stderr, events: args.includes('--json') ? eventsOf(stdout) : [] };
}

function eventsOf(stdout: string): Event[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
}

describe('a run from start to end', () => {
  let trained: ReturnType<typeof cover>;
  beforeAll(() => {
    trained = cover('train', '--workspace', workspace, '--json');
  });
  const held = join('colours', 'val', tinyLabels[1]!, '0.png');

  it('train --json tells the whole story and ends with done', () => {
    expect({ code: trained.code, stderr: trained.stderr }).toEqual({ code: 0, stderr: '' });
    const kinds = trained.events.map(({ event }) => event);
    expect(kinds.filter((kind) => kind === 'epoch')).toHaveLength(2);
    expect(new Set(kinds)).toEqual(new Set(['progress', 'started', 'step', 'epoch', 'done']));
    const run = join(workspace, '.cover', 'runs', 'quick-1');
    expect(trained.events.at(-1)).toEqual({
      event: 'done',
      run,
      protocol: expect.stringContaining('16 × 16'),
      seconds: expect.any(Number),
      heads: { colours: { top1: expect.any(Number), top5: null, samples: 4, missing: 0, classes: 2 } },
    });
    expect(readdirSync(run).sort()).toEqual([
      'checkpoints',
      'experiment.json',
      'metrics.jsonl',
      'model.onnx',
      'predictions.parquet',
      'report.json',
      'samples.parquet',
      'state.json',
    ]);
  });

  it('evaluate judges it again, to the same figures', () => {
    const { code, events } = cover('evaluate', '--workspace', workspace, '--json');
    expect(code).toBe(0);
    expect(events.at(-1)?.heads).toEqual(trained.events.at(-1)?.heads);
    const table = cover('evaluate', 'quick-1', '--workspace', workspace);
    expect(table.stdout).toMatch(/^Held-out accuracy, .*16 × 16:\nhead +top-1 .* missing +classes\n─+\ncolours /);
  });

  it('predict tells every head of every file, and goes on after one that cannot be read', () => {
    const file = join(workspace, held);
    const missing = join(workspace, 'none.png');
    writeFileSync(join(workspace, 'broken.mp4'), 'no video');
    const broken = join(workspace, 'broken.mp4');
    const { code, events, stderr } = cover(
      'predict',
      missing,
      broken,
      file,
      '--top',
      '2',
      '--json',
      '--workspace',
      workspace,
    );
    expect(code).toBe(1);
    expect(events).toMatchObject([
      { event: 'error', code: 'unreadable-media', file: missing },
      { event: 'error', code: 'unreadable-media', file: broken },
      { event: 'prediction', file },
    ]);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    const { colours } = events[2]!.heads as { colours: { label: string; probability: number }[] };
    expect(colours.map(({ label }) => label).sort()).toEqual([...tinyLabels].sort());
    expect(colours[0]!.probability + colours[1]!.probability).toBeCloseTo(1, 5);
    expect(cover('predict', file, '--workspace', workspace, '--run', 'quick-1').code).toBe(0);
  });

  it('evaluate leaves a report as it is while the disk of its samples is away', () => {
    const report = join(workspace, '.cover', 'runs', 'quick-1', 'report.json');
    const before = readFileSync(report, 'utf8');
    renameSync(join(workspace, 'colours'), join(workspace, 'away'));
    const result = cover('evaluate', 'quick-1', '--workspace', workspace);
    renameSync(join(workspace, 'away'), join(workspace, 'colours'));
    expect(result.stderr).toMatch(/^Error: The dataset "colours" is not there: .*val does not exist\./);
    expect(readFileSync(report, 'utf8')).toBe(before);
  });

  it.each([
    ['train', ['--datasets', 'colour'], 'no-dataset', /colours/],
    ['train', ['--experiment', 'slow'], 'no-experiment', /quick/],
    ['train', ['--device', 'abacus'], 'no-such-device', /cpu/],
    ['evaluate', ['quick-9'], 'no-run', /quick-9/],
    ['predict', ['a.png', '--run', 'quick-9'], 'no-run', /quick-9/],
  ])('%s %j names nothing that is there: one sentence', (command, args, code, said) => {
    const result = cover(command, ...args, '--json', '--workspace', workspace);
    expect(result.code).toBe(1);
    expect(result.events).toMatchObject([{ event: 'error', code, message: expect.stringMatching(said) }]);
    expect(result.stderr).toBe(`Error: ${result.events[0]!.message}\n`);
  });
});

describe('for a person', () => {
  it('train prints a table on stdout and its progress on stderr', () => {
    const { code, stdout, stderr } = cover('train', '--workspace', workspace, '--epochs', '1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Held-out accuracy, .*\nhead .*\n─+\ncolours .*\n$/);
    expect(stderr).toMatch(/coTraining, epoch 1 of 1: top-1 colours/);
    expect(stderr).toMatch(/The run is in .*quick-\d/);
  });
});

// Windows has no signals to send to another process.
describe.skipIf(process.platform === 'win32')('stopping', () => {
  let long: string;
  beforeAll(async () => {
    long = join(root, 'long');
    mkdirSync(long);
    await writeTinyWorkspace(long, 100_000);
  });

  /** Sends the signals, one at each `step` event from the second on. */
  function trainUntil(
    signals: NodeJS.Signals[],
  ): Promise<{ code: number | null; signal: string | null; events: Event[] }> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [distFile('cli.js'), 'train', '--json', '--workspace', long]);
      let stdout = '';
      let seen = 0;
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        const steps = stdout.split('"event":"step"').length - 1;
        if (steps < 2 || steps === seen) return;
        seen = steps;
        const next = signals.shift();
        if (next) child.kill(next);
      });
      child.once('close', (code, signal) =>
        resolve({ code, signal, events: eventsOf(stdout.slice(0, stdout.lastIndexOf('\n'))) }),
      );
    });
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s keeps a checkpoint and a model', async (name, code) => {
    const { events, ...ended } = await trainUntil([name]);
    expect(ended).toEqual({ code, signal: null });
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'cancelled' });
    const [run] = await listRuns(long);
    expect(run).toMatchObject({ state: 'cancelled', error: null });
    expect(readdirSync(join(run!.folder, 'checkpoints')).at(-1)).toBe(`${checkpointName(run!.step)}.safetensors`);
    expect(existsSync(join(run!.folder, 'model.onnx'))).toBe(true);
  });

  it('a kill leaves a run that reads as interrupted, and its events', async () => {
    const { signal } = await trainUntil(['SIGKILL']);
    expect(signal).toBe('SIGKILL');
    const [run] = await listRuns(long);
    expect(run).toMatchObject({ state: 'interrupted' });
    expect(cover('predict', 'a.png', '--workspace', long, '--json').events).toMatchObject([{ code: 'no-run' }]);
  });
});

describe('resuming', () => {
  let folder: string;
  let run: string;
  beforeAll(async () => {
    folder = join(root, 'resumed');
    mkdirSync(folder);
    await writeTinyWorkspace(folder, 40);
    await coverTrain(folder, undefined, { writing: 5 });
    run = join(folder, '.cover', 'runs', 'quick-1');
  });
  const checkpoints = () =>
    readdirSync(join(run, 'checkpoints'))
      .filter((name) => name.endsWith('.safetensors'))
      .sort();
  const interrupt = () => {
    const file = join(run, 'state.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), state: 'interrupted' }));
  };

  it('waits for the disk of its datasets', () => {
    const story = readFileSync(join(run, 'metrics.jsonl'), 'utf8');
    renameSync(join(folder, 'colours'), join(folder, 'away'));
    const result = cover('train', '--resume', 'quick-1', '--workspace', folder);
    renameSync(join(folder, 'away'), join(folder, 'colours'));
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^Error: The dataset "colours" is not there: .*train does not exist\./);
    expect(readFileSync(join(run, 'metrics.jsonl'), 'utf8')).toBe(story);
  });

  it('goes on as the run was frozen, from the newest checkpoint that is whole', async () => {
    expect(await listRuns(folder)).toMatchObject([{ run: 'quick-1', state: 'interrupted' }]);
    const [older, newest] = checkpoints();
    truncateSync(join(run, 'checkpoints', newest!), 1000);
    await writeTinyWorkspace(folder, 3); // cover.json says something else now
    rmSync(join(folder, '.cover', 'index.duckdb'));
    const { code, events } = cover('train', '--resume', 'quick-1', '--workspace', folder, '--json');
    expect(code).toBe(0);
    const step = Number(/\d+/.exec(older!)![0]);
    expect(events.find(({ event }) => event === 'started')).toMatchObject({ run, resumedAt: step });
    expect(events.filter(({ event }) => event === 'problem')).toMatchObject([
      { problem: { severity: 'warning', file: join(run, 'checkpoints', `${newest}.damaged`) } },
    ]);
    expect(events.filter(({ event }) => event === 'step').every((event) => Number(event.step) > step)).toBe(true);
    expect(events.at(-1)).toMatchObject({ event: 'done', run });
    expect(await listRuns(folder)).toMatchObject([{ run: 'quick-1', state: 'done', step: 120, steps: 120 }]);
    const epochs = eventsOf(readFileSync(join(run, 'metrics.jsonl'), 'utf8')).filter(({ event }) => event === 'epoch');
    expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(checkpoints().at(-1)).toBe(`${checkpointName(120)}.safetensors`);
  });

  it('with its training behind it, judges and stores what is left', () => {
    interrupt();
    const before = readFileSync(join(run, 'model.onnx'));
    for (const name of ['model.onnx', 'predictions.parquet', 'report.json']) rmSync(join(run, name));
    const { code, events } = cover('train', '--resume', run, '--workspace', folder, '--json');
    expect({ code, steps: events.filter(({ event }) => event === 'step') }).toEqual({ code: 0, steps: [] });
    expect(readFileSync(join(run, 'model.onnx')).equals(before)).toBe(true);
    expect(existsSync(join(run, 'report.json'))).toBe(true);
  });

  it('without a checkpoint starts from the beginning, to the same weights', () => {
    interrupt();
    const before = readFileSync(join(run, 'checkpoints', checkpoints().at(-1)!));
    for (const name of checkpoints()) rmSync(join(run, 'checkpoints', name));
    const { code, events } = cover('train', '--resume', 'quick-1', '--workspace', folder, '--json');
    expect(code).toBe(0);
    expect(events.find(({ event }) => event === 'started')).not.toHaveProperty('resumedAt');
    expect(readFileSync(join(run, 'checkpoints', checkpoints().at(-1)!)).equals(before)).toBe(true);
  });

  it.each([
    [['quick-1'], 1, /The run "quick-1" is finished/],
    [['quick-9'], 1, /There is no run "quick-9"/],
    [['quick-1', '--epochs', '3'], 2, /cannot be used with option '--epochs/],
    [['quick-1', '--preset', 'nano'], 2, /cannot be used with option '--preset/],
  ])('--resume %j is refused', (args, code, said) => {
    const result = cover('train', '--resume', ...args, '--workspace', folder);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(said);
  });
});

it('a reader that goes away stops the training in order', async () => {
  const folder = join(root, 'piped');
  mkdirSync(folder);
  await writeTinyWorkspace(folder, 100_000);
  const child = spawn(process.execPath, [distFile('cli.js'), 'train', '--json', '--workspace', folder]);
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(143);
  expect((await listRuns(folder)).map(({ state }) => state)).not.toContain('running');
});
