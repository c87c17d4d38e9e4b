// Which sample a name from elsewhere means, among those of a split beside others that are not meant.
import { expect, it } from 'vitest';
import { sampleFinder } from '../../src/evaluation/sampleFinder.ts';
import type { Sample } from '../../src/protocol/datasets.ts';

const sample = (path: string, split = 'val'): Sample => ({
  ...{ id: `d/${path}`, dataset: 'd', split, label: 'x', file: `/data/d/${path}` },
  ...{ kind: 'image', start: null, end: null },
});
const decomposed = 'val/cat/é.png'.normalize('NFD');
const held = ['val/cat/0.png', 'val/cat/1.png', 'val/dog/1.png', 'val/dog/9.v2.png', decomposed].map((path) =>
  sample(path),
);
const others = ['train/cat/0.png', 'train/cat/1.png', 'train/dog/5.png'].map((path) => sample(path, 'train'));
const find = sampleFinder(held, [...others, sample('val/dog/9.v2.png', 'train')]);

it.each<[string, string, string | undefined]>([
  ['an id', 'd/val/cat/0.png', 'val/cat/0.png'],
  ['an id of the others', 'd/train/cat/0.png', undefined],
  ['an id in both', 'd/val/dog/9.v2.png', 'val/dog/9.v2.png'],
  ['a path', './val/cat/1.png', 'val/cat/1.png'],
  ['a path of the others', 'train/cat/0.png', undefined],
  ['a path without its ending', 'val/cat/1', 'val/cat/1.png'],
  ['a path of the others without its ending', 'train/cat/0', undefined],
  ['a file', '/data/d/val/cat/1.png', 'val/cat/1.png'],
  ['a file of the others', '/data/d/train/cat/0.png', undefined],
  ['a file of another machine', 'C:\\there\\d\\val\\cat\\1.png', 'val/cat/1.png'],
  ['a file of another machine, of the others', '/there/train/cat/0.png', undefined],
  ['the end of one path of the split', 'cat/1.png', 'val/cat/1.png'],
  ['the end of two', '1.png', undefined],
  ['a name that one of the split has', '0.png', 'val/cat/0.png'],
  ['a name with another ending', '0.jpg', 'val/cat/0.png'],
  ['a name of the others', '5.png', undefined],
  ['in another folder, a name that one sample has', 'elsewhere/9.v2.png', undefined],
  ['in another folder, a name that others have too', 'elsewhere/0.png', undefined],
  ['the very name on the disk', decomposed, decomposed],
  ['composed in another way', decomposed.normalize('NFC'), decomposed],
  ['a name alone, composed in another way', 'é.png'.normalize('NFC'), decomposed],
  ['nothing', 'val/cat/2.png', undefined],
])('%s: %s', (_, name, path) => {
  expect(find(name)?.id).toBe(path && `d/${path}`);
});

it('in another folder, a name that one sample of all has finds it', () => {
  expect(sampleFinder(held, others)('elsewhere/9.v2.mp4')?.id).toBe('d/val/dog/9.v2.png');
});
