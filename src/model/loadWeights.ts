// Starts a model from weights made elsewhere: each of our parameters is read by the name it has in the source's layout,
// fitted where only the number of patches or frames differs, and the report tells of everything else.
import { UserError } from '../base/errors.ts';
import { presets } from '../config/presets.ts';
import { namesIn } from '../weights/layouts/layout.ts';
import { resizeSquare, resizeTimes } from '../weights/resizeEmbeddings.ts';
import type { SourceModel } from '../weights/sourceModel.ts';
import type { WeightsSource } from '../weights/weightsSource.ts';
import type { ModelSpec } from './modelSpec.ts';
import type { Parameter, ParameterLayout } from './parameters.ts';
import type { WeightsReport } from './weightsReport.ts';

export interface LoadOptions {
  /** As the person named the source. */
  readonly name: string;
  /** Parameters of the temporal branch that the source lacks start as the spatial ones of their block. */
  readonly temporalFromSpatial: boolean;
  /** How time embeddings are fitted to another number of frames. */
  readonly timeResize: 'nearest' | 'linear';
}

/**
 * Writes into `flat` (the vector of `layout`, already initialised) what the source has, one tensor in memory at a time.
 * Throws UserError `weights-do-not-fit` where the two models differ in size; `flat` is not used then.
 */
export function loadWeights(
  source: WeightsSource,
  model: SourceModel,
  spec: ModelSpec,
  layout: ParameterLayout,
  flat: Float32Array,
  options: LoadOptions,
): WeightsReport {
  requireSameSizes(source, model, spec);
  const report: WeightsReport = {
    source: options.name,
    layout: model.layout.title,
    loaded: [],
    resized: [],
    initialised: [],
    leftOver: [],
    layerNormEpsilon: model.layerNormEpsilon,
    layerNormFrom: model.layerNormFrom,
    mean: [...model.mean],
    std: [...model.std],
    normalisationFrom: model.normalisationFrom,
  };
  const used = new Set<string>();
  const heads = fittingHeads(model, spec);
  const missing: Parameter[] = [];
  for (const parameter of layout.parameters) {
    const { name, offset, size } = parameter;
    const head = headOf(name);
    const names = namesIn(model.layout, model.prefix, name);
    if (!names?.every((each) => source.tensors.has(each)) || (head !== undefined && !heads.fit.has(head))) {
      missing.push(parameter);
      continue;
    }
    const target = flat.subarray(offset, offset + size);
    const part = size / names.length;
    const fitted = resized(source, model, spec, parameter, names, options);
    if (fitted) {
      target.set(fitted.data);
      report.resized.push({ name, from: fitted.from, to: fitted.to, how: fitted.how });
    } else
      names.forEach((each, i) => void target.set(numbersOf(source, each, shapeOfPart(parameter, names)), i * part));
    report.loaded.push(name);
    for (const each of names) used.add(each);
  }
  for (const parameter of missing) report.initialised.push(initialise(parameter, layout, flat, report, options));
  for (const name of source.tensors.keys()) {
    if (used.has(name)) continue;
    const { beside } = model.layout;
    // Also the weights that were averaged, where the average was taken.
    if (beside && (beside.test(name) || used.has(model.prefix + name))) continue;
    report.leftOver.push({ name, why: heads.why(name) ?? whyNot(name) });
  }
  return report;
}

/** Left out of a block, a part changes what all of the block computes; elsewhere it is an extra. */
function whyNot(name: string): string {
  return /(^|\.)(blocks|layers?)\.\d+\./.test(name)
    ? 'a part of its blocks that this model lacks: it will not compute what the source did'
    : 'this model has no such part';
}

/** Other sizes than the model's, in a sentence that names both and the settings that would fit. */
export function requireSameSizes(source: WeightsSource, model: SourceModel, spec: ModelSpec): void {
  const mlpSize = spec.mlpRatio * spec.hiddenSize;
  const rows: [string, number | undefined, number][] = [
    ['hidden size', model.hiddenSize, spec.hiddenSize],
    ['blocks', model.depth, spec.depth],
    ['attention heads', model.attentionHeads, spec.attentionHeads],
    ['MLP width', model.mlpSize, mlpSize],
    ['patch size', model.patchSize, spec.patchSize],
  ];
  if (rows.every(([, theirs, ours]) => theirs === undefined || theirs === ours)) return;
  const told = (side: 1 | 2) =>
    rows.flatMap((row) => (row[side] === undefined ? [] : `${row[0]} ${row[side]}`)).join(', ');
  const preset = Object.entries(presets).find(
    ([, { hiddenSize, depth, patchSize, attentionHeads }]) =>
      hiddenSize === model.hiddenSize &&
      depth === model.depth &&
      patchSize === model.patchSize &&
      attentionHeads === (model.attentionHeads ?? attentionHeads),
  )?.[0];
  const heads = model.attentionHeads === undefined ? '' : `, model.attentionHeads ${model.attentionHeads}`;
  const advice =
    model.mlpSize !== 4 * model.hiddenSize
      ? `Only weights whose MLP is ${spec.mlpRatio} times as wide as the hidden size can be loaded.`
      : preset !== undefined
        ? `The preset "${preset}" fits them.`
        : `In cover.json set model.hiddenSize ${model.hiddenSize}, model.depth ${model.depth}${heads}, model.patchSize ${model.patchSize}.`;
  throw new UserError(
    'weights-do-not-fit',
    `The weights ${source.place} are of a model with ${told(1)}; the model to train has ${told(2)}. ${advice}`,
    source.place,
  );
}

