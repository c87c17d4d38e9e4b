// What changed against another run, class by class: what became better and what became worse side by side, in the same size.
import { count, percentNumber, points } from '../../src/base/format.ts';
import type { ClassChange } from './difference.ts';

interface ChangeListProps {
  labels: readonly string[];
  changes: readonly ClassChange[];
  /** Classes that were judged and did not change. */
  unchanged: number;
  selected: number | undefined;
  onSelect: (change: ClassChange) => void;
}

export function ChangeList({ labels, changes, unchanged, selected, onSelect }: ChangeListProps) {
  const better = changes.filter(({ change }) => change > 0);
  const worse = changes.filter(({ change }) => change < 0);
  return (
    <section class="panel" data-testid="changes" aria-label="Classes that changed">
      <div class="section-head">
        <h2>Classes that changed</h2>
        <span class="dim">recall, in points; {count(unchanged)} unchanged</span>
      </div>
      <div class="changes">
        <Side title="better" rows={better} />
        <Side title="worse" rows={worse} />
      </div>
    </section>
  );

  function Side({ title, rows }: { title: string; rows: readonly ClassChange[] }) {
    return (
      <div>
        <h3 class="dim">
          {count(rows.length)} {title}
        </h3>
        <ul class="change-rows">
          {rows.map((row) => (
            <li key={row.index}>
              <button
                type="button"
                class={selected === row.index ? 'plain change selected' : 'plain change'}
                aria-pressed={selected === row.index}
                title={`${labels[row.index]}: ${percentNumber(row.before)} % → ${percentNumber(row.after)} % of ${count(row.support)}`}
                onClick={() => onSelect(row)}
                data-testid={`change-${title}`}
              >
                <span class="clip-text">{labels[row.index]}</span>
                <span class="number">{points(row.change, 0)}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    );
  }
}
