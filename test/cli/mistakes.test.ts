// What a person mistypes: files, folders, datasets and runs that are not there, or are something else. Each is told in one sentence that
// names it and says what to do, and leaves nothing behind.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import { writeTinyWorkspace } from './tinyWorkspace.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cover's mistakes-"));
  await writeTinyWorkspace(folder);
  expect(cover('train', '--epochs', '1')).toMatchObject({ code: 0 });
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'scores.csv'), 'sample,score:0,score:1\na.png,0.2,0.8\n');
  copyFileSync(join(folder, '.cover', 'runs', 'quick-1', 'model.onnx'), join(folder, 'model.onnx'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function cover(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [distFile('cli.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    timeout: 60_000, // what never ends fails
    killSignal: 'SIGKILL',
  });
  return { code: status, stdout, stderr };
}

const at = (name: string) => join(folder, name);

it.each<[string[], () => string]>([
  [['report', '-w', 'none'], () => `There is no folder ${at('none')}.`],
  [['import', 'scores.csv', '-w', 'none'], () => `There is no folder ${at('none')}.`],
  [['predict', '-w', 'file', 'a.png'], () => `${at('file')} is a file. Name the folder with cover.json`],
  [['report', '--html', 'empty'], () => `${at('empty')} could not be written: it is a folder; name a file.`],
  [['report', '--html', 'none/a.html'], () => `${at('none/a.html')} could not be written: its folder does not exist`],
  [['import', 'none.csv'], () => `${at('none.csv')} cannot be imported: it could not be read: it does not exist.`],
  [['import', 'empty'], () => `${at('empty')} cannot be imported: it is a folder.`],
  [['import', 'scores.csv'], () => 'Add a column "label", or name the dataset that they are of: --dataset NAME.'],
  [
    ['evaluate', '--model', 'none.onnx', '--dataset', 'colours'],
    () => `none.onnx could not be read: it does not exist.`,
  ],
  [['evaluate', 'quick-1', '--dataset', 'colour'], () => 'There is no dataset "colour" in cover.json; it has colours.'],
  [['train', '--datasets', 'shapes'], () => 'cover.json has no dataset "shapes". It has: colours.'],
  [['train', '--experiment', 'constructor'], () => 'cover.json has no experiment "constructor". It has: quick.'],
  [
    ['export', '--format', 'huggingface', '--out', 'file/below'],
    () => `${at('file/below')} could not be written: there is`,
  ],
  [['train', '--ffmpeg', 'none'], () => '"none" does not start as ffmpeg. Correct the path'],
  [['study', '--compare', 'coTraining', '--ffmpeg', 'none'], () => '"none" does not start as ffmpeg. Correct the path'],
  [['sample', 'none', '--ffmpeg', 'nothing'], () => '"nothing" does not start as ffmpeg. Correct the path'],
  [['study', 'nope'], () => 'cover.json has no study "nope". It has: first, second. Write one'],
  [['predict', 'none.png'], () => `There is no file ${at('none.png')}.`],
  [['predict', 'empty'], () => `${at('empty')} is a folder. Name the files in it.`],
  [['weights', 'empty'], () => `${at('empty')} holds no weights: neither model.safetensors nor`],
  [['weights', 'model.onnx'], () => `${at('model.onnx')} is an ONNX model, and weights are read from .safetensors`],
])('%j: exit 1, and one sentence', (args, told) => {
  const runs = readdirSync(at('.cover/runs'));
  const { code, stdout, stderr } = cover(...args);
  expect(stderr).toContain(told());
  expect(stderr).not.toMatch(/ENO|EIS|EEX|\n {4}at /);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(existsSync(at('none'))).toBe(false);
  expect(readdirSync(at('.cover/runs'))).toEqual(runs);
});

describe('what a command does not need of cover.json is not in its way, and is told', () => {
  type Written = Record<'datasets' | 'experiments' | 'studies', Record<string, object>>;
  const withMistake = (change: (config: Written) => void, ...args: string[]) => {
    const before = readFileSync(at('cover.json'), 'utf8');
    const config = JSON.parse(before) as Written;
    change(config);
    writeFileSync(at('cover.json'), JSON.stringify(config));
    try {
      return cover(...args);
    } finally {
      writeFileSync(at('cover.json'), before);
    }
  };
  const typing = (config: Written) => {
    config.experiments.broken = { coTraining: { epochs: 'x' } };
    config.studies.broken = { seeds: 3 };
  };
  const mistake = /"experiments\.broken\.coTraining\.epochs" must be/;

  it.each([
    [['index']],
    [['duplicates']],
    [['edit', 'exclude', 'colours/train/red/0.png']],
    [['edit', 'include', 'colours/train/red/0.png']],
    [['train', '--epochs', '1']],
    [['evaluate']],
    [['evaluate', '--dataset', 'colours', '--split', 'train']],
    [['predict', 'colours/val/red/0.png']],
    [['init']],
  ])('%j goes on beside an experiment and a study that are being written', (args) => {
    const { code, stderr } = withMistake(typing, ...args);
    expect(stderr).not.toMatch(/^Error/m);
    expect(code).toBe(0);
    // Whoever reads cover.json tells it, once.
    const told = stderr.split('\n').filter((line) => mistake.test(line));
    const reads = !['predict'].includes(args[0]!) && args.join(' ') !== 'evaluate';
    expect(told).toHaveLength(reads ? 1 : 0);
    for (const line of told) expect(line).toMatch(/^warning: .*cover\.json:1: /);
  });

  it.each<[string[], RegExp]>([
    [['train', '--experiment', 'broken'], mistake],
    [['study', 'broken'], /"studies\.broken\.seeds" must be a list/],
    [['study', '--compare', 'coTraining', '--experiment', 'broken'], mistake],
    [['study', 'first'], /The experiment "quick" has one dataset/], // that of cover.json is read, and needs no other
  ])('%j is refused with its own mistake', (args, message) => {
    const { code, stderr } = withMistake(typing, ...args);
    expect(stderr).toMatch(new RegExp(`^Error: .*${message.source}[^\\n]+\\n$`, 'm'));
    expect(code).toBe(1);
  });

  it.each<[string, object, RegExp]>([
    ['is not there', { kind: 'image', path: 'gone', format: 'classFolders' }, /Dataset "new" is not there/],
    ['is mistyped', { kind: 'picture', path: 'colours', format: 'classFolders' }, /"datasets\.new\.kind" must be/],
  ])('a dataset that %s: the others are indexed, compared and trained on', (_, dataset, message) => {
    const add = (config: Written) => {
      config.datasets.new = dataset;
    };
    for (const command of ['index', 'duplicates']) {
      const { code, stdout, stderr } = withMistake(add, command);
      expect(stderr).toMatch(new RegExp(`^error: .*${message.source}`, 'm'));
      expect(stdout).toMatch(command === 'index' ? /colours +image/ : /16 samples compared/);
      expect(code).toBe(1);
    }
    const trained = withMistake(add, 'train', '--datasets', 'colours', '--epochs', '1');
    expect(trained.stderr).toMatch(new RegExp(`^warning: .*${message.source}`, 'm'));
    expect(trained.code).toBe(0);
    for (const args of [['train'], ['evaluate', 'quick-1', '--dataset', 'new', '--output', 'logits.colours']]) {
      const { code, stderr } = withMistake(add, ...args);
      expect(stderr).toMatch(new RegExp(`^Error: .*${message.source}[^\\n]+\\n$`));
      expect(code).toBe(1);
    }
  });
});

it.each([
  ['missing.safetensors', /^Error: There are no weights at .*missing\.safetensors\. [^\n]+\n$/],
  ['empty', /^Error: .*empty holds no weights: [^\n]+\n$/],
])('weights that are not there are told before anything is indexed: %s', (weights, told) => {
  writeFileSync(at('colours/train/red/new.png'), ''); // there is something to index
  const { stderr } = cover('train', '--weights', weights);
  rmSync(at('colours/train/red/new.png'));
  expect(stderr).toMatch(told);
});

it('the weights of a run are named by the run or by its folder, wherever it is typed', () => {
  const own = cover('weights', 'run:quick-1');
  expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining('colours (2 classes)') });
  expect(cover('weights', '.cover/runs/quick-1')).toEqual(own);
  const options = { cwd: at('empty'), encoding: 'utf8' } as const;
  const there = spawnSync(process.execPath, [distFile('cli.js'), 'weights', 'run:quick-1', '-w', folder], options);
  expect(there.stdout).toBe(own.stdout);
});

