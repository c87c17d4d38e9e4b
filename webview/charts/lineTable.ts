// The points of a chart's lines as a table: one row for every x that any of them has, one column a line.
import { csvText } from '../../src/base/csv.ts';
import type { Series } from './lineDrawing.ts';

/** Of a smoothed line the points before smoothing. */
export function lineTable(xName: string, series: readonly Series[]): string {
  const columns = series.map(({ points, faint }) => {
    const { x, y } = faint ?? points;
    return new Map(x.map((value, i) => [value, y[i]!]));
  });
  const xs = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => a - b);
  return csvText([
    [xName, ...series.map(({ name }) => name)],
    ...xs.map((x) => [x, ...columns.map((column) => column.get(x))]),
  ]);
}
