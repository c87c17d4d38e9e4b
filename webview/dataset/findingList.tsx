// What is wrong with the samples, by kind: problems of indexing and decoding, and leaks and copies that comparing found. A click shows
// the samples; problems of files that are no samples are in the Problems panel.
import { count, plural } from '../../src/base/format.ts';
import { Button } from '../base/toolkit.tsx';
import { toggled, withFilter } from './navigation.ts';
import type { PageCommand, PlotProps } from './plots.tsx';

interface FindingListProps extends PlotProps {
  onCommand: (command: PageCommand) => void;
}

export function FindingList({ facets, filters, onFilters, onCommand }: FindingListProps) {
  const { findings, compared } = facets;
  const chosen = new Set(filters.findings);
  const here = findings.filter(({ samples }) => samples > 0).map(({ kind }) => kind);
  const elsewhere = findings.filter(({ source, samples }) => source === 'problem' && samples === 0);
  return (
    <section class="panel chart" aria-label="Problems and leaks" data-testid="findings">
      <div class="chart-head">
        <h2>Problems and leaks</h2>
        <span class="spread" />
        {here.length > 1 && (
          <button
            type="button"
            class="plain toggle"
            aria-pressed={here.every((kind) => chosen.has(kind))}
            title="Samples with any of these"
            onClick={() => {
              const all = here.every((kind) => chosen.has(kind));
              onFilters(withFilter(filters, 'findings', all ? undefined : here));
            }}
          >
            Any
          </button>
        )}
      </div>
      {findings.length === 0 && (
        <p class="dim">{compared ? 'None.' : 'No problems. Samples were not compared yet to find leaks and copies.'}</p>
      )}
      <ul class="findings">
        {findings.map(({ kind, severity, samples, total }) => (
          <li key={kind}>
            <button
              type="button"
              class={chosen.has(kind) ? 'plain finding-row selected' : 'plain finding-row'}
              aria-pressed={chosen.has(kind)}
              disabled={samples === 0 && !chosen.has(kind)}
              title={`${kind}\n${plural(total, 'time')} in all, ${plural(samples, 'sample')} here`}
              onClick={(event) => {
                const alone = !(event.ctrlKey || event.metaKey);
                onFilters(withFilter(filters, 'findings', toggled(filters.findings, kind, alone)));
              }}
              data-testid="finding"
            >
              <span class={severity === 'error' ? 'wrong' : 'warned'} aria-hidden="true">
                {severity === 'error' ? '✕' : '⚠'}
              </span>
              <span class="clip-text">{kind}</span>
              <span class="number">{samples > 0 ? count(samples) : `(${count(total)})`}</span>
            </button>
          </li>
        ))}
      </ul>
      {elsewhere.length > 0 && (
        <button type="button" class="plain link" onClick={() => onCommand('problems')}>
          Show in the Problems panel
        </button>
      )}
      {!compared && (
        <span class="row">
          <Button onClick={() => onCommand('findDuplicates')} testId="find-duplicates">
            Find Duplicates and Leaks
          </Button>
          <button type="button" class="plain link" onClick={() => onCommand('copyDuplicates')}>
            Copy as CLI Command
          </button>
        </span>
      )}
    </section>
  );
}
