// Problems of cover.json and of the datasets, as the Problems panel wants them: grouped by file, lines counted from 0.
// Pure; `diagnostics.ts` hands them over.
import type { Problem } from '../protocol/events.ts';

export interface PlainDiagnostic {
  /** 0-based. */
  line: number;
  /** 0-based. */
  column: number;
  /** Characters marked; 0: to the end of the line. */
  length: number;
  severity: Problem['severity'];
  message: string;
}

/** Problems by file, in the order they came. */
export function byFile(problems: readonly Problem[]): Map<string, PlainDiagnostic[]> {
  const files = new Map<string, PlainDiagnostic[]>();
  for (const problem of problems) {
    const list = files.get(problem.file) ?? [];
    files.set(problem.file, list);
    list.push({
      line: Math.max(0, (problem.line ?? 1) - 1),
      column: Math.max(0, (problem.column ?? 1) - 1),
      length: problem.length ?? 0,
      severity: problem.severity,
      message: problem.message,
    });
  }
  return files;
}
