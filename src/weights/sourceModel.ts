// What model a source of weights holds: its layout, sizes and heads from the tensors, and what tensors cannot say
// (attention heads, layer-norm eps, the normalisation of pixels, class names) from the files and metadata beside them.
import { UserError } from '../base/errors.ts';
import { detectLayout } from './detectLayout.ts';
import { type Channels, namesIn, type WeightLayout } from './layouts/layout.ts';
import type { WeightsSource } from './weightsSource.ts';

export interface SourceHead {
  /** The dataset's name in our checkpoints; else the layout's name of the head. */
  readonly name: string;
  readonly size: number;
  /** Class names in the order of the logits, where the source tells them. */
  readonly classes: readonly string[] | undefined;
}

export interface SourceModel {
  readonly layout: WeightLayout;
  /** What stands before every name of the layout. */
  readonly prefix: string;
  readonly hiddenSize: number;
  readonly depth: number;
  readonly mlpSize: number;
  readonly patchSize: number;
  /** Patches along a side of the square its position embedding was made for. */
  readonly grid: number;
  /** Length of the time embedding; undefined for an image model. */
  readonly frames: number | undefined;
  /** Undefined where nothing beside the tensors tells it. */
  readonly attentionHeads: number | undefined;
  readonly heads: readonly SourceHead[];
  readonly layerNormEpsilon: number;
  readonly mean: Channels;
  readonly std: Channels;
  /** Where the two were found, for the report. */
  readonly layerNormFrom: string;
  readonly normalisationFrom: string;
}

/** Throws UserError `weights-unknown` where the tensors are no model that could be loaded. */
export function describeSource(source: WeightsSource): SourceModel {
  const { layout, prefix } = detectLayout(source.tensors, source.place);
  const unknown = (why: string) =>
    new UserError('weights-unknown', `${source.place} is a ${layout.title} that cannot be used: ${why}.`, source.place);
  const shapeOf = (ours: string) => {
    const name = namesIn(layout, prefix, ours)?.[0];
    return name === undefined ? undefined : source.tensors.get(name)?.shape;
  };
  const required = (ours: string, rank: number) => {
    const shape = shapeOf(ours);
    if (shape?.length === rank) return shape;
    const name = namesIn(layout, prefix, ours)?.[0];
    throw unknown(shape ? `its tensor "${name}" has the shape [${shape}]` : `it has no tensor "${name}"`);
  };
  const activation = source.config?.hidden_act;
  if (typeof activation === 'string' && activation !== 'gelu')
    throw unknown(`its activation is "${activation.slice(0, 50)}", and only the exact "gelu" is computed here`);
  const hiddenSize = required('cls_token', 3)[2]!;
  const patches = required('pos_embed', 3)[1]! - 1;
  const grid = Math.round(Math.sqrt(patches));
  if (grid < 1 || grid * grid !== patches)
    throw unknown(`its ${patches + 1} position embeddings are not one for the class token and a square of patches`);
  let depth = 0;
  while (shapeOf(`blocks.${depth}.norm1.weight`)) depth++;
  const stated = statedExperiment(source.metadata);
  return {
    layout,
    prefix,
    hiddenSize,
    depth,
    mlpSize: required('blocks.0.mlp.fc1.weight', 2)[0]!,
    patchSize: required('patch_embed.proj.weight', 4)[3]!,
    grid,
    frames: shapeOf('time_embed')?.[1],
    attentionHeads: wholeNumber(source.config?.num_attention_heads) ?? wholeNumber(stated?.model?.attentionHeads),
    heads: headsOf(source, layout, prefix, stated),
    ...layerNorm(source, layout, stated),
    ...normalisation(source, layout, stated),
  };
}

/** What our own files say of themselves: the resolved experiment, as JSON in the metadata. */
interface Stated {
  readonly model: Readonly<Record<string, unknown>> | undefined;
  readonly classes: ReadonlyMap<string, readonly string[]>;
}

