// The mistakes made most often. A click shows their samples.

import { count, percentNumber } from '../../src/base/format.ts';
import type { Evaluation } from '../../src/protocol/evaluation.ts';
import type { Cell, Pair } from './confusion.ts';

interface PairListProps {
  evaluation: Evaluation;
  pairs: readonly Pair[];
  selected: Cell | undefined;
  onSelect: (cell: Cell) => void;
}

export function PairList({ evaluation, pairs, selected, onSelect }: PairListProps) {
  const most = pairs[0]?.count ?? 1;
  return (
    <section class="panel" data-testid="pairs">
      <div class="section-head">
        <h2>Most confused</h2>
        <span class="dim">truth → predicted</span>
      </div>
      {pairs.length === 0 && <p class="dim">No mistake was made.</p>}
      <ul class="pairs">
        {pairs.map((pair) => {
          const [truth, predicted] = [evaluation.classes[pair.truth]!, evaluation.classes[pair.predicted]!];
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
