import { expect, test } from 'vitest';
import { type LabelledClip, truthOf } from '../../src/evaluation/clipTruth.ts';

const heads = [
  { name: 'images', kind: 'image' as const, classes: ['archery', 'cat'] },
  { name: 'moves', kind: 'video' as const, classes: ['archery', 'riding a bike', 'Holding something', '3'] },
];
const clip: LabelledClip = { file: '/c/archery/a.mp4', kind: 'video', sample: undefined, label: undefined };
const ofMoves = { dataset: 'moves', label: 'archery' };

test.each<[string, Partial<LabelledClip>, string | null]>([
  ['the line, of a head of its kind', { label: 'archery' }, 'moves: archery (line)'],
  ['a head of another kind, where only that knows the class', { label: 'cat' }, 'images: cat (line)'],
  ['other spelling', { label: 'Riding_A-bike ' }, 'moves: riding a bike (line)'],
  ['a template', { label: 'Holding [something]' }, 'moves: Holding something (line)'],
  ['no class of any head', { label: 'swimming' }, null],
  ['no label: the folder', {}, 'moves: archery (folder)'],
  ['a number is no label of a file that is of no dataset', { label: '3' }, 'moves: archery (folder)'],
  ['a folder that is no class', { file: '/c/clips/a.mp4' }, null],
  ['a sample: the line first', { sample: ofMoves, label: 'riding a bike' }, 'moves: riding a bike (line)'],
  ['a sample whose line has another name for it', { sample: ofMoves, label: '17' }, 'moves: archery (dataset)'],
  ['a class that is called like a number', { sample: ofMoves, label: '3' }, 'moves: 3 (line)'],
  ['a sample that a person gave a class', { sample: ofMoves, label: '3', isEdited: true }, 'moves: archery (dataset)'],
  [
    'a sample of a dataset that is not a head',
    { sample: { dataset: 'x', label: 'y' }, label: 'cat' },
    'images: cat (line)',
  ],
  ['a sample of a class that the head has not', { sample: { dataset: 'moves', label: 'new' } }, null],
])('%s', (_, more, expected) => {
  const truth = truthOf(heads, { ...clip, ...more });
  expect(truth && `${truth.head}: ${truth.label} (${truth.from})`).toBe(expected);
});
