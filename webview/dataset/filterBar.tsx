// What the samples are filtered by, in one line: a text, chips that lift what was clicked in the plots, and whose predictions are shown.
import { count, plural } from '../../src/base/format.ts';
import type { PredictionsOf, SampleFilters } from '../../src/protocol/datasetQueries.ts';
import type { DatasetSnapshot } from '../../src/protocol/datasetView.ts';
import { Button, Dropdown, TextField } from '../base/toolkit.tsx';
import { chipsOf, withFilter } from './navigation.ts';

interface FilterBarProps {
  filters: SampleFilters;
  onFilters: (filters: SampleFilters) => void;
  choices: DatasetSnapshot['choices'];
  predictions: PredictionsOf | undefined;
  onPredictions: (predictions: PredictionsOf | undefined) => void;
  /** Under the filters, and in all; undefined while unknown. */
  total: number | undefined;
  all: number | undefined;
  hasPlots: boolean;
  onPlots: (hasPlots: boolean) => void;
}

const nobody = '';

export function FilterBar(props: FilterBarProps) {
  const { filters, onFilters, choices, predictions, onPredictions, total, all, hasPlots, onPlots } = props;
  const chips = chipsOf(filters);
  const keys = choices.flatMap(({ run, heads }) => heads.map((head) => ({ run, head })));
  const options = [
    { value: nobody, text: 'no run' },
    ...keys.map((one) => ({ value: JSON.stringify(one), text: `${one.run} · ${one.head}` })),
  ];
  const isFiltered = chips.length > 0 || (filters.text ?? '') !== '';
  return (
    <div class="filter-bar">
      <TextField
        label="Find in names"
        value={filters.text ?? ''}
        onInput={(text) => onFilters(withFilter(filters, 'text', text === '' ? undefined : text))}
        testId="text"
      />
      {chips.map(({ name, text }) => (
        <button
          key={name}
          type="button"
          class="plain chip"
          title={`Lift the filter “${text}”`}
          aria-label={`Lift the filter ${text}`}
          onClick={() => onFilters(withFilter(filters, name, undefined))}
          data-testid={`chip-${name}`}
        >
          <span class="clip-text">{text}</span>
          <span aria-hidden="true">×</span>
        </button>
      ))}
      {isFiltered && (
        <button type="button" class="plain link" onClick={() => onFilters({})} data-testid="clear">
          Clear
        </button>
      )}
      <span class="dim count" role="status" data-testid="count">
        {total === undefined
          ? ''
          : isFiltered && all !== undefined
            ? `${count(total)} of ${plural(all, 'sample')}`
            : plural(total, 'sample')}
      </span>
      <span class="spread" />
      {choices.length > 0 && (
        <Dropdown
          label="Predictions of"
          value={predictions ? JSON.stringify({ run: predictions.run, head: predictions.head }) : nobody}
          options={options}
          onChange={(value) => onPredictions(keys.find((one) => JSON.stringify(one) === value))}
          testId="predictions"
        />
      )}
      <Button onClick={() => onPlots(!hasPlots)} testId="plots-toggle">
        {hasPlots ? 'Hide Plots' : 'Show Plots'}
      </Button>
    </div>
  );
}