it('lists without their files: what to do first, and no success', () => {
  mkdirSync(at('lists'));
  writeFileSync(at('lists/classInd.txt'), '1 Archery\n2 Bowling\n');
  for (const split of ['train', 'test'])
    writeFileSync(
      at(`lists/${split}list01.txt`),
      ['Archery', 'Bowling']
        .map((label, i) => `${label}/v_${label}_g01_c01.avi${split === 'train' ? ` ${i + 1}` : ''}\n`)
        .join(''),
    );
  const found = cover('init', 'lists');
  expect(found.code).toBe(0);
  expect(found.stderr).toMatch(
    /Name there as "media" the folders that the files lie in\. Next: cover index --workspace /,
  );
  const indexed = cover('index', '-w', 'lists');
  expect(indexed.stderr).toMatch(/^error: .*lists: Dataset "lists" has no usable video/m);
  expect(indexed.code).toBe(1);
});

it.skipIf(process.platform === 'win32').each<[string, string[], string]>([
  ['weights.safetensors', ['weights', 'pipes/weights.safetensors'], 'pipes/weights.safetensors are not a file.'],
  ['cover.json', ['index', '-w', 'pipes'], 'pipes/cover.json could not be read: it is not a file.'],
  ['x.cover.json', ['index'], 'x.cover.json could not be read: it is not a file.'],
  [
    'classes.txt',
    ['import', 'scores.csv', '--dataset', 'colours', '--classes', 'pipes/classes.txt'],
    'it is not a file.',
  ],
])('a pipe in place of %s is told, and not waited for', (name, args, told) => {
  mkdirSync(at('pipes'), { recursive: true });
  const pipe = args.includes('index') && !args.includes('-w') ? at(name) : at(join('pipes', name));
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const { code, stderr } = cover(...args);
  rmSync(pipe);
  expect(stderr).toContain(told);
  expect(code).toBe(name === 'x.cover.json' ? 0 : 1); // its experiments are not needed
});

it.skipIf(process.platform === 'win32').each([
  ['report', '--html'],
  ['report', '--markdown'],
  ['export', '--format', 'onnx', '--out'],
])('a pipe or a device is not replaced by a file: %s %s', (...args) => {
  const pipe = at('pipe');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const { code, stderr } = cover(...args, 'pipe');
  const isPipe = statSync(pipe).isFIFO();
  rmSync(pipe);
  expect(stderr).toContain(`${pipe} could not be written: it is a device or a pipe; name a file.`);
  expect({ code, isPipe }).toEqual({ code: 1, isPipe: true });
});

it.skipIf(!existsSync('/dev/full')).each([[['devices']], [['report', '--json']]])(
  '%j onto a full disk is no success',
  (args) => {
    const full = openSync('/dev/full', 'w');
    try {
      const { status, stderr } = spawnSync(process.execPath, [distFile('cli.js'), ...args], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
      });
      expect(stderr).toContain('Error: The output could not be written: ');
      expect(status).toBe(1);
    } finally {
      closeSync(full);
    }
  },
);
