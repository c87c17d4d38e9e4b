// The runs that are drawn beside this one, on the same axes: which they are, what is known of them, and how their lines look.
import type { RunSummary } from '../../src/protocol/runs.ts';
import { seriesColor } from '../base/theme.ts';
import type { Series } from '../charts/lineDrawing.ts';
import { smooth } from '../charts/points.ts';
import type { HeadLines, Line, RunModel } from './runModel.ts';

export interface OtherRun {
  run: string;
  /** Undefined until it is read. */
  summary?: RunSummary;
  model?: RunModel;
  failure?: string;
}

const dashes = ['6 3', '2 3', '9 3 2 3', '4 2 1 2', '12 4'];

export function dashOf(index: number): string {
  return dashes[index % dashes.length]!;
}

/** What of a model a chart draws a line of, for each head or as a whole. */
export interface Drawn {
  heads?: (head: HeadLines) => Line;
  whole?: { name: string; line: (model: RunModel) => Line };
}

/**
 * The lines of this run, then dashed those of the others. A head has one colour in all runs; where there is but one line a run, a
 * run has one. `weight`: of smoothing, 0 for none.
 */
export function seriesOf(
  run: string,
  model: RunModel,
  others: readonly OtherRun[],
  drawn: Drawn,
  weight = 0,
): Series[] {
  const names = model.heads.map(({ name }) => name);
  const known = others.flatMap(({ run, model }, i) => (model ? [{ run, model, dash: dashOf(i), index: i }] : []));
  for (const other of known) for (const { name } of other.model.heads) if (!names.includes(name)) names.push(name);
  const all = [{ run, model, dash: undefined, index: -1 }, ...known];
  const byRun = drawn.whole !== undefined || names.length === 1;
  return all.flatMap(({ run: of, model: told, dash, index }) => {
    const line = (name: string, points: Line, colour: number): Series => {
      const drawnPoints = weight > 0 ? smooth(points, weight) : points;
      const faint = weight > 0 && index < 0 ? { faint: points } : {};
      // The chips say which run is dashed how, and a head's colour is listed already.
      const unlisted = index >= 0 && !byRun;
      return { name, color: seriesColor(colour), dash, unlisted, points: drawnPoints, ...faint };
    };
    const label = (name: string) => (index < 0 ? name : byRun ? of : `${name} · ${of}`);
    if (drawn.whole) return [line(label(drawn.whole.name), drawn.whole.line(told), index + 1)];
    const heads = drawn.heads;
    if (!heads) return [];
    return told.heads.map((head) => line(label(head.name), heads(head), byRun ? index + 1 : names.indexOf(head.name)));
  });
}
