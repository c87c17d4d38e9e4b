// The mistakes made most often. A click shows their samples.

import { count, percentNumber } from '../../src/base/format.ts';
import type { Cell, Matrix, Pair } from './confusion.ts';

interface PairListProps {
  matrix: Matrix;
  pairs: readonly Pair[];
  selected: Cell | undefined;
  onSelect: (cell: Cell) => void;
}

export function PairList({ matrix, pairs, selected, onSelect }: PairListProps) {
  const most = pairs[0]?.count ?? 1;
  return (
    <section class="panel" data-testid="pairs" aria-label="Most confused">
      <div class="section-head">
        <h2>Most confused</h2>
        <span class="dim">truth → predicted</span>
      </div>
      {pairs.length === 0 && <p class="dim">No mistake was made.</p>}
      <ul class="pairs">
        {pairs.map((pair) => {
          const [truth, predicted] = [matrix.labels[pair.truth]!, matrix.labels[pair.predicted]!];
          const isSelected = selected?.truth === pair.truth && selected.predicted === pair.predicted;
          return (
            <li key={`${pair.truth} ${pair.predicted}`}>
              <button
                type="button"
                class={isSelected ? 'plain pair selected' : 'plain pair'}
                aria-pressed={isSelected}
                title={`${truth} → ${predicted}: ${count(pair.count)}, ${percentNumber(pair.share)} % of ${truth}`}
                onClick={() => onSelect({ truth: pair.truth, predicted: pair.predicted })}
                data-testid="pair"
              >
                <span class="clip-text">{truth}</span>
                <span class="dim">→</span>
                <span class="clip-text">{predicted}</span>
                <span class="pair-bar" aria-hidden="true">
                  <span style={{ width: `${(100 * pair.count) / most}%` }} />
                </span>
                <span class="number">{count(pair.count)}</span>
                <span class="number dim">{percentNumber(pair.share, 0)} %</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
