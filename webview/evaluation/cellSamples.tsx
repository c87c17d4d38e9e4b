// The samples of the chosen cell, a page at a time: what each shows and what every head says of it.

import { count, plural } from '../../src/base/format.ts';
import type { Evaluation } from '../../src/protocol/evaluation.ts';
import type { ShownSample } from '../../src/protocol/evaluationView.ts';
import type { Answer } from '../base/hooks.ts';
import { Failed, Waiting } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import { type Cell, countAt } from './confusion.ts';
import { SampleCard } from './sampleCard.tsx';

export const pageSize = 24;

interface CellSamplesProps {
  evaluation: Evaluation;
  cell: Cell;
  page: number;
  samples: Answer<ShownSample[]>;
  onPage: (page: number) => void;
  onOpen: (sample: ShownSample) => void;
  /** In the order of their colours. */
  heads: readonly string[];
}

export function CellSamples({ evaluation, cell, page, samples, onPage, onOpen, heads }: CellSamplesProps) {
  const truth = evaluation.classes[cell.truth] ?? '';
  const predicted = evaluation.classes[cell.predicted] ?? '';
  const total = countAt(evaluation, cell);
  const pages = Math.max(1, Math.ceil(total / pageSize));
  return (
    <section class="panel" data-testid="cell-samples" data-truth={truth} data-predicted={predicted}>
      <div class="section-head">
        <h2 class="clip-text">
          {truth} {cell.truth === cell.predicted ? 'recognised' : `→ called ${predicted}`}
        </h2>
        <span class="dim">{plural(total, 'sample')}</span>
        <span class="spread" />
        {pages > 1 && (
          <>
            <span class="dim">
              {count(page * pageSize + 1)}–{count(Math.min(total, (page + 1) * pageSize))}
            </span>
            <Button disabled={page === 0} label="Previous page" onClick={() => onPage(page - 1)}>
              ‹
            </Button>
            <Button disabled={page >= pages - 1} label="Next page" testId="next-page" onClick={() => onPage(page + 1)}>
              ›
            </Button>
          </>
        )}
      </div>
      {total === 0 && <p class="dim">No sample fell into this cell.</p>}
      {samples.failure && (
        <Failed message={samples.failure.message}>
          <Button onClick={samples.ask}>Try again</Button>
        </Failed>
      )}
      {total > 0 && samples.waiting && !samples.value && <Waiting what="Fetching the samples…" />}
      <ul class="cards">
        {samples.value?.map((shown) => (
          <SampleCard key={shown.judged.sample.id} shown={shown} head={evaluation.head} heads={heads} onOpen={onOpen} />
        ))}
      </ul>
    </section>
  );
}
