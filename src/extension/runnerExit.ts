// How a runner ended, and what to tell a person about it. Pure, so that every way of ending is tested as a table.

export interface RunnerExit {
  /** Exit status; null where a signal ended it or it never started. Never read as 0 when null. */
  code: number | null;
  signal: string | null;
  /** The editor asked it to end: not a failure. */
  stoppedByUser: boolean;
  /** The last of what it wrote to stderr, at most `tailLimit` characters. */
  stderrTail: string;
}

export const tailLimit = 8192;

/** Appends to a tail of bounded length, dropping the oldest. */
export function appendTail(tail: string, text: string): string {
  const joined = tail + text;
  return joined.length <= tailLimit ? joined : joined.slice(joined.length - tailLimit);
}

/** One sentence of how the runner ended, with its last words where it left any. */
export function describeExit(exit: RunnerExit): string {
  if (exit.stoppedByUser) return 'The CoVeR runner was stopped.';
  const words = lastWords(exit.stderrTail);
  return `The CoVeR runner ended unexpectedly (${how(exit)})${words === '' ? '.' : `: ${words}`}`;
}

function how(exit: RunnerExit): string {
  if (exit.signal === 'SIGKILL') return 'killed, SIGKILL; the system does this when memory runs out';
  if (exit.signal !== null) return exit.signal;
  return exit.code === null ? 'it did not start' : `exit code ${exit.code}`;
}

/** The line of stderr that says most: the first line of the last error, else the last line that is not a stack frame. */
export function lastWords(stderr: string): string {
  const lines = stderr.split(/\r?\n/).filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  const error = lines.findLast((line) => /(^|\s)\w*Error: /.test(line));
  const words = (error ?? lines.at(-1) ?? '').trim();
  return words.length > 300 ? `${words.slice(0, 299)}…` : words;
}
