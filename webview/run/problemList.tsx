// What was wrong with the data on the way: each with its file, which a click opens.
import { useState } from 'preact/hooks';
import { baseName, count, plural } from '../../src/base/format.ts';
import type { Problem } from '../../src/protocol/events.ts';
import { Button } from '../base/toolkit.tsx';

const first = 8;

interface ProblemListProps {
  problems: readonly Problem[];
  onOpenFile: (file: string, line?: number) => void;
}

export function ProblemList({ problems, onOpenFile }: ProblemListProps) {
  const [all, setAll] = useState(false);
  if (problems.length === 0) return null;
  const shown = all ? problems : problems.slice(0, first);
  return (
    <section class="panel" data-testid="problems">
      <div class="chart-head">
        <h2>{plural(problems.length, 'problem')}</h2>
        <span class="dim">click to open the file</span>
      </div>
      <ul class="problems">
        {shown.map((problem, i) => (
          <li key={i}>
            <button
              type="button"
              class="plain problem"
              title={problem.file}
              onClick={() => onOpenFile(problem.file, problem.line)}
            >
              <span class={problem.severity === 'error' ? 'wrong' : 'warned'} role="img" aria-label={problem.severity}>
                {problem.severity === 'error' ? '✕' : '△'}
              </span>
              <span class="clip-text">{problem.message}</span>
              <span class="dim clip-text">
                {baseName(problem.file)}
                {problem.line === undefined ? '' : `:${problem.line}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {!all && problems.length > first && (
        <Button onClick={() => setAll(true)}>Show all {count(problems.length)}</Button>
      )}
    </section>
  );
}