function statedExperiment(metadata: Readonly<Record<string, string>>): Stated | undefined {
  const experiment = parsed(metadata.experiment);
  // `classes` has the heads that are in the file, the experiment all that were trained.
  const listed: unknown[] = Array.isArray(experiment?.datasets) ? experiment.datasets : [];
  const trained = listed.filter(isObject).map(({ name, classes }) => [name, classes] as const);
  const written = Object.entries(parsed(metadata.classes) ?? {});
  const classes = new Map<string, readonly string[]>();
  for (const [name, labels] of written.length > 0 ? written : trained) {
    if (typeof name === 'string' && isTexts(labels)) classes.set(name, labels);
  }
  if (!experiment && classes.size === 0) return undefined;
  return { model: isObject(experiment?.model) ? experiment.model : undefined, classes };
}

function headsOf(
  source: WeightsSource,
  layout: WeightLayout,
  prefix: string,
  stated: Stated | undefined,
): SourceHead[] {
  if (!layout.head) {
    return [...source.tensors].flatMap(([tensor, { shape }]) => {
      const name = /^heads\.(.+)\.weight$/.exec(tensor)?.[1];
      return name === undefined ? [] : [{ name, size: shape[0] ?? 0, classes: stated?.classes.get(name) }];
    });
  }
  const shape = source.tensors.get(namesIn(layout, prefix, 'heads.*.weight')![0]!)?.shape;
  if (!shape) return [];
  const only = stated?.classes.size === 1 ? [...stated.classes.values()][0] : undefined;
  return [{ name: layout.head.name, size: shape[0] ?? 0, classes: labelsOf(source.config?.id2label) ?? only }];
}

/** Hugging Face's id2label, { "0": "name", … }, where it names every class from 0 on. */
function labelsOf(id2label: unknown): string[] | undefined {
  if (!isObject(id2label)) return undefined;
  const labels = Object.keys(id2label).map((_, index) => id2label[index]);
  return isTexts(labels) ? labels : undefined;
}

function layerNorm(
  { config }: WeightsSource,
  { title, implied }: WeightLayout,
  stated: Stated | undefined,
): Pick<SourceModel, 'layerNormEpsilon' | 'layerNormFrom'> {
  const found: [unknown, string][] = [
    [config?.layer_norm_eps, 'config.json'],
    [stated?.model?.layerNormEpsilon, 'its metadata'],
  ];
  for (const [value, layerNormFrom] of found) {
    if (typeof value === 'number' && value > 0 && value < 1) return { layerNormEpsilon: value, layerNormFrom };
  }
  return { layerNormEpsilon: implied.layerNormEpsilon, layerNormFrom: `the default of ${title}` };
}

function normalisation(
  { config, preprocessor }: WeightsSource,
  { title, implied }: WeightLayout,
  stated: Stated | undefined,
): Pick<SourceModel, 'mean' | 'std' | 'normalisationFrom'> {
  if (preprocessor?.do_normalize === false)
    return { mean: [0, 0, 0], std: [1, 1, 1], normalisationFrom: 'preprocessor_config.json' };
  const timm = isObject(config?.pretrained_cfg) ? config.pretrained_cfg : config;
  const found: [unknown, unknown, string][] = [
    [preprocessor?.image_mean, preprocessor?.image_std, 'preprocessor_config.json'],
    [timm?.mean, timm?.std, 'config.json'],
    [stated?.model?.mean, stated?.model?.std, 'its metadata'],
  ];
  for (const [mean, std, normalisationFrom] of found) {
    if (isChannels(mean) && isChannels(std) && std.every((value) => value > 0)) return { mean, std, normalisationFrom };
  }
  return { mean: implied.mean, std: implied.std, normalisationFrom: `the default of ${title}` };
}

function parsed(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // other programs may use the same key for something else
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}

function isChannels(value: unknown): value is Channels {
  return Array.isArray(value) && value.length === 3 && value.every((item) => Number.isFinite(item));
}

function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;
}
