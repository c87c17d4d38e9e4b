// How many samples each class has, by split; or, as shares, how each class is split. Sorted by count, found by name.
import { useState } from 'preact/hooks';
import { csvText } from '../../src/base/csv.ts';
import { count, percentNumber } from '../../src/base/format.ts';
import { seriesColor } from '../base/theme.ts';
import { TextField } from '../base/toolkit.tsx';
import { ChartFrame } from '../charts/chartFrame.tsx';
import { BarList } from './barList.tsx';
import { toggled, withFilter } from './navigation.ts';
import type { PlotProps } from './plots.tsx';

interface ClassPlotProps extends PlotProps {
  shares: boolean;
  onShares: (shares: boolean) => void;
}

/** Fewer classes than this need no search field. */
const fewClasses = 12;

export function ClassPlot({ name, facets, filters, onFilters, shares, onShares }: ClassPlotProps) {
  const [search, setSearch] = useState('');
  const { classes, splits } = facets;
  const names = splits.map((split) => split.name);
  const colors = splits.map((_, index) => seriesColor(index));
  const all = classes.map(({ label, samples }) => ({ label, samples, total: samples.reduce((a, b) => a + b, 0) }));
  const wanted = search.trim().toLowerCase();
  const bars = all
    .filter(({ label }) => wanted === '' || label.toLowerCase().includes(wanted))
    .sort((a, b) => b.total - a.total || (a.label < b.label ? -1 : 1))
    .map(({ label, samples, total }) => {
      const each = names.map((split, index) => `${split} ${count(samples[index] ?? 0)}`).join(', ');
      return {
        key: label,
        name: label,
        parts: shares ? samples.map((one) => (total === 0 ? 0 : one / total)) : samples,
        figure: shares ? shareOf(samples, total) : count(total),
        hint: `${label}: ${count(total)} (${each})`,
      };
    });
  const chosen = new Set(filters.labels);
  return (
    <ChartFrame
      title="Classes"
      subtitle={count(classes.length)}
      name={`${name} classes`}
      legend={names.map((split, index) => ({ name: split, color: colors[index]! }))}
      csv={() => csvText([['class', ...names], ...all.map(({ label, samples }) => [label, ...samples])])}
      tools={
        splits.length > 1 && (
          <button
            type="button"
            class="plain toggle"
            aria-pressed={shares}
            title="How each class is split, in place of how many samples it has"
            onClick={() => onShares(!shares)}
          >
            Split shares
          </button>
        )
      }
    >
      {splits.length > 1 && (
        <p class="split-key dim" aria-hidden="true">
          {names.map((split, index) => (
            <span class="labelled" key={split}>
              <span class="dot" style={{ color: colors[index] }} />
              {split}
            </span>
          ))}
        </p>
      )}
      {classes.length > fewClasses && (
        <TextField label="Find a class" value={search} onInput={setSearch} testId="find-class" />
      )}
      {bars.length === 0 && <p class="dim">No class is called so.</p>}
      <BarList
        label="Classes by number of samples"
        bars={bars}
        colors={colors}
        rows={10}
        {...(shares && { most: 1 })}
        selected={chosen}
        onToggle={(key, alone) => onFilters(withFilter(filters, 'labels', toggled(filters.labels, key, alone)))}
        testId="classes"
      />
    </ChartFrame>
  );
}

/** Of the first split: "80 %". */
function shareOf(samples: readonly number[], total: number): string {
  return total === 0 ? '–' : `${percentNumber((samples[0] ?? 0) / total, 0)} %`;
}
