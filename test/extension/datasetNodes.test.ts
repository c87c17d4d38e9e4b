import { describe, expect, test } from 'vitest';
import { type ClassNode, nodeId, paged, rowOf } from '../../src/extension/datasetNodes.ts';
import { byFile } from '../../src/extension/problemDiagnostics.ts';
import { datasetChoices, mixture, trainingSamples } from '../../src/extension/trainChoices.ts';
import type { DatasetSummary, Sample } from '../../src/protocol/datasets.ts';

const moves: DatasetSummary = {
  name: 'moves',
  kind: 'video',
  path: '/w/moves',
  samples: 1240,
  classes: 4,
  problems: 3,
  splits: [
    { name: 'train', samples: 1000, classes: 4 },
    { name: 'val', samples: 240, classes: 4 },
  ],
};
const digits: DatasetSummary = { ...moves, name: 'digits', kind: 'image', samples: 3000, problems: 0, splits: [] };
const left: ClassNode = { type: 'class', dataset: moves, split: 'train', label: 'to the "left", fast', samples: 250 };
const sample: Sample = {
  id: 'moves/a.mp4',
  dataset: 'moves',
  split: 'train',
  label: left.label,
  file: '/w/moves/a.mp4',
  kind: 'video',
  start: 1.5,
  end: null,
};

describe('rows of the Datasets tree', () => {
  test.each([
    [rowOf({ type: 'dataset', dataset: moves }).description, '1,240 · 4 classes  ⚠ 3'],
    [rowOf({ type: 'dataset', dataset: digits }).description, '3,000 · 4 classes'],
    [rowOf({ type: 'split', dataset: moves, split: 'val', samples: 240, classes: 4 }).description, '240'],
    [rowOf(left).label, 'to the "left", fast'],
    [rowOf({ type: 'sample', sample }).label, 'a.mp4'],
    [rowOf({ type: 'sample', sample }).description, '1.5–end s'],
    [rowOf({ type: 'more', parent: left, left: 1150 }).description, '1,150 left'],
  ])('%s', (found, expected) => expect(found).toBe(expected));

  test('ids tell apart what has one name', () => {
    const split = { type: 'split', dataset: moves, split: 'train', samples: 1, classes: 1 } as const;
    const other = { ...left, label: 'to the "left"' };
    const later = { ...sample, start: 3 };
    const ids = [left, other, split, { ...split, dataset: digits }].map(nodeId);
    ids.push(nodeId({ type: 'sample', sample }), nodeId({ type: 'sample', sample: later }));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each([
    { have: 3, shown: 2, total: 3, rows: 2, left: 1 },
    { have: 2, shown: 2, total: 2, rows: 2, left: 0 },
    { have: 100, shown: 100, total: 250, rows: 100, left: 150 },
    { have: 0, shown: 100, total: 5, rows: 0, left: 0 },
  ])('$have of $total, $shown shown', ({ have, shown, total, rows, left: more }) => {
    const nodes = Array.from({ length: have }, () => ({ type: 'sample', sample }) as const);
    const found = paged(left, nodes, shown, total);
    expect(found.filter((node) => node.type === 'sample')).toHaveLength(rows);
    expect(found.flatMap((node) => (node.type === 'more' ? [node.left] : []))).toEqual(more > 0 ? [more] : []);
  });
});

describe('what Train CoVeR offers', () => {
  test('a dataset without splits is trained on whole', () => {
    expect([moves, digits].map(trainingSamples)).toEqual([1000, 3000]);
  });
  test('drawn in proportion to the training samples', () => {
    expect(mixture([moves, digits])).toBe('moves 25.0 % · digits 75.0 %');
    expect(mixture([digits])).toBe('digits 100.0 %');
    expect(mixture([])).toBe('');
  });
  test('each row says its share among all', () => {
    expect(datasetChoices([moves, digits]).map((choice) => choice.description)).toEqual([
      'video · 1,000 training samples in 4 classes · drawn 25.0 % · 3 problems',
      'image · 3,000 training samples in 4 classes · drawn 75.0 %',
    ]);
  });
});

test('problems are grouped by file and counted from 0', () => {
  const found = byFile([
    { severity: 'error', file: '/a', line: 3, column: 5, length: 4, message: 'x' },
    { severity: 'warning', file: '/b', message: 'y' },
    { severity: 'error', file: '/a', line: 0, message: 'z' },
  ]);
  expect([...found]).toEqual([
    [
      '/a',
      [
        { line: 2, column: 4, length: 4, severity: 'error', message: 'x' },
        { line: 0, column: 0, length: 0, severity: 'error', message: 'z' },
      ],
    ],
    ['/b', [{ line: 0, column: 0, length: 0, severity: 'warning', message: 'y' }]],
  ]);
});
