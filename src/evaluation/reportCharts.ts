// The drawings of report.html as SVG text, without scripts: curves, the reliability diagram, the confusion matrix. Colours come
// from the page's variables, so that they follow its light or dark look.
import { plural } from '../base/format.ts';
import type { Evaluation } from '../protocol/evaluation.ts';
import { html } from './reportEscape.ts';

type Points = readonly (readonly [number, number])[];

const side = 220;
const margin = { left: 40, right: 12, top: 10, bottom: 34 };
const width = side + margin.left + margin.right;
const height = side + margin.top + margin.bottom;

/** Axes from 0 to 1, with `content` drawn inside. */
function frame(title: string, across: string, up: string, content: string): string {
  const ticks = [0, 0.5, 1].flatMap((value) => [
    `<text class="tick" x="${px(value)}" y="${margin.top + side + 14}" text-anchor="middle">${value}</text>`,
    `<text class="tick" x="${margin.left - 6}" y="${py(value) + 4}" text-anchor="end">${value}</text>`,
    `<line class="grid" x1="${px(value)}" y1="${margin.top}" x2="${px(value)}" y2="${margin.top + side}"/>`,
    `<line class="grid" x1="${margin.left}" y1="${py(value)}" x2="${margin.left + side}" y2="${py(value)}"/>`,
  ]);
  const middle = margin.top + side / 2;
  return [
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${html(title)}">`,
    `<title>${html(title)}</title>`,
    ...ticks,
    content,
    `<text class="axis" x="${margin.left + side / 2}" y="${height - 4}" text-anchor="middle">${html(across)}</text>`,
    `<text class="axis" x="10" y="${middle}" text-anchor="middle" transform="rotate(-90 10 ${middle})">${html(up)}</text>`,
    '</svg>',
  ].join('');
}

const px = (value: number) => round(margin.left + value * side);
const py = (value: number) => round(margin.top + (1 - value) * side);

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Precision over recall. */
export function curveChart(title: string, points: Points): string {
  const line = points.map(([recall, precision]) => `${px(recall)},${py(precision)}`).join(' ');
  return frame(title, 'recall', 'precision', `<polyline class="line" points="${line}"/>`);
}

/** Accuracy over confidence, a bar for each bin with samples; the diagonal is a head that is right as often as it says. */
export function reliabilityChart(title: string, bins: NonNullable<Evaluation['calibration']>['bins']): string {
  const most = Math.max(1, ...bins.map(({ samples }) => samples));
  const bars = bins.map(({ samples, accuracy, confidence }, i) => {
    if (accuracy === null || confidence === null) return '';
    const x = px(i / bins.length);
    const share = samples / most;
    const told = `${plural(samples, 'sample')}, confidence ${confidence.toFixed(3)}, accuracy ${accuracy.toFixed(3)}`;
    return (
      `<rect class="bar" x="${x + 1}" y="${py(accuracy)}" width="${round(side / bins.length - 2)}" height="${round(accuracy * side)}" fill-opacity="${round(0.25 + 0.65 * share)}"><title>${told}</title></rect>` +
      `<circle class="mark" cx="${px(confidence)}" cy="${py(accuracy)}" r="2.5"/>`
    );
  });
  const diagonal = `<line class="diagonal" x1="${px(0)}" y1="${py(0)}" x2="${px(1)}" y2="${py(1)}"/>`;
  return frame(title, 'confidence', 'accuracy', bars.join('') + diagonal);
}

const shades = 8;

/** Truth downwards, prediction across; the darker, the larger the share of its row. One path for each shade. */
export function confusionChart(title: string, confusion: readonly number[], classes: number): string {
  const paths = Array.from({ length: shades }, () => '');
  for (let truth = 0; truth < classes; truth++) {
    let total = 0;
    for (let guess = 0; guess < classes; guess++) total += confusion[truth * classes + guess]!;
    for (let guess = 0; guess < classes; guess++) {
      const count = confusion[truth * classes + guess]!;
      if (count === 0) continue;
      const shade = Math.min(shades - 1, Math.floor((count / total) * shades));
      paths[shade] += `M${guess} ${truth}h1v1h-1z`;
    }
  }
  const drawn = paths.map((path, shade) =>
    path === '' ? '' : `<path class="cell" fill-opacity="${round((shade + 1) / shades)}" d="${path}"/>`,
  );
  const size = Math.max(220, Math.min(720, classes * 12));
  return [
    `<svg class="matrix" viewBox="-0.02 -0.02 ${classes + 0.04} ${classes + 0.04}" width="${size}" height="${size}" role="img" aria-label="${html(title)}">`,
    `<title>${html(title)}</title><rect class="ground" x="0" y="0" width="${classes}" height="${classes}"/>`,
    ...drawn,
    '</svg>',
  ].join('');
}
