// What a model is: its sizes and its heads. Resolved from an experiment once, stored with every checkpoint.

import type { ResolvedExperiment } from '../config/resolved.ts';

export interface HeadSpec {
  /** The dataset's name. */
  readonly name: string;
  /** Class names, in the order of the logits. */
  readonly classes: readonly string[];
}

export interface ModelSpec {
  /** Side of the square input, pixels. */
  readonly imageSize: number;
  /** Side of a patch, pixels; divides imageSize. */
  readonly patchSize: number;
  readonly hiddenSize: number;
  /** Number of blocks. */
  readonly depth: number;
  readonly attentionHeads: number;
  /** Width of the MLP's hidden layer over hiddenSize. */
  readonly mlpRatio: number;
  /** Frames of a video clip: the length of the time embedding. */
  readonly frames: number;
  readonly layerNormEpsilon: number;
  /** Whether the temporal branch runs on images (one frame). "keep" is the original's arithmetic. */
  readonly imageTemporal: 'keep' | 'skip';
  /** Absent: divided, CoVeR's. */
  readonly attention?: 'divided' | 'joint' | 'space';
  readonly heads: readonly HeadSpec[];
}

/** Patches of one frame. */
export function patchesOf(spec: Pick<ModelSpec, 'imageSize' | 'patchSize'>): number {
  return (spec.imageSize / spec.patchSize) ** 2;
}

/** The model of an experiment: its sizes, and a head for each dataset. */
export function modelSpecOf({ model, datasets }: ResolvedExperiment): ModelSpec {
  const { preset: _, mean: __, std: ___, ...sizes } = model;
  return { ...sizes, heads: datasets.map(({ name, classes }) => ({ name, classes })) };
}
