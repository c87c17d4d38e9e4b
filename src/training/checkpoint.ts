// What a checkpoint holds, so that a run goes on from it as if it had never stopped: every weight under its TimeSformer name,
// the optimizer's vectors (`optimizer.<vector>.<weight>`), the moving average (`average.<weight>`), and as metadata where the
// run stood (`progress`, JSON). Nothing in it depends on the time or the place, so that equal runs write equal files.
import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import type { ParameterLayout } from '../model/parameters.ts';
import type { TensorToWrite } from '../weights/safetensors.ts';
import { type SafetensorsFile, withSafetensors } from '../weights/safetensorsFile.ts';
import type { StoredVector } from './storedVector.ts';
import type { InitialState, TrainingState } from './trainingStep.ts';

export const progressSchema = z.object({
  version: z.literal(1),
  /** Index of the stage, and its steps done. */
  stage: z.number().int().min(0),
  stageStep: z.number().int().min(0),
  /** Steps of the run done, over all stages. */
  step: z.number().int().min(0),
  /** Steps that the optimizer's state has seen. */
  optimizerSteps: z.number().int().min(0),
  /** Where the loss is scaled (lossScale.ts). */
  lossScale: z.object({ scale: z.number().positive(), goodSteps: z.number().int().min(0) }).optional(),
  /** The sampler after the last batch that was trained on. */
  sampler: z.object({
    random: z.array(z.number()).readonly(),
    passes: z.array(z.number()).readonly(),
    positions: z.array(z.number()).readonly(),
  }),
  /** Samples drawn so far, per dataset. */
  drawn: z.record(z.string(), z.number()),
  /** The stage is over, before its last step too, and these are its best weights (earlyStopping.ts). */
  ended: z.literal(true).optional(),
});
export type Progress = z.infer<typeof progressSchema>;

/** Which vectors belong to a state: they depend on the optimizer and on whether an average is kept. */
export interface StateVectors {
  readonly optimizer: readonly string[];
  readonly average: boolean;
}

export function* checkpointTensors(
  layout: ParameterLayout,
  { parameters, optimizer, average }: TrainingState,
): Generator<readonly [string, TensorToWrite]> {
  const vectors: [string, Float32Array][] = [
    ['', parameters],
    ...Object.entries(optimizer).map(([name, data]): [string, Float32Array] => [optimizerPrefix(name), data]),
    ...(average ? [[averagePrefix, average] satisfies [string, Float32Array]] : []),
  ];
  for (const [prefix, vector] of vectors) yield* weightTensors(layout, vector, prefix);
}

/** A flat vector as one tensor for each weight. */
export function* weightTensors(
  layout: ParameterLayout,
  vector: Float32Array,
  prefix = '',
): Generator<readonly [string, TensorToWrite]> {
  for (const { name, shape, offset, size } of layout.parameters) {
    yield [`${prefix}${name}`, { dtype: 'F32', shape: [...shape], data: vector.subarray(offset, offset + size) }];
  }
}

/** The flat vector again. Throws UserError `not-resumable` where a weight is missing or of another size. */
export function flatOf(checkpoint: SafetensorsFile, layout: ParameterLayout): Float32Array {
  checkWeights(checkpoint, layout, '');
  const flat = new Float32Array(layout.size);
  readWeights(checkpoint, layout, '', flat);
  return flat;
}

function checkWeights({ file, entries }: SafetensorsFile, { parameters }: ParameterLayout, prefix: string): void {
  for (const { name, size } of parameters) {
    const entry = entries.get(prefix + name);
    if (entry?.dtype !== 'F32' || entry.end - entry.begin !== 4 * size)
      throw new UserError('not-resumable', `${file} has no "${prefix}${name}" of ${size} numbers.`, file);
  }
}

function readWeights(checkpoint: SafetensorsFile, layout: ParameterLayout, prefix: string, into: Float32Array): void {
  for (const { name, offset, size } of layout.parameters)
    checkpoint.readInto(prefix + name, into.subarray(offset, offset + size));
}

export function checkpointMetadata(experiment: object, progress: Progress): Record<string, string> {
  return {
    format: 'pt',
    experiment: JSON.stringify(experiment),
    step: String(progress.step),
    progress: JSON.stringify(progress),
  };
}

/** Where the run stood. Throws UserError `not-resumable` where a file does not say. */
export function progressOf({ metadata, file }: Pick<SafetensorsFile, 'metadata' | 'file'>): Progress {
  const { data } = progressSchema.safeParse(parse(metadata.progress));
  if (data) return data;
  throw new UserError('not-resumable', `${file} does not say where the run stood.`, file);
}

/**
 * The state to go on from, whose vectors are read from the file when they are asked for. Throws UserError `not-resumable` where a
 * weight is missing or of another size.
 */
export function stateOf(
  checkpoint: SafetensorsFile,
  layout: ParameterLayout,
  { optimizer, average }: StateVectors,
  { optimizerSteps, lossScale }: Progress,
): InitialState {
  const vector = (prefix: string): StoredVector => {
    checkWeights(checkpoint, layout, prefix);
    return (into) => withSafetensors(checkpoint.file, (again) => readWeights(again, layout, prefix, into));
  };
  return {
    steps: optimizerSteps,
    parameters: vector(''),
    optimizer: Object.fromEntries(optimizer.map((name) => [name, vector(optimizerPrefix(name))])),
    ...(average && { average: vector(averagePrefix) }),
    ...(lossScale && { lossScale }),
  };
}

/** The weights to judge and to export: the averaged ones where an average is kept. */
export function weightsOf<Vector>({ parameters, average }: { parameters: Vector; average?: Vector }): Vector {
  return average ?? parameters;
}

const averagePrefix = 'average.';
function optimizerPrefix(vector: string): string {
  return `optimizer.${vector}.`;
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
