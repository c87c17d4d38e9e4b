// What the matrix's colours mean: both ramps from nothing to the most, with the values at their ends and in the middle. The strength
// follows the square root of a value, so the middle of a ramp is a quarter of the most.
import { useMemo } from 'preact/hooks';
import { count, percentNumber } from '../../src/base/format.ts';
import { useThemeVersion } from '../base/hooks.ts';
import { canvasTheme } from '../base/theme.ts';
import type { Matrix } from './confusion.ts';
import { mostOf, type Paint, paletteOf } from './matrixTexture.ts';
import { cssOf, faintest } from './ramp.ts';

export function MatrixLegend({ matrix, paint }: { matrix: Matrix; paint: Paint }) {
  const themeVersion = useThemeVersion();
  const { normalised, difference } = paint;
  const palette = useMemo(() => paletteOf(canvasTheme(), difference), [themeVersion, difference]);
  const most = useMemo(() => mostOf(matrix, { normalised, difference }), [matrix, normalised, difference]);
  const text = (value: number) => (normalised ? `${percentNumber(value, 0)} %` : count(value));
  const quarter = most / 4;
  return (
    <div class="matrix-legend" role="img" aria-label={`Colours from 0 to ${text(most)}`}>
      <Ramp title={difference ? 'more' : 'recognised'} colors={palette.strong} />
      <Ramp title={difference ? 'fewer' : 'mistaken'} colors={palette.other} />
      <span class="dim">
        {normalised || quarter >= 2 ? `0 · ${text(quarter)} · ${text(most)}` : `0 … ${text(most)}`}
        {difference ? ' samples changed' : normalised ? ' of the true class' : ' samples'}
      </span>
    </div>
  );
}

function Ramp({ title, colors }: { title: string; colors: Uint32Array }) {
  const stops = Array.from({ length: 9 }, (_, i) =>
    cssOf(colors[Math.round(255 * (faintest + ((1 - faintest) * i) / 8))]!),
  );
  return (
    <span class="ramp">
      <span class="ramp-bar" style={{ background: `linear-gradient(to right, ${stops.join(', ')})` }} />
      {title}
    </span>
  );
}
