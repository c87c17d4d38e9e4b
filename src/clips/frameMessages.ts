// What the thread that decodes and its owner say to each other.
import { CancelledError, messageOf, UserError } from '../base/errors.ts';
import type { ClipRequest, DecodedClip } from '../media/clip.ts';
import type { DecoderOptions } from '../media/decoder.ts';

export interface FrameThreadOptions {
  readonly decoder?: DecoderOptions | undefined;
  /** Where decoded frames are kept between runs, and at most how many bytes of them. */
  readonly cache?: { readonly folder: string; readonly limit: number } | undefined;
}

export type ToFrames = { decode: number; request: ClipRequest } | { cancel: number } | { close: true };

export type FromFrames =
  /** Told once, first. `cacheProblem`: why the cache cannot be used; decoding goes on without. */
  | { ready: true; cacheProblem?: string }
  /** Instead of `ready`: there is no decoder. */
  | { failed: SentError }
  /** The clip's frames lie in shared memory. */
  | { id: number; clip: DecodedClip }
  | { id: number; error: SentError };

/** An error in a form that keeps its class. */
export interface SentError {
  /** Of a UserError. */
  readonly code?: string | undefined;
  readonly file?: string | undefined;
  readonly message: string;
  readonly stack?: string | undefined;
}

export function sentError(error: unknown): SentError {
  const { code, file } = error instanceof UserError ? error : { code: undefined, file: undefined };
  return { code, file, message: messageOf(error), stack: error instanceof Error ? error.stack : undefined };
}

export function receivedError({ code, file, message, stack }: SentError): Error {
  if (code === 'cancelled') return new CancelledError('Decoding');
  if (code !== undefined) return new UserError(code, message, file);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
