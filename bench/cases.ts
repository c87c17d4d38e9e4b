// What is measured: a model's sizes, a batch, training or inference, on a device. Presets are the program's own; any
// other shape comes from the command line.
import { type PresetName, presets } from '../src/config/presets.ts';
import type { ModelSpec } from '../src/model/modelSpec.ts';

export type Mode = 'training' | 'inference';

export interface BenchModel {
  /** A preset's name, or the shape as given. */
  readonly name: string;
  readonly spec: ModelSpec;
  /** Clips of a step, or of a pass. */
  readonly batch: number;
}

export interface BenchCase {
  readonly model: BenchModel;
  readonly mode: Mode;
  /** An id of the program's device table. */
  readonly device: string;
}

/** The only head, as large as Kinetics-400's. */
export const headName = 'action';
const classCount = 400;

/** Clips of a batch: about what fits a common machine, never more than a step a few seconds long on two cores. */
const presetBatches: Readonly<Record<PresetName, number>> = { nano: 16, tiny: 8, small: 2, base: 1, large: 1 };

/** The presets measured where none is named; the paper's large takes minutes a step on a CPU. */
export const defaultPresets: readonly PresetName[] = ['nano', 'tiny', 'small', 'base'];

export function presetModel(name: PresetName, batch = presetBatches[name]): BenchModel {
  return { name, batch, spec: specOf(presets[name]) };
}

/** Patches of 16 × 16 pixels; `tokens` a frame must be a square number. */
export interface BenchShape {
  readonly hiddenSize: number;
  readonly depth: number;
  readonly attentionHeads: number;
  readonly frames: number;
  /** Patches of one frame. */
  readonly tokens: number;
  readonly batch: number;
}

export function shapeModel({ batch, tokens, ...sizes }: BenchShape): BenchModel {
  const { hiddenSize, depth, attentionHeads, frames } = sizes;
  const imageSize = Math.sqrt(tokens) * 16;
  return {
    name: [hiddenSize, depth, attentionHeads, frames, tokens, batch].join(','),
    batch,
    spec: specOf({ ...sizes, imageSize, patchSize: 16 }),
  };
}

function specOf(sizes: Omit<ModelSpec, 'mlpRatio' | 'layerNormEpsilon' | 'imageTemporal' | 'heads'>): ModelSpec {
  const classes = Array.from({ length: classCount }, (_, i) => `class ${i}`);
  const heads = [{ name: headName, classes }];
  return { mlpRatio: 4, layerNormEpsilon: 1e-6, imageTemporal: 'keep', heads, ...sizes };
}

/** "small, training, cpu". */
export function caseName({ model, mode, device }: BenchCase): string {
  return `${model.name} ${mode} on ${device}`;
}
