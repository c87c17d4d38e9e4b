// evaluate --model, import, compare and report as a program meets them: dist/cli.js as a process, on a run that trains in
// seconds. A run's own model, brought along as anybody's, must say the same of every sample.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import { writeTinyWorkspace } from '../cli/tinyWorkspace.ts';

let workspace: string;
beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "cover's commands-"));
  await writeTinyWorkspace(workspace);
  expect(cover('train')).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

function cover(...args: string[]) {
  const all = [distFile('cli.js'), ...args, '--workspace', workspace, '--device', 'cpu'];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

const runs = () => join(workspace, '.cover', 'runs');

describe('a run’s own model, brought along', () => {
  it('says the same of the same samples, and is set beside the run', () => {
    const model = join(runs(), 'quick-1', 'model.onnx');
    const { code, stdout, stderr } = cover(
      'evaluate',
      '--model',
      model,
      '--dataset',
      'colours',
      '--against',
      'quick-1',
    );
    expect({ code, stderr: stderr.includes('Error') }).toEqual({ code: 0, stderr: false });
    expect(stderr).toContain('NTCHW');
    expect(stderr).toMatch(/The evaluation is in .*model-1\./);
    expect(stdout).toContain('Accuracy on colours val, 1 centre crop, 16 × 16');
    expect(stdout).toMatch(/model-1 − quick-1 on 4 common samples: ±0\.0 .*0 against 0/);
    const heads = ['quick-1', 'model-1'].map(
      (run) => JSON.parse(readFileSync(join(runs(), run, 'report.json'), 'utf8')).heads.colours,
    );
    const [{ run: _, ...trained }, { run: __, ...brought }] = heads;
    expect(brought).toEqual(trained);
  });

  it('a run is judged on another split', () => {
    const { code, stdout } = cover(
      'evaluate',
      'quick-1',
      '--dataset',
      'colours',
      '--split',
      'train',
      '--probabilities',
      'top',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('Accuracy on colours train');
    const { heads } = JSON.parse(readFileSync(join(runs(), 'quick-1-on-colours-1', 'report.json'), 'utf8'));
    expect(heads.colours).toMatchObject({ samples: 12, split: 'train', precisionRecall: null });
    expect(heads.colours.unavailable[0]).toContain('--probabilities all');
  });
});

it('predictions are imported, compared and reported', () => {
  const predictions = join(runs(), 'quick-1', 'predictions.parquet');
  const { code, stdout, stderr } = cover(
    'import',
    predictions,
    '--dataset',
    'colours',
    '--name',
    'again',
    '--protocol',
    'as it was',
  );
  expect({ code, stderr: stderr.includes('Error') }).toEqual({ code: 0, stderr: false });
  expect(stdout).toContain('Accuracy on colours val, as it was');
  const compared = cover('compare', 'quick-1', 'again-1');
  expect(compared.stdout).toMatch(/again-1 − quick-1 on 4 common samples: ±0\.0/);
  expect(compared.stderr).toContain('The protocols of quick-1 and again-1 differ');
  const [html, markdown] = [join(workspace, 'r.html'), join(workspace, 'r.md')];
  expect(cover('report', 'again-1', '--html', html, '--markdown', markdown).code).toBe(0);
  for (const file of [html, markdown]) expect(readFileSync(file, 'utf8')).toContain('as it was');
});

it.each([
  [['evaluate', 'quick-1', '--model', 'x.onnx', '--dataset', 'colours'], /Name a run or --model/, 2],
  [['evaluate', 'quick-1', '--frames', '3'], /--frames goes with --model/, 2],
  [['evaluate', '--model', 'none.onnx', '--dataset', 'colours'], /none\.onnx could not be read/, 1],
  [['evaluate', 'quick-1', '--dataset', 'nothing'], /no dataset "nothing" in cover\.json/, 1],
  [['compare', 'quick-1'], /Name two runs/, 2],
  [['import', 'none.csv'], /none\.csv cannot be imported/, 1],
])('%j is refused in one sentence', (args, message, expected) => {
  const { code, stderr } = cover(...args);
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: expected, lines: 1 });
  expect(stderr).toMatch(message);
});
