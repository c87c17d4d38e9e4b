// How the benchmark talks with the processes it measures, ours and PyTorch's alike: one JSON object a line. Each
// participant has a process of its own, so that its peak memory is its own, and waits idle while others have their turn.
import { z } from 'zod';

/** A turn: runs are repeated until `atLeastMs` passed or `atMost` were made. */
export interface TurnRequest {
  readonly atLeastMs: number;
  readonly atMost: number;
}
export type Request = TurnRequest | { readonly end: true };

export const readySchema = z.object({
  ready: z.literal(true),
  /** The library that computes. */
  version: z.string(),
  device: z.string(),
  threads: z.number(),
});

export const turnSchema = z.object({
  /** Milliseconds of each run. */
  ms: z.array(z.number()).min(1),
  /** Processor time this process used meanwhile, over all threads: what else was used is others'. */
  cpuMs: z.number(),
  /** Of the last run: the loss of a step, or some number of the result. */
  value: z.number().nullable(),
});

export const endSchema = z.object({
  /** Largest resident memory the process ever had. */
  peakBytes: z.number(),
});

/** Relative differences (Euclidean norm) of our results from PyTorch's. */
export const checkSchema = z.object({ logits: z.number(), gradients: z.number().nullable() });
export type Check = z.infer<typeof checkSchema>;
