// Which runs are drawn on the same axes: chips that can be taken away, and "+" for more.
import { percent } from '../../src/base/format.ts';
import { Swatch } from '../charts/legend.tsx';
import { dashOf, type OtherRun } from './others.ts';

interface CompareBarProps {
  others: readonly OtherRun[];
  onAdd: () => void;
  onRemove: (run: string) => void;
}

export function CompareBar({ others, onAdd, onRemove }: CompareBarProps) {
  return (
    <div class="compare-bar" data-testid="compare">
      <span class="dim">compare with</span>
      {others.map((other, i) => (
        <span
          key={other.run}
          class={other.failure ? 'chip wrong' : 'chip'}
          title={tooltip(other)}
          data-testid="compared"
        >
          <Swatch color="var(--vscode-foreground)" dash={dashOf(i)} />
          <span class="clip-text">{other.run}</span>
          <button
            type="button"
            class="plain chip-close"
            aria-label={`Remove ${other.run}`}
            onClick={() => onRemove(other.run)}
          >
            ×
          </button>
        </span>
      ))}
      <button
        type="button"
        class="plain chip chip-add"
        data-testid="compare-add"
        aria-label="Compare with other runs"
        title="Compare with other runs"
        onClick={onAdd}
      >
        +
      </button>
    </div>
  );
}

function tooltip({ run, summary, failure }: OtherRun): string {
  if (failure !== undefined) return failure;
  if (!summary) return `Reading ${run}…`;
  const heads = Object.entries(summary.heads).map(([head, { top1 }]) => `${head}: top-1 ${percent(top1)}`);
  return [run, ...heads, ...(heads.length > 0 && summary.protocol ? [summary.protocol] : [])].join('\n');
}
