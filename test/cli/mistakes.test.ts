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
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
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

it('an experiment that needs mending is not in the way of another, and is told', () => {
  const before = readFileSync(at('cover.json'), 'utf8');
  const config = JSON.parse(before);
  config.experiments.broken = { coTraining: { epochs: 'x' } };
  writeFileSync(at('cover.json'), JSON.stringify(config));
  const [other, own] = [cover('train', '--epochs', '1'), cover('train', '--experiment', 'broken')];
  writeFileSync(at('cover.json'), before);
  expect(other.stderr).toMatch(/warning: .*"experiments\.broken\.coTraining\.epochs" must be/);
  expect(other.code).toBe(0);
  expect(own.stderr).toMatch(/^Error: .*"experiments\.broken\.coTraining\.epochs" must be [^\n]+\n$/);
  expect(own.code).toBe(1);
});

it('weights that are not there are told before anything is indexed', () => {
  writeFileSync(at('colours/train/red/new.png'), ''); // there is something to index
  const { stderr } = cover('train', '--weights', 'missing.safetensors');
  rmSync(at('colours/train/red/new.png'));
  expect(stderr).toMatch(/^Error: There are no weights at .*missing\.safetensors\. [^\n]+\n$/);
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
  expect(code).toBe(1);
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
