// The command line as a person and a program meet it: dist/cli.js as a process.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import { encodeImage } from '../../src/media/sharp.ts';

let root: string;
let workspace: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "cover's cli-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(async () => {
  workspace = join(root, String(++count));
  for (const label of ['left', 'right, "sharp"']) {
    mkdirSync(join(workspace, 'shapes', label), { recursive: true });
    for (let index = 0; index < 5; index++) {
      const pixels = new Uint8Array(16 * 16 * 3).fill(index * 20);
      writeFileSync(join(workspace, 'shapes', label, `${index}.png`), await encodeImage(pixels, 16, 16, 'png'));
    }
  }
});

function cover(...args: string[]): {
  code: number | null;
  stdout: string;
  stderr: string;
  events: Record<string, unknown>[];
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [distFile('cli.js'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const events = args.includes('--json')
    ? stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
  return { code: status, stdout, stderr, events };
}

describe('used wrongly: exit 2, said on stderr, nothing on stdout', () => {
  it.each([
    ['no command', [], /Usage: cover/],
    ['an unknown command', ['trian'], /unknown command 'trian'/],
    ['an unknown option', ['index', '--fast'], /unknown option '--fast'/],
    ['an option without its value', ['index', '--workspace'], /argument missing/],
    ['too many arguments', ['devices', 'cpu'], /too many arguments/],
    ['a missing argument', ['sample'], /missing required argument/],
    ['wrong in a command: its own help is named', ['train', '--fast'], /see "cover train --help"/],
    ['wrong in a command of a command', ['edit', 'exclude', '--fast'], /see "cover edit exclude --help"/],
    ['one run to compare', ['compare', 'quick-1'], /Name two runs at least/],
    ['options that belong to another', ['evaluate', 'quick-1', '--split', 'val'], /--split goes with/],
    [
      'what a run has frozen',
      ['train', '--resume', 'quick-1', '--weights', 'a'],
      /cannot be used with option '--weights/,
    ],
    ['one file for both reports', ['report', '--html', 'a', '--markdown', './a'], /one file/],
    ['seeds without what to compare', ['study', 'paper', '--seeds', '1'], /name what to --compare/],
  ])('%s', (_, args, said) => {
    const { code, stdout, stderr } = cover(...args);
    expect(stderr).toMatch(said);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

it.each<[string[], RegExp]>([
  [['--json'], /^No command was named; see "cover --help"\.$/],
  [['--json', 'trian'], /^unknown command 'trian' \(Did you mean train\?\)$/],
  [['edit', '--json'], /^No command was named/],
  [
    ['train', '--epochs', 'x', '--json'],
    /^option '--epochs <count>' argument 'x' is invalid\. Expected a whole number/,
  ],
  [['--json', 'index', '--fast'], /^unknown option '--fast'$/],
  [['--json', 'compare', 'quick-1'], /^Name two runs at least/],
])('used wrongly, for a program: %j is one event', (args, message) => {
  const { code, events, stderr } = cover(...args);
  expect(code).toBe(2);
  expect(events).toEqual([{ event: 'error', code: 'usage', message: expect.stringMatching(message) }]);
  expect(stderr).not.toBe('');
});

it.each([['--help'], ['--version'], ['help']])('%s is no error', (option) => {
  const { code, stdout } = cover(option);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Usage: cover|^\d+\.\d+\.\d+\n$/);
});

it.each([[['train', '--help']], [['help', 'predict']], [['edit', 'exclude', '--help']]])(
  '%j also names the options that every command takes',
  (args) => {
    const { code, stdout } = cover(...args);
    expect(code).toBe(0);
    for (const option of ['--workspace', '--device', '--ffmpeg', '--json']) expect(stdout).toContain(option);
  },
);

describe('init', () => {
  it('writes what it finds, says why, and index then lists it', () => {
    const { code, stdout, stderr } = cover('init', workspace);
    expect(code).toBe(0);
    expect(stdout).toMatch(/shapes +image +shapes +added +10 +2\n/);
    expect(stdout).toContain('shapes: 10 images in 2 classes');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    expect(stderr).toContain('cover.json');
    const index = cover('index', '--workspace', workspace);
    expect(index.code).toBe(0);
    expect(index.stdout).toMatch(/shapes +image +train \d+, val \d+ +10 +2 +0/);
    expect(existsSync(join(workspace, '.cover'))).toBe(true);
  });

  it('says in one line each what it left out, and why', () => {
    mkdirSync(join(workspace, 'old'));
    writeFileSync(join(workspace, 'old', 'labels.csv'), 'path,label\ngone.mp4,a\n');
    writeFileSync(join(workspace, 'loose.png'), '');
    const { stderr } = cover('init', workspace);
    expect(stderr).toContain(
      '\nLeft out: old/labels.csv: It names 1 video in 1 class, and none of the first is there.\n',
    );
    expect(stderr).toMatch(/^Left out: \.: 1 image directly in this folder, named by no list: [^\n]+\n/);
    expect(cover('init', workspace, '--json').events).toMatchObject([
      { event: 'dataset', name: 'shapes' },
      { event: 'leftOut', path: '.' },
      { event: 'leftOut', path: 'old/labels.csv' },
    ]);
  });

  it('adds only what is new, and keeps every word of the person', () => {
    cover('init', workspace);
    const file = join(workspace, 'cover.json');
    const edited = readFileSync(file, 'utf8').replace('{', '{\n  // mine');
    writeFileSync(file, edited);
    const again = cover('init', '--workspace', workspace, '--json');
    expect(again.events).toMatchObject([{ event: 'dataset', name: 'shapes', added: false }]);
    expect(readFileSync(file, 'utf8')).toBe(edited);
    cpSync(join(workspace, 'shapes'), join(workspace, 'more'), { recursive: true });
    expect(cover('init', workspace, '--json').events).toMatchObject([
      { name: 'more', added: true },
      { name: 'shapes', added: false },
    ]);
    expect(readFileSync(file, 'utf8')).toContain('// mine');
  });

  it.each([
    ['a folder that is not there', () => join(workspace, 'none'), 'no-folder'],
    [
      'a folder without datasets',
      () => {
        mkdirSync(join(workspace, 'empty'));
        return join(workspace, 'empty');
      },
      'no-datasets',
    ],
    [
      'a broken cover.json',
      () => {
        writeFileSync(join(workspace, 'cover.json'), '{"datasets": {');
        return workspace;
      },
      'bad-workspace',
    ],
  ])('%s: exit 1, one sentence, and an event', (_, folder, code) => {
    const dir = folder();
    const before = existsSync(join(dir, 'cover.json')) && readFileSync(join(dir, 'cover.json'), 'utf8');
    const result = cover('init', dir, '--json');
    expect(result.code).toBe(1);
    expect(result.events).toMatchObject([
      { event: 'error', code, message: expect.any(String), file: expect.any(String) },
    ]);
    expect(result.stderr).toBe(`Error: ${result.events[0]!.message}\n`);
    expect(existsSync(join(dir, 'cover.json')) && readFileSync(join(dir, 'cover.json'), 'utf8')).toBe(before);
    const forPerson = cover('init', dir);
    expect({ ...forPerson, events: [] }).toEqual({ code: 1, stdout: '', stderr: result.stderr, events: [] });
  });
});

it('index --json prints events alone, and a problem as one', () => {
  writeFileSync(join(workspace, 'list.csv'), 'path,label\nshapes/left/0.png,left\nshapes/left/none.png,left\n');
  const datasets = { listed: { kind: 'image', path: 'list.csv', format: 'manifest' } };
  writeFileSync(join(workspace, 'cover.json'), JSON.stringify({ datasets }));
  const { code, events, stderr } = cover('index', '--json', '--workspace', workspace);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(events.map(({ event }) => event)).toContain('progress');
  expect(events.find(({ event }) => event === 'problem')).toMatchObject({
    problem: { file: join(workspace, 'list.csv'), line: 3 },
  });
  expect(events.at(-1)).toMatchObject({ event: 'dataset', name: 'listed', samples: 1 });
});

it('devices names the CPU', () => {
  const cpu = expect.objectContaining({ event: 'device', id: 'cpu', available: true });
  expect(cover('devices', '--json').events).toContainEqual(cpu);
});

it('sample refuses a folder with other files', () => {
  const { code, events } = cover('sample', workspace, '--json');
  expect(code).toBe(1);
  expect(events).toMatchObject([{ event: 'error', code: 'folder-in-use', file: workspace }]);
});

it.each([
  ['a file', () => join(workspace, 'file'), 'there is a file where a folder should be'],
  ['a folder below a file', () => join(workspace, 'file', 'below'), 'there is a file where a folder should be'],
])('sample into %s is one sentence', (_, dir, why) => {
  writeFileSync(join(workspace, 'file'), '');
  const { code, stderr, events } = cover('sample', dir(), '--json');
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^Error: [^\n]+\n$/) });
  expect(stderr).toContain(why);
  expect(events).toMatchObject([{ event: 'error', code: 'folder-unwritable', file: dir() }]);
});

it('a file in place of the workspace is told as what it is', () => {
  const file = join(workspace, 'file');
  writeFileSync(file, '');
  expect(cover('index', '--workspace', file).stderr).toBe(
    `Error: ${file} is a file. Name the folder with cover.json as the --workspace.\n`,
  );
});

it.runIf(existsSync('/proc/self')).each(['/proc/none', '/proc/none/below'])('sample %s ends', (dir) => {
  expect(cover('sample', dir)).toMatchObject({
    code: 1,
    stderr: `Error: ${dir} could not be written: no folder can be made there; name another place.\n`,
  });
});

describe('template', () => {
  it('what it puts into cover.json leaves the workspace usable', () => {
    cover('init', workspace);
    const { code, stderr } = cover('template', 'one-dataset', '--workspace', workspace);
    expect(code).toBe(0);
    expect(stderr).toContain('It takes the dataset shapes');
    expect(stderr).not.toContain('my-dataset');
    expect(JSON.parse(readFileSync(join(workspace, 'cover.json'), 'utf8')).experiments).toMatchObject({
      'one-dataset': { datasets: ['shapes'] },
    });
    expect(cover('index', '--workspace', workspace).code).toBe(0);
  });

  it.skipIf(process.platform === 'win32')(
    'the command that comes next can be pasted, whatever the folder is called',
    () => {
      const folder = join(workspace, 'a $HOME `b`');
      mkdirSync(folder);
      cpSync(join(workspace, 'shapes'), join(folder, 'shapes'), { recursive: true });
      expect(cover('init', folder).stderr).toContain(`cover train --workspace '${folder.replaceAll("'", "'\\''")}'\n`);
    },
  );
});
