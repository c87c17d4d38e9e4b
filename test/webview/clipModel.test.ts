// The pure parts of the clip view: the heat map's numbers, the timeline's cells and colours, frame steps.
import { describe, expect, test } from 'vitest';
import {
  enlarged,
  fineness,
  heatColor,
  heatOf,
  heatPixels,
  nearestFrame,
  seenSquare,
} from '../../webview/clip/heat.ts';
import {
  cellOf,
  classColours,
  mostColours,
  timelineRows,
  windowAt,
  windowOf,
} from '../../webview/clip/timelineModel.ts';
import { attentionOf, timelineOf } from './clipData.ts';

describe('the heat map', () => {
  test('is told in even shares, of all frames together, whatever stays in the class token', () => {
    const heat = heatOf(attentionOf([0.5, 1.5], 4));
    const values = heat.frames.flatMap(({ values: own }) => [...own]);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(1, 5);
    expect([heat.least, heat.most]).toEqual([Math.min(...values), Math.max(...values)]);
    expect(heatOf({ side: 2, frames: [{ time: null, grid: [0, 0, 0, 0] }] }).most).toBe(1);
  });

  test.each([1, 2, 14])('is enlarged smoothly from %i patches a side, within what they say', (side) => {
    const values = Array.from({ length: side * side }, (_, i) => i);
    const fine = enlarged(values, side);
    const size = side * fineness;
    expect(fine.length).toBe(size * size);
    expect(fine[0]).toBe(0);
    expect(fine.at(-1)).toBe(side * side - 1);
    for (let i = 1; i < size; i++) expect(fine[i]! - fine[i - 1]!).toBeGreaterThanOrEqual(0);
    // A patch's value stands at its centre, which lies between four pixels.
    const middle = (x: number, y: number) => {
      const at = (dx: number, dy: number) =>
        fine[((y + 0.5) * fineness + dy - 0.5) * size + (x + 0.5) * fineness + dx - 0.5]!;
      return (at(0.5, 0.5) + at(-0.5, 0.5) + at(0.5, -0.5) + at(-0.5, -0.5)) / 4;
    };
    if (side > 2) expect(middle(3, 5)).toBeCloseTo(5 * side + 3, 4);
  });

  test('rises from dark to bright', () => {
    const light = (share: number) => {
      const [r, g, b] = heatColor(share);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    for (let i = 1; i <= 20; i++) expect(light(i / 20)).toBeGreaterThan(light((i - 1) / 20));
    expect(heatColor(-1)).toEqual(heatColor(0));
    expect(heatColor(2)).toEqual(heatColor(1));
    const pixels = heatPixels(heatOf(attentionOf([0], 2)), 0);
    expect(pixels.length).toBe(4 * (2 * fineness) ** 2);
    expect(pixels.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
  });

  test.each([
    [
      { width: 800, height: 400 },
      { width: 320, height: 240 },
      { left: 200, top: 0, width: 400, height: 400 },
    ],
    [
      { width: 400, height: 400 },
      { width: 100, height: 200 },
      { left: 100, top: 100, width: 200, height: 200 },
    ],
    [
      { width: 300, height: 200 },
      { width: 1920, height: 1080 },
      { left: 65.625, top: 15.625, width: 168.75, height: 168.75 },
    ],
  ])('lies in %j over a picture of %j', (box, picture, square) => {
    expect(seenSquare(box, picture)).toEqual(square);
  });

  test.each([
    [0, 0],
    [0.99, 0],
    [1.01, 1],
    [99, 2],
  ])('at %d s is of frame %i', (time, frame) => {
    expect(nearestFrame([{ time: 0.5 }, { time: 1.5 }, { time: 2.5 }], time)).toBe(frame);
    expect(nearestFrame([{ time: null }], time)).toBe(0);
  });
});

describe('the timeline', () => {
  test.each([
    ['windows that overlap', { from: 2, to: 14, length: 2, stride: 1, windows: 11, frames: 8 }, 12],
    ['windows with gaps', { from: 0, to: 100, length: 2, stride: 14, windows: 8, frames: 8 }, 16],
  ])('%s are drawn side by side', (_, plan, covered) => {
    let [end, sum] = [plan.from, 0];
    for (let i = 0; i < plan.windows; i++) {
      const cell = cellOf(plan, i);
      expect(cell.start).toBeGreaterThanOrEqual(end - 1e-9);
      expect(windowAt(plan, (cell.start + cell.end) / 2)).toBe(i);
      const { start, end: last } = windowOf(plan, i);
      expect(last - start).toBeCloseTo(plan.length, 9);
      sum += cell.end - cell.start;
      end = cell.end;
    }
    expect(sum).toBeCloseTo(covered, 6);
    expect([windowAt(plan, -5), windowAt(plan, 1e6)]).toEqual([0, plan.windows - 1]);
  });

  test('classes keep their colours while more come, and have the same ones elsewhere', () => {
    const labels = Array.from({ length: 30 }, (_, i) => `class ${i}`);
    const few = classColours(labels.slice(0, 4));
    const many = classColours(labels);
    for (const [label, colour] of few) expect(many.get(label)).toBe(colour);
    expect(many.size).toBe(mostColours);
    expect(new Set(many.values()).size).toBe(mostColours);
    expect(classColours(['class 3']).get('class 3')).toBe(classColours(['class 3', 'class 7']).get('class 3'));
  });

  test('its table has a row for every window, head and rank', () => {
    const { plan, windows } = timelineOf(3);
    const rows = timelineRows(plan, windows);
    expect(rows.length).toBe(plan.windows * 4);
    expect(rows[0]).toEqual([1, 0, 1, 'kinetics-mini', 1, 'riding a bike', 0.5]);
  });
});
