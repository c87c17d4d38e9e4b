import { describe, expect, test } from 'vitest';
import { detailsMarkdown, disagreementOf, hintText, type Known, shortNames } from '../../src/extension/inlineText.ts';

const top = (label: string, probability: number) => [
  { label, probability },
  { label: 'other', probability: 0.01 },
];
const known: Known = {
  candidate: 0,
  clip: { file: '/a.mp4', kind: 'video', start: null, end: null },
  sample: null,
  excluded: false,
  truth: { head: 'ssv2', label: 'Pushing something', from: 'line' },
  heads: { kinetics: top('riding a bike', 0.814), ssv2: top('Pushing something', 0.44) },
  failure: null,
};
const differs: Known = { ...known, truth: { head: 'kinetics', label: 'archery', from: 'dataset' } };

test.each<[string, Partial<Known>, string | undefined, string | undefined]>([
  ["the label's head first", {}, 's: Pushing something 0.44 · k: riding a bike 0.81', undefined],
  ['no label', { truth: null }, 'k: riding a bike 0.81 · s: Pushing something 0.44', undefined],
  ['another label', differs, '≠ k: riding a bike 0.81 · s: Pushing something 0.44', '≠ k: riding a bike 0.81'],
  ['excluded', { ...differs, excluded: true }, 'k: riding a bike 0.81 · s: Pushing something 0.44', undefined],
  ['not predicted yet', { heads: null }, undefined, undefined],
  ['cannot be read', { heads: null, failure: 'It is empty.' }, 'cannot be read', undefined],
  ['one head', { heads: { kinetics: top('a', 1) } }, 'a 1.00', undefined],
  ['a long label', { heads: { k: top('x'.repeat(50), 0.5) } }, `${'x'.repeat(31)}… 0.50`, undefined],
  [
    'many heads',
    { truth: null, heads: { a: top('1', 1), b: top('2', 1), c: top('3', 1), d: top('4', 1) } },
    'a: 1 1.00 · b: 2 1.00 · c: 3 1.00 · …',
    undefined,
  ],
])('%s', (_, more, all, only) => {
  const each = { ...known, ...more };
  expect([hintText(each, 'on'), hintText(each, 'onlyDisagreements')]).toEqual([all, only]);
});

test.each([
  [
    ['kinetics', 'ssv2', 'imagenet'],
    ['k', 's', 'i'],
  ],
  [
    ['shapes', 'ssv2'],
    ['sh', 'ss'],
  ],
  [
    ['motion-mini', 'motion-max'],
    ['motion-mi', 'motion-ma'],
  ],
  [
    ['a', 'ab'],
    ['a', 'ab'],
  ],
  [['one'], ['o']],
])('short names of %j', (names, short) => expect([...shortNames(names).values()]).toEqual(short));

test('a disagreement names the head, the label and the prediction', () =>
  expect(disagreementOf(differs)).toEqual({ truth: differs.truth, predicted: 'riding a bike', probability: 0.814 }));

describe('details', () => {
  const model = { run: 'r-1', digest: '', protocol: { video: '1 clip × 1 crop', image: '1 crop' } };

  test('a strip, the label, a column for each head, and how it was found', () =>
    expect(detailsMarkdown(differs, model, { uri: 'file:///s.jpg', width: 420 })).toBe(
      [
        '![](file:///s.jpg|width=420)',
        'kinetics: label **archery** (by the dataset), predicted **riding a bike**  \nr\\-1 · 1 clip × 1 crop',
        '| kinetics | ssv2 |\n| :-- | :-- |\n| 0.81 riding a bike | 0.44 Pushing something |\n| 0.01 other | 0.01 other |',
      ].join('\n\n'),
    ));

  test('names from datasets and models stay text', () => {
    const evil = '<img src=x onerror=alert(1)> [a](command:b) | `c`\n# d &amp; ![e](f)';
    const text = detailsMarkdown(
      { ...known, heads: { ssv2: top(evil, 1) }, truth: { head: 'ssv2', label: evil, from: 'folder' } },
      model,
    );
    expect(text).not.toMatch(/[^\\][<[\]`](?!\/)|<|>|(?<!\\)`|(?<!\\)!\[|\n#/);
    expect(text.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(4);
  });
});
