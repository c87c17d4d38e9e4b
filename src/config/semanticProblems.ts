// What a schema cannot see in cover.json: datasets that are not on the disk, names that are not defined, sizes that do
// not divide, settings that cancel each other out.
import { existsSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { JSONPath, Node } from 'jsonc-parser';
import { type Away, ifAway } from '../base/away.ts';
import { messageOf } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import type { DatasetConfig, ExperimentConfig, ExperimentsFile, WorkspaceConfig } from './experiment.ts';
import { didYouMean } from './names.ts';
import type { JsonPlaces } from './places.ts';
import { type Preset, presets } from './presets.ts';
import { ownerOf } from './schemaProblems.ts';
import { fineTuningProblems, stageProblems } from './stageProblems.ts';

/**
 * Problems of cover.json, which satisfies the schema. `folder` is where its relative paths start; `whole` has the experiments of
 * other files too.
 */
export async function semanticProblems(
  folder: string,
  config: WorkspaceConfig,
  whole: WorkspaceConfig,
  places: JsonPlaces,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const names = Object.keys(config.datasets);
  if (names.length === 0 && !whole.unreadable?.length)
    problems.push(
      places.atValue('warning', ['datasets'], 'No dataset is named here yet. Add one, or run `cover init`.'),
    );
  for (const [name, dataset] of Object.entries(config.datasets)) {
    const problem = await dataProblem(folder, name, dataset, places);
    if (problem) problems.push(problem);
  }
  problems.push(...problemsOfExperiments(folder, config, whole, places));
  return problems;
}

/** Problems of the experiments and studies of one file, on the datasets and beside the experiments of the `whole`. */
export function problemsOfExperiments(
  folder: string,
  { experiments = {}, studies = {} }: ExperimentsFile,
  whole: WorkspaceConfig,
  places: JsonPlaces,
): Problem[] {
  const problems: Problem[] = [];
  for (const [name, experiment] of Object.entries(experiments)) {
    const own = experimentProblems(name, experiment, whole, places);
    own.push(...weightsProblems(folder, name, experiment, places));
    problems.push(...own.map((problem) => ({ ...problem, entry: `experiments.${name}` })));
  }
  const known = Object.keys(whole.experiments ?? {});
  for (const [name, study] of Object.entries(studies)) {
    const own = fineTuningProblems(name, study, places);
    const { experiment } = study;
    if (experiment !== undefined && !known.includes(experiment)) {
      const advice = didYouMean(experiment, known) || `: there are ${known.join(', ') || 'none'}`;
      const message = `Study "${name}" names no known experiment "${experiment}"${advice}.`;
      own.push(places.atValue('error', ['studies', name, 'experiment'], message));
    }
    problems.push(...own.map((problem) => ({ ...problem, entry: `studies.${name}` })));
  }
  return problems;
}

async function dataProblem(
  folder: string,
  name: string,
  dataset: DatasetConfig,
  places: JsonPlaces,
): Promise<Problem | undefined> {
  const { path, format } = dataset;
  const file = resolve(folder, path);
  const wrong = (message: string): Problem => ({
    ...places.atValue('error', ['datasets', name, 'path'], message),
    dataset: name,
  });
  const away = await ifAway(file);
  if (away) return wrong(`Dataset "${name}" is not there: ${away.why}. ${mending(away)} the dataset.`);
  let found: Stats;
  try {
    found = await stat(file);
  } catch (error) {
    return wrong(`Dataset "${name}" cannot be read: ${messageOf(error)}.`);
  }
  if (format === 'classFolders' && !found.isDirectory())
    return wrong(
      `Dataset "${name}" should be a folder of class folders, but ${file} is a file. Use format "manifest".`,
    );
  if (format === 'manifest' && !found.isFile())
    return wrong(`Dataset "${name}" should be a CSV or JSONL file, but ${file} is a folder. Name the file in it.`);
  const isList = format === 'mmaction2' && found.isFile();
  if (format !== 'manifest' && !isList && !found.isDirectory())
    return wrong(
      `Dataset "${name}" should be the folder that its lists lie in, but ${file} is a file. Name the folder.`,
    );
  for (const [setting, what] of [
    ['media', 'The folder of the files'],
    ['mapping', 'The mapping file'],
  ] as const) {
    const other = dataset[setting];
    const otherAway = other === undefined ? undefined : await ifAway(resolve(folder, other));
    if (otherAway)
      return {
        ...places.atValue(
          'error',
          ['datasets', name, setting],
          `${what} of dataset "${name}" is not there: ${otherAway.why}. ${mending(otherAway)} it.`,
        ),
        dataset: name,
      };
  }
  if (format === 'epicKitchens' && !['verb', 'noun'].includes(dataset.column ?? ''))
    return {
      ...places.atValue(
        'error',
        ['datasets', name, dataset.column === undefined ? 'format' : 'column'],
        `Dataset "${name}" needs "column": "verb" or "noun". Name the dataset twice, once for each, to train both heads.`,
      ),
      dataset: name,
    };
  return undefined;
}

/** An empty folder is where a disk would be mounted, or one that its files are still to come to. */
function mending({ isEmpty }: Away): string {
  return `${isEmpty ? 'Put the files there, mount their disk, mend' : 'Mend'} the path, or remove`;
}

/** Weights that are neither a path that is there nor what could be a model on the Hub. */
function weightsProblems(
  folder: string,
  name: string,
  { model: { weights } }: ExperimentConfig,
  places: JsonPlaces,
): Problem[] {
  if (weights?.startsWith('run:')) return []; // a run may be there only when training starts
  const isHubId = /^(hf:)?[\w][\w.-]*\/[\w][\w.-]*(@[\w./-]+)?$/;
  if (weights === undefined || existsSync(resolve(folder, weights))) return [];
  if (isHubId.test(weights) && !/\.safetensors$/i.test(weights)) return [];
  const message =
    `The weights of experiment "${name}" are not there: ${resolve(folder, weights)} does not exist. ` +
    'Mend the path, or name a model on the Hub as hf:owner/name.';
  return [places.atValue('error', ['experiments', name, 'model', 'weights'], message)];
}

function experimentProblems(
  name: string,
  experiment: ExperimentConfig,
  config: WorkspaceConfig,
  places: JsonPlaces,
): Problem[] {
  const problems: Problem[] = [];
  const at = ['experiments', name];
  /** Marks the first of these settings that is written; the other may come from the preset. */
  const atSize = (settings: string[], message: string) => {
    const written = settings.find((setting) => places.find([...at, 'model', setting])) ?? 'preset';
    return places.atValue('error', [...at, 'model', written], message);
  };
  // One that is written and cannot be read is told where it stands.
  const known = [...Object.keys(config.datasets), ...(config.unreadable ?? [])];
  const chosen = experiment.datasets ?? known;
  for (const [index, dataset] of (experiment.datasets ?? []).entries()) {
    const place = [...at, 'datasets', index];
    if (!known.includes(dataset)) {
      const advice = didYouMean(dataset, known) || `: there are ${known.join(', ') || 'none'}`;
      problems.push(
        places.atValue('error', place, `Experiment "${name}" names no known dataset "${dataset}"${advice}.`),
      );
    } else if (chosen.indexOf(dataset) < index)
      problems.push(places.atValue('warning', place, `"${dataset}" is listed twice; it is used once.`));
  }

  const { imageSize, patchSize, hiddenSize, attentionHeads } = {
    ...presets[experiment.model.preset],
    ...given(experiment),
  };
  if (imageSize % patchSize !== 0)
    problems.push(
      atSize(
        ['patchSize', 'imageSize'],
        `An image of ${imageSize} pixels cannot be cut into patches of ${patchSize}: imageSize must be a multiple of patchSize.`,
      ),
    );
  if (hiddenSize % attentionHeads !== 0)
    problems.push(
      atSize(
        ['attentionHeads', 'hiddenSize'],
        `A hidden size of ${hiddenSize} cannot be shared among ${attentionHeads} attention heads: hiddenSize must be a multiple of attentionHeads.`,
      ),
    );

  problems.push(...stageProblems(name, experiment, config, places));
  if (experiment.imagePretraining === false && experiment.coTraining === false && !experiment.fineTuning)
    problems.push(
      places.atValue(
        'error',
        [...at, 'coTraining'],
        `Experiment "${name}" trains nothing: imagePretraining and coTraining are both false. Leave one of them on.`,
      ),
    );
  const skipped = experiment.imagePretraining ? whyNotPretrained(experiment, chosen, config) : undefined;
  if (skipped !== undefined)
    problems.push(
      places.atKey(
        'warning',
        [...at, 'imagePretraining'],
        `Experiment "${name}" ${skipped}, so image pre-training is skipped.`,
      ),
    );
  return problems;
}

/** As resolve.ts decides. Of a dataset that cannot be read nobody knows what it has. */
function whyNotPretrained({ coTraining }: ExperimentConfig, chosen: readonly string[], { datasets }: WorkspaceConfig) {
  const kinds = chosen.map((dataset) => datasets[dataset]?.kind);
  if (!kinds.includes('image')) return 'has no image dataset';
  if (coTraining !== false && kinds.every((kind) => kind === 'image'))
    return 'has images alone, which co-training trains on from the start';
  return undefined;
}

/** The sizes that the experiment itself gives. */
function given({ model }: ExperimentConfig): Partial<Preset> {
  return Object.fromEntries(Object.entries(model).filter(([, value]) => typeof value === 'number'));
}

/** Keys that reading would silently drop: one written twice in an object, and "__proto__". */
export function lostKeys(node: Node | undefined, places: JsonPlaces, path: JSONPath = []): Problem[] {
  if (!node?.children) return [];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const child of node.children) {
    const key = child.type === 'property' ? child.children?.[0] : undefined;
    const inside = key ? [...path, key.value] : path;
    const lost = (message: string) =>
      problems.push({ ...places.at('error', key!.offset, key!.length, message), ...ownerOf(inside) });
    if (key && seen.has(key.value)) lost(`"${key.value}" is written twice here. Rename or remove one.`);
    if (key?.value === '__proto__') lost('"__proto__" cannot be a name. Choose another.');
    if (key) seen.add(key.value);
    problems.push(...lostKeys(child, places, inside));
  }
  return problems;
}
