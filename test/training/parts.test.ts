// How the tensors of a batch are cut into parts.
import { describe, expect, test } from 'vitest';
import { cut, type Part } from '../../src/training/parts.ts';

describe('cutting', () => {
  const whole: Part = {
    stream: { name: 'videos', frames: 8, heads: ['a'] },
    samples: 3,
    feeds: [
      { name: 'rows', data: Float32Array.of(0, 1, 2, 3, 4, 5), shape: [3, 2], axis: 0 },
      { name: 'columns', data: Float32Array.of(0, 1, 2, 10, 11, 12), shape: [2, 3], axis: 1 },
    ],
  };

  test('gives each part its samples of every tensor', () => {
    const parts = cut(whole, [
      { start: 0, end: 1 },
      { start: 1, end: 3 },
    ]).map(({ samples, feeds }) => ({
      samples,
      feeds: feeds.map(({ data, shape }) => [[...data], shape]),
    }));
    expect(parts).toEqual([
      {
        samples: 1,
        feeds: [
          [
            [0, 1],
            [1, 2],
          ],
          [
            [0, 10],
            [2, 1],
          ],
        ],
      },
      {
        samples: 2,
        feeds: [
          [
            [2, 3, 4, 5],
            [2, 2],
          ],
          [
            [1, 2, 11, 12],
            [2, 2],
          ],
        ],
      },
    ]);
  });

  test('leaves what is one part as it is', () => {
    expect(cut(whole, [{ start: 0, end: 3 }])).toEqual([whole]);
    expect(cut(whole, [{ start: 0, end: 3 }])[0]).toBe(whole);
  });
});
