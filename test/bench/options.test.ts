import { CommanderError } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseOptions } from '../../bench/options.ts';
import { median, pairRatios, spread } from '../../bench/statistics.ts';

const names = (...args: string[]) => parseOptions(args, 'results').models.map(({ name }) => name);

test('presets without a choice, those chosen, shapes alone, or both', () => {
  expect(names()).toEqual(['nano', 'tiny', 'small', 'base']);
  expect(names('--presets', 'nano,large')).toEqual(['nano', 'large']);
  expect(names('--shape', '384,6,6,8,196,2')).toEqual(['384,6,6,8,196,2']);
  expect(names('--shape', '8,1,1,2,4,1', '--shape', '16,1,1,2,4,1', '--presets', 'nano')).toEqual([
    'nano',
    '8,1,1,2,4,1',
    '16,1,1,2,4,1',
  ]);
});

test('a shape gives hidden size, blocks, heads, frames, patches a frame and batch', () => {
  const [model] = parseOptions(['--shape', '192,4,3,4,49,5'], 'results').models;
  expect(model!.batch).toBe(5);
  expect(model!.spec).toMatchObject({
    hiddenSize: 192,
    depth: 4,
    attentionHeads: 3,
    frames: 4,
    imageSize: 112,
    patchSize: 16,
  });
});

test('the rest', () => {
  expect(parseOptions([], 'results')).toMatchObject({
    json: false,
    rounds: 5,
    patience: 0,
    modes: ['training', 'inference'],
    devices: undefined,
    torch: undefined,
    compiled: true,
    out: 'results',
  });
  const args = ['--json', '--runs', '9', '--modes', 'training', '--devices', 'cpu', '--torch', 'py', '--no-save'];
  expect(parseOptions([...args, '--no-compiled', '--batch', '3', '--presets', 'tiny'], 'results')).toMatchObject({
    json: true,
    rounds: 9,
    modes: ['training'],
    devices: ['cpu'],
    torch: 'py',
    compiled: false,
    out: undefined,
    models: [{ name: 'tiny', batch: 3 }],
  });
});

/** What commander says on stderr. */
let said = '';
beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

test.each([
  { args: ['--shape', '384,6,6,8,196'], says: 'six whole numbers' },
  { args: ['--shape', '384,6,6,8,196,0'], says: 'six whole numbers' },
  { args: ['--shape', '384,6,6,8,1e400,2'], says: 'six whole numbers' },
  { args: ['--shape', '384,6,7,8,196,2'], says: '7 heads do not divide hidden size 384' },
  { args: ['--shape', '384,6,6,8,195,2'], says: '195 patches a frame are no square' },
  { args: ['--presets', 'huge'], says: 'there is no preset huge' },
  { args: ['--presets', 'constructor'], says: 'there is no preset constructor' },
  { args: ['--modes', 'sleeping'], says: 'neither training nor inference' },
  { args: ['--runs', '0'], says: 'a whole number above 0' },
  { args: ['--patience', '-1'], says: 'a number of seconds' },
  { args: ['--wrong'], says: 'unknown option' },
  { args: ['more'], says: 'too many arguments' },
])('refuses $args', ({ args, says }) => {
  expect(() => parseOptions(args, 'results')).toThrow(CommanderError);
  expect(said).toContain(says);
});

test('medians, extremes, and ratios by pairs', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(spread([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5, count: 3 });
  expect(pairRatios([2, 9], [1, 3])).toEqual([2, 3]);
  expect(() => pairRatios([1], [])).toThrow('1 rounds do not pair with 0');
  expect(() => median([])).toThrow('nothing');
});
