// How a failure is told: one clear sentence on stderr, and an event for `--json`. A defect also shows its stack.
import { CancelledError, messageOf, UserError } from '../base/errors.ts';
import type { Output } from './output.ts';
import { printable } from './tables.ts';

/** `file` is what was worked on, as the person named it; otherwise the file the error names. */
export function reportFailure(output: Output, error: unknown, file?: string): void {
  output.settle();
  const message = messageOf(error);
  const about = file ?? (error instanceof UserError ? error.file : undefined);
  const code = error instanceof UserError ? error.code : 'defect';
  output.event({ event: 'error', code, message, ...(about !== undefined && { file: about }) });
  const said = error instanceof Error && code === 'defect' ? (error.stack ?? message) : message;
  process.stderr.write(`${error instanceof CancelledError ? '' : 'Error: '}${printable(said)}\n`);
}
