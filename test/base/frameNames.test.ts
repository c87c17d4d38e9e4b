// How the frames of a folder are called, and which of them are there.
import { expect, test } from 'vitest';
import { frameDigits, frameEnds, frameName, framePattern, mainSeries } from '../../src/base/frameNames.ts';

test.each([
  ['img_%05d.jpg', 7, 'img_00007.jpg'],
  ['%05d.jpg', 123456, '123456.jpg'],
  ['%d.png', 12, '12.png'],
  ['100%%_%03d.png', 4, '100%_004.png'],
  ['5%%d_%%02d_%03d.png', 4, '5%d_%02d_004.png'],
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

const numbered = (before: string, numbers: readonly (number | string)[], after = '.jpg') =>
  numbers.map((number) => `${before}${number}${after}`);

test.each<[string, string[], string | undefined]>([
  ['filled up with zeros', numbered('img_', ['00001', '00002']), 'img_%05d.jpg'],
  ['longer where a number is', numbered('', ['099', '100', '1000']), '%03d.jpg'],
  ['as the numbers are', numbered('', [8, 9, 10]), '%d.jpg'],
  ['with per cent signs', numbered('50%_', ['01', '02'], '_of%.png'), '50%%_%02d_of%%.png'],
  ['with what looks like a place for a number', numbered('a%d', [1, 2]), 'a%%d%d.jpg'],
  ['the commonest', [...numbered('a_', [1, 2]), ...numbered('b_', [1, 2, 3])], 'b_%d.jpg'],
  ['not as many of flow', [...numbered('flow_x_', [1, 2]), ...numbered('img_', [1, 2])], 'img_%d.jpg'],
  ['not more of flow', [...numbered('img_', [1]), ...numbered('x_', [1, 2]), ...numbered('y_', [1, 2])], 'img_%d.jpg'],
  ['flow where there is nothing else', [...numbered('x_', [1, 2]), ...numbered('y_', [1, 2])], 'x_%d.jpg'],
  [
    'no flow in spite of its beginning',
    [...numbered('a_', [1]), ...numbered('v_Surfing_g01_', [1, 2])],
    'v_Surfing_g01_%d.jpg',
  ],
  ['without what macOS leaves beside', [...numbered('._img_', [1, 2]), ...numbered('img_', [1, 2])], 'img_%d.jpg'],
  ['without numbers', ['cover.jpg', '.1.jpg'], undefined],
])('how the frames of a folder are called: %s', (_, names, expected) => {
  const series = mainSeries(names);
  expect(series && framePattern(series)).toBe(expected);
  if (!series) return;
  const { before, after, digits } = series;
  expect(frameEnds(framePattern(series))).toEqual({ before, after });
  for (const each of digits) expect(frameName(framePattern(series), Number(each))).toBe(`${before}${each}${after}`);
});
