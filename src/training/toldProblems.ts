// The problems of a run: told once each, and those with files kept for the index.
import type { Sample } from '../protocol/datasets.ts';
import type { JobEvent, Problem } from '../protocol/events.ts';

export class ToldProblems {
  private readonly told = new Set<string>();
  private readonly ofSamples = new Map<string, Problem>();

  constructor(private readonly tell: (event: JobEvent) => void) {}

  /** What was found wrong with samples' files, for the index. */
  get found(): Problem[] {
    return [...this.ofSamples.values()];
  }

  /** A resumed run told this before it was stopped. */
  known(problem: Problem): void {
    this.told.add(keyOf(problem));
  }

  /** The index may know already what decoding finds again: each problem is told once a run. */
  add(problem: Problem): void {
    const key = keyOf(problem);
    if (this.told.has(key)) return;
    this.told.add(key);
    this.tell({ event: 'problem', problem });
  }

  /** What decoding found wrong with a sample. */
  addOf({ id, file, dataset }: Sample, severity: Problem['severity'], message: string): void {
    if (this.ofSamples.has(id)) return;
    const problem: Problem = { severity, file, dataset, message };
    this.ofSamples.set(id, problem);
    this.add(problem);
  }
}

function keyOf({ dataset, file, line, message }: Problem): string {
  return `${dataset} ${file} ${line} ${message}`;
}
