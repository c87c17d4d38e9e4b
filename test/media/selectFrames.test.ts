// The sampling protocols as pure choices of frame numbers.
import { describe, expect, it } from 'vitest';
import type { ClipPattern } from '../../src/media/clip.ts';
import { expectedTimes, frameShownAt, patternFrames } from '../../src/media/selectFrames.ts';

describe('frames of a pattern', () => {
  it.each<[ClipPattern, number, number, number[]]>([
    // pattern, candidates, frames of the clip → which of them
    [{ name: 'dense', clips: 1, stride: 1 }, 4, 4, [0, 1, 2, 3]],
    [{ name: 'dense', clips: 1, stride: 4 }, 3, 9, [0, 4, 8]],
    [{ name: 'dense', clips: 1, stride: 2 }, 3, 11, [3, 5, 7]],
    [{ name: 'dense', clips: 4, stride: 1 }, 8, 9, [1, 2, 3, 4, 5, 6, 7, 8]],
    [{ name: 'dense', clips: 2, stride: 8 }, 4, 3, [0, 2, 0, 2]],
    [{ name: 'dense', clips: 1, stride: 3 }, 4, 1, [0, 0, 0, 0]],
    [{ name: 'whole' }, 4, 10, [0, 3, 6, 9]],
    [{ name: 'whole' }, 1, 9, [4]],
    [{ name: 'whole' }, 4, 2, [0, 0, 1, 1]],
    [{ name: 'whole' }, 3, 1, [0, 0, 0]],
  ])('%j, %i of %i', (pattern, count, n, expected) => {
    expect(patternFrames(pattern, count, n)).toEqual(expected);
  });

  it('is found again by the times that a steady rate lets expect', () => {
    const times = Array.from({ length: 300 }, (_, i) => i / 25);
    const request = { count: 8, pattern: { name: 'dense', clips: 2, stride: 3 } } as const;
    const found = expectedTimes(0, 12, request, 25).map((time) => frameShownAt(times, time));
    expect(found).toEqual(patternFrames(request.pattern, 8, 300));
  });
});
