// Against torch 2.13: test/fixtures/weights/resize-torch-2.13.safetensors holds `how.from.to.{from,to}`, made with
// torch.nn.functional.interpolate(x, mode=how, align_corners=False) on normal numbers (nearest takes no align_corners).
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resizeSquare, resizeTimes } from '../../src/weights/resizeEmbeddings.ts';
import { readSafetensors } from '../../src/weights/safetensors.ts';

const { tensors } = readSafetensors(join(__dirname, '../fixtures/weights/resize-torch-2.13.safetensors'));
const cases = [...tensors.keys()]
  .filter((name) => name.endsWith('.from'))
  .map((name) => {
    const [how, from, to] = name.split('.') as [string, string, string];
    return { how, from: Number(from), to: Number(to) };
  });

test('there are cases of every kind', () => {
  expect(new Set(cases.map(({ how }) => how))).toEqual(new Set(['bicubic', 'nearest', 'linear']));
});

test.each(cases)('$how from $from to $to is what torch gives', ({ how, from, to }) => {
  const given = tensors.get(`${how}.${from}.${to}.from`)!;
  const expected = tensors.get(`${how}.${from}.${to}.to`)!.data as Float32Array;
  const data = given.data as Float32Array;
  const width = given.shape[1]!;
  const got =
    how === 'bicubic'
      ? resizeSquare(data, from, to, width)
      : resizeTimes(data, from, to, width, how as 'nearest' | 'linear');
  expect(got.length).toBe(expected.length);
  const worst = Math.max(...got.map((value, i) => Math.abs(value - expected[i]!)));
  expect(worst).toBeLessThan(2e-6);
});
