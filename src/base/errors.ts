// The catalogue of errors that a person sees. Each says what happened, to which file, and what to do next.
// Everything thrown on purpose is a UserError made here; any other Error is a defect and keeps its stack.

/** An error whose message is meant for a person. `code` is stable and travels through the protocol and `--json`. */
export class UserError extends Error {
  readonly code: string;
  /** The file the error is about, where there is one. */
  readonly file: string | undefined;

  constructor(code: string, message: string, file?: string) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.file = file;
  }
}

/** Thrown where work was stopped on request. Never shown as a failure. */
export class CancelledError extends UserError {
  constructor(what = 'The work') {
    super('cancelled', `${what} was cancelled.`);
    this.name = 'CancelledError';
  }
}

/** Throws a CancelledError when `signal` is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined, what?: string): void {
  if (signal?.aborted) throw new CancelledError(what);
}

/** One line for a person, from anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error such as ENOENT or ENOSPC, if `error` is one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