/** Which of our heads the source can fill, and why its other heads' tensors are left over. */
function fittingHeads(
  { heads, layout }: SourceModel,
  spec: ModelSpec,
): { fit: ReadonlySet<string>; why(tensor: string): string | undefined } {
  const same = (a: readonly string[], b: readonly string[] | undefined) =>
    a.length === b?.length && a.every((label, i) => label === b[i]);
  if (layout.head) {
    const fitting = spec.heads.filter(({ classes }) => same(classes, heads[0]?.classes));
    const name = layout.head.name;
    return {
      fit: new Set(fitting.length === 1 ? [fitting[0]!.name] : []),
      why: (tensor) => (tensor.includes(`${name}.`) ? 'a head of other classes' : undefined),
    };
  }
  const fit = new Set(
    spec.heads
      .filter(({ name, classes }) => same(classes, heads.find((head) => head.name === name)?.classes))
      .map(({ name }) => name),
  );
  return {
    fit,
    why: (tensor) => {
      const head = headOf(tensor);
      if (head === undefined) return undefined;
      return spec.heads.some(({ name }) => name === head) ? 'a head of other classes' : 'a head of another dataset';
    },
  };
}

function headOf(name: string): string | undefined {
  return /^heads\.(.+)\.(?:weight|bias)$/.exec(name)?.[1];
}

/** The embeddings, where their number of places differs. */
function resized(
  source: WeightsSource,
  model: SourceModel,
  spec: ModelSpec,
  { name, shape }: Parameter,
  [theirs]: readonly string[],
  { timeResize }: LoadOptions,
): { data: Float32Array; from: string; to: string; how: string } | undefined {
  const width = spec.hiddenSize;
  const side = spec.imageSize / spec.patchSize;
  if (name === 'pos_embed' && model.grid !== side) {
    const stored = numbersOf(source, theirs!, [1, 1 + model.grid ** 2, width]);
    const data = new Float32Array((1 + side ** 2) * width);
    data.set(stored.subarray(0, width)); // the class token's own
    data.set(resizeSquare(stored.subarray(width), model.grid, side, width), width);
    return { data, from: `${model.grid} × ${model.grid}`, to: `${side} × ${side}`, how: 'bicubic' };
  }
  const frames = shape[1]!;
  if (name === 'time_embed' && model.frames !== undefined && model.frames !== frames) {
    const stored = numbersOf(source, theirs!, [1, model.frames, width]);
    const data = resizeTimes(stored, model.frames, frames, width, timeResize);
    return { data, from: `${model.frames} frames`, to: `${frames}`, how: timeResize };
  }
  return undefined;
}

/** The shape of each of the source's tensors: ours, or a third of its rows. */
function shapeOfPart({ shape }: Parameter, names: readonly string[]): readonly number[] {
  return [shape[0]! / names.length, ...shape.slice(1)];
}

function numbersOf(source: WeightsSource, name: string, shape: readonly number[]): Float32Array {
  const stored = source.tensors.get(name)!;
  const refused = (why: string) =>
    new UserError('weights-do-not-fit', `The tensor "${name}" of the weights ${source.place} ${why}.`, source.place);
  if (stored.shape.length !== shape.length || stored.shape.some((dim, i) => dim !== shape[i]))
    throw refused(`has the shape [${stored.shape}], where [${shape}] is needed`);
  const { data } = source.read(name);
  const numbers = data instanceof Float64Array ? Float32Array.from(data) : data;
  if (!(numbers instanceof Float32Array)) throw refused(`holds ${stored.dtype} numbers, which are no weights`);
  // Else training would break down at its first step, and seem to learn too fast.
  if (!numbers.every(Number.isFinite)) throw refused('holds numbers that are infinite or none at all: it is damaged');
  return numbers;
}

/** What a parameter that was not loaded starts as. */
function initialise(
  { name, offset, size }: Parameter,
  layout: ParameterLayout,
  flat: Float32Array,
  { loaded }: WeightsReport,
  { temporalFromSpatial }: LoadOptions,
): { name: string; how: string } {
  // What the original's loader copies: attention and its norm; temporal_fc stays zero (cover-method §2).
  const spatial = name.replace('.temporal_attn.', '.attn.').replace('.temporal_norm1.', '.norm1.');
  if (temporalFromSpatial && spatial !== name && loaded.includes(spatial)) {
    const from = layout.parameters.find((parameter) => parameter.name === spatial)!;
    flat.copyWithin(offset, from.offset, from.offset + from.size);
    return { name, how: 'as the spatial attention' };
  }
  if (name === 'time_embed' && loaded.includes('pos_embed')) {
    // A trained image model was never moved by times: a video starts as its frames one by one.
    flat.fill(0, offset, offset + size);
    return { name, how: 'zeros' };
  }
  return { name, how: 'at random, as in a new model' };
}
