// The pure parts of the charts: scales and their marks, fewer points, smoother lines, the nearest point.
import { describe, expect, test } from 'vitest';
import { drawLines } from '../../webview/charts/lineDrawing.ts';
import { decimate, extent, nearest, smooth } from '../../webview/charts/points.ts';
import { linear, ticks, tickText, widen } from '../../webview/charts/scale.ts';

describe('scale', () => {
  test.each([
    [[0, 10], [0, 100], 5, 50],
    [[0, 10], [100, 0], 2.5, 75],
    [[3, 3], [20, 40], 3, 20], // no width: the start
    [[-1, 1], [0, 10], 2, 15], // beyond the ends it goes on
  ] as const)('%j onto %j takes %d to %d', (domain, range, value, expected) => {
    expect(linear(domain, range)(value)).toBeCloseTo(expected, 9);
  });

  test.each([
    [[0, 3000], 6, false, [0, 500, 1000, 1500, 2000, 2500, 3000]],
    [[0, 1], 5, false, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [[0, 0.3], 3, false, [0, 0.1, 0.2, 0.3]],
    [[0, 3], 8, true, [0, 1, 2, 3]], // steps are whole
    [[-1.2, 1.2], 3, false, [-1, 0, 1]],
    [[2, 2], 5, false, [2]],
  ] as const)('marks %j about %d times (whole: %s)', (domain, target, whole, expected) => {
    expect(ticks(domain, target, whole)).toEqual(expected);
  });

  test.each([
    [
      [0, 500, 1000],
      ['0', '500', '1,000'],
    ],
    [
      [0, 0.5, 1],
      ['0.0', '0.5', '1.0'],
    ],
    [
      [0, 0.02, 0.04],
      ['0.00', '0.02', '0.04'],
    ],
    [[], []],
  ])('writes %j as %j', (values, expected) => {
    expect(tickText(values)).toEqual(expected);
  });

  test.each([
    [[0, 3.81], 4, [0, 4]],
    [[0, 0.113], 4, [0, 0.12]],
    [[-0.4, 2], 4, [-0.5, 2]],
  ] as const)('widens %j to round ends', (domain, target, expected) => {
    expect(widen(domain, target)).toEqual(expected);
  });
});

describe('points', () => {
  const many = (n: number, y: (i: number) => number) => {
    const x = Array.from({ length: n }, (_, i) => i);
    return { x, y: x.map(y) };
  };

  test('few points stay as they are', () => {
    const points = many(50, (i) => i);
    expect(decimate(points, 64)).toBe(points);
  });

  test('of many points the spikes, the first and the last stay', () => {
    const points = many(100_000, (i) => (i === 54_321 ? 9 : i === 777 ? -9 : Math.sin(i / 500)));
    const fewer = decimate(points, 800);
    expect(fewer.x.length).toBeLessThanOrEqual(800);
    expect(fewer.y[fewer.x.indexOf(54_321)]).toBe(9);
    expect(fewer.y[fewer.x.indexOf(777)]).toBe(-9);
    expect([fewer.x[0], fewer.x.at(-1)]).toEqual([0, 99_999]);
    expect([...fewer.x].sort((a, b) => a - b)).toEqual(fewer.x);
  });

  test('smoothing keeps a constant and begins with the first value', () => {
    expect(
      smooth(
        many(20, () => 3),
        0.9,
      ).y.every((value) => Math.abs(value - 3) < 1e-12),
    ).toBe(true);
    const step = smooth(
      many(200, (i) => (i < 100 ? 0 : 1)),
      0.9,
    ).y;
    expect(step[0]).toBe(0);
    expect(step[100]).toBeCloseTo(0.1, 3);
    expect(step[199]).toBeCloseTo(1, 3);
  });

  test.each([
    [[], 3, -1],
    [[5], 3, 0],
    [[1, 2, 4, 8], 2.9, 1],
    [[1, 2, 4, 8], 3.1, 2],
    [[1, 2, 4, 8], 100, 3],
    [[1, 2, 4, 8], -100, 0],
  ])('in %j the nearest to %d is at %d', (xs, x, expected) => {
    expect(nearest(xs, x)).toBe(expected);
  });

  test.each([
    [[[], []], undefined],
    [
      [[3, 1], [2]],
      [1, 3],
    ],
  ])('extent of %j is %j', (lists, expected) => {
    expect(extent(lists)).toEqual(expected);
  });
});

test('a line chart lays its data inside the plot, from 0 to a round value', () => {
  const points = { x: [1, 50, 100], y: [2.9, 1.1, 0.6] };
  const drawing = drawLines({ series: [{ name: 'a', color: 'red', points }], xDomain: [0, 100], dots: true }, 400, 200);
  expect(drawing.yTicks.map((tick) => tick.text)).toEqual(['0.0', '0.5', '1.0', '1.5', '2.0', '2.5', '3.0']);
  expect(drawing.yAt(0)).toBe(drawing.plot.bottom);
  expect(drawing.yAt(3)).toBe(drawing.plot.top);
  expect(drawing.lines[0]!.dots).toHaveLength(3);
  for (const [x, y] of drawing.lines[0]!.dots) {
    expect(x).toBeGreaterThanOrEqual(drawing.plot.left);
    expect(x).toBeLessThanOrEqual(drawing.plot.right);
    expect(y).toBeGreaterThanOrEqual(drawing.plot.top);
    expect(y).toBeLessThanOrEqual(drawing.plot.bottom);
  }
  expect(drawing.valueAt(drawing.xAt(42))).toBeCloseTo(42, 9);
});

test.each([
  [
    [0, 50],
    ['first stage', 'second'],
  ],
  [
    [0, 2],
    ['', 'second'],
  ], // no room before the second
  [
    [0, 99],
    ['first stage', ''],
  ], // no room before the end
])('stages at %j are marked %j', (xs, expected) => {
  const marks = xs.map((x, i) => ({ x, text: ['first stage', 'second'][i]! }));
  const drawing = drawLines({ series: [], xDomain: [0, 100], marks }, 400, 200);
  expect(drawing.marks.map((mark) => mark.text)).toEqual(expected);
});

test('a line chart without data has axes and no line', () => {
  const none = { name: 'a', color: 'red', points: { x: [], y: [] } };
  const drawing = drawLines({ series: [none], xDomain: [0, 1] }, 400, 200);
  expect(drawing.lines[0]!.path).toBe('');
  expect(drawing.yTicks.length).toBeGreaterThan(1);
});
