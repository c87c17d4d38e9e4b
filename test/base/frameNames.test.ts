// How the frames of a folder are called, and which of them are there.
import { expect, test } from 'vitest';
import { frameDigits, frameEnds, frameName } from '../../src/base/frameNames.ts';

test.each([
  ['img_%05d.jpg', 7, 'img_00007.jpg'],
  ['%05d.jpg', 123456, '123456.jpg'],
  ['%d.png', 12, '12.png'],
  ['100%%_%03d.png', 4, '100%_004.png'],
])('%s and %i', (pattern, number, expected) => expect(frameName(pattern, number)).toBe(expected));

test.each<[string, string[], { pattern: string; first: number; count: number }, string[]]>([
  [
    'in the order of their numbers',
    ['10.jpg', '9.jpg', 'a.jpg', '9.png'],
    { pattern: '%d.jpg', first: 1, count: 20 },
    ['9', '10'],
  ],
  [
    'a part, with a gap',
    ['001.jpg', '002.jpg', '004.jpg', '005.jpg'],
    { pattern: '%03d.jpg', first: 2, count: 3 },
    ['002', '004'],
  ],
  ['not those of another series', ['x_1.jpg', 'y_1.jpg', 'x_.jpg'], { pattern: 'x_%d.jpg', first: 0, count: 9 }, ['1']],
  ['a per cent sign in the name', ['5%_1.jpg'], { pattern: '5%%_%d.jpg', first: 1, count: 1 }, ['1']],
  ['none', [], { pattern: '%d.jpg', first: 1, count: 9 }, []],
])('frames that are there: %s', (_, names, frames, expected) => {
  const digits = frameDigits(names, frames);
  expect(digits).toEqual(expected);
  const { before, after } = frameEnds(frames.pattern);
  for (const each of digits) expect(names).toContain(`${before}${each}${after}`);
});
