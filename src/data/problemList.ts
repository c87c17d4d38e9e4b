// The problems of one dataset as they are kept: of one sort only so many, and the rest as a number. A list of which nothing
// is there would else be hundreds of thousands of equal sentences, in the memory, in the index and before a person.
import type { Problem } from '../protocol/events.ts';
import { byCodeUnit } from './folders.ts';

/** So many problems of one sort are kept of a dataset. */
const mostOfASort = 1000;

export class ProblemList {
  private readonly sorts = new Map<string, { first: Problem; left: number; kept: number }>();
  private readonly kept: Problem[] = [];
  private total = 0;

  /** How many were added, kept or not. */
  get number(): number {
    return this.total;
  }

  get hasErrors(): boolean {
    return this.kept.some(({ severity }) => severity === 'error');
  }

  /** The first that were added, at most `limit`. */
  first(limit: number): readonly Problem[] {
    return this.kept.slice(0, limit);
  }

  add(problem: Problem): void {
    this.total++;
    const sort = `${problem.severity}\0${sortOf(problem)}`;
    const known = this.sorts.get(sort) ?? { first: problem, kept: 0, left: 0 };
    this.sorts.set(sort, known);
    if (known.kept < mostOfASort) {
      known.kept++;
      this.kept.push(problem);
    } else known.left++;
  }

  /** Takes over what another has. */
  join(other: ProblemList): void {
    this.total += other.total;
    for (const problem of other.kept) this.kept.push(problem);
    for (const [sort, { first, kept, left }] of other.sorts) {
      const known = this.sorts.get(sort) ?? { first, kept: 0, left: 0 };
      this.sorts.set(sort, { ...known, kept: known.kept + kept, left: known.left + left });
    }
  }

  /** Those that are kept, by file and line where asked for, and one for each sort of which there were more. */
  problems(isSorted = false): Problem[] {
    const problems = [...this.kept];
    if (isSorted) problems.sort((a, b) => byCodeUnit(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0));
    for (const { first, left } of this.sorts.values()) {
      if (left === 0) continue;
      const { severity, file } = first;
      problems.push({
        severity,
        file,
        message: `And ${left.toLocaleString('en')} more of this sort: ${sortOf(first)}`,
      });
    }
    return problems;
  }
}

/** The message with "…" for what differs from file to file: its own path, what is quoted, absolute paths, numbers. */
export function sortOf({ file, message }: Pick<Problem, 'file' | 'message'>): string {
  return message
    .replaceAll(file, '…')
    .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replace(/(?<!\S)(?:[a-z]:)?[\\/][^\s"]*?(?=[:;,.?)]*(?:\s|$))/gi, '…')
    .replace(/(?<![\w.-])\d[\d,.]*(?<=\d)(?![\w-])/g, '…');
}
