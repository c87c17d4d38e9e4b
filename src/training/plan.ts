// What a training would come to before it starts: shares, sizes, memory, lengths, and what must be mended first. Quick enough to
// be asked at every change: it reads the index, not the samples, and nothing of it is kept. A start then comes to the same.
import { basename } from 'node:path';
import { CancelledError, messageOf, throwIfAborted, UserError } from '../base/errors.ts';
import { checkWritten, readDraft } from '../config/draft.ts';
import { type ExperimentConfig, experimentSchema, type WorkspaceConfig } from '../config/experiment.ts';
import { type AvailableDataset, isDirectionSensitive, resolveExperiment } from '../config/resolve.ts';
import { protocolOf, type ResolvedExperiment, resolvedExperimentSchema } from '../config/resolved.ts';
import { settingHints } from '../config/settingHints.ts';
import { plannedShares, stepsOf } from '../config/stages.ts';
import { templates } from '../config/templates.ts';
import { requireWorkspace } from '../config/workspace.ts';
import { listClasses, listDatasets } from '../data/datasetIndex.ts';
import { heldOutSplit } from '../data/splits.ts';
import { chooseDevice, type Device } from '../engine/devices.ts';
import type { DatasetSummary } from '../protocol/datasets.ts';
import type { Problem } from '../protocol/events.ts';
import type { Draft, SettingEdit, SettingProblem, TrainPlan } from '../protocol/trainPlan.ts';
import { type Alternative, adviceOf, alternatives, availableBytes, type Estimate, estimate } from './estimate.ts';
import { placeOfWeights, withWeights } from './startWeights.ts';

export interface PlanRequest {
  readonly workspace: string;
  readonly draft: Draft;
  readonly signal?: AbortSignal | undefined;
  /** Bytes that training may take of this machine's memory; default: what is free now. */
  readonly available?: number | undefined;
}

/**
 * Throws UserError where cover.json cannot be read, names nothing like it, or has it with a mistake; CancelledError where it was
 * superseded.
 */
export async function planTraining({ workspace, draft, signal, available: free }: PlanRequest): Promise<TrainPlan> {
  const passed: Problem[] = [];
  const config = await requireWorkspace(workspace, {}, (problem) => passed.push(problem));
  const read = await readDraft(workspace, draft);
  const broken = brokenExperiments(config, passed);
  const own = broken.find(({ name }) => name === draft.experiment);
  if (own && draft.template === undefined) throw new UserError('bad-workspace', own.message);
  const { experiment, problems } = checkWritten(workspace, config, read);
  const summaries = await listDatasets(workspace);
  throwIfAborted(signal);
  const every = [...Object.keys(config.datasets), ...(config.unreadable ?? [])];
  const named = Array.isArray(read.written.datasets) ? read.written.datasets : every;
  // As a start would refuse it: what cover.json says of a dataset that is needed must be right.
  const lost = every.filter((name) => named.includes(name)).flatMap((name) => mistakesOf(name, passed).slice(0, 1));
  for (const { message } of lost) problems.push({ path: ['datasets'], severity: 'error', message });
  const wanted = Object.keys(config.datasets).filter(
    (name) => named.includes(name) && mistakesOf(name, passed).length === 0,
  );
  const available = await availableDatasets(workspace, summaries, wanted, problems);
  const resolved =
    experiment && available.length > 0 ? resolve(config, available, { read, experiment, draft }, problems) : undefined;
  if (resolved) await checkWeights(resolved, workspace, problems);
  const stages = (resolved?.stages ?? []).map((stage) => ({
    name: stage.name,
    epochs: stage.epochs,
    steps: stepsOf(stage),
    ...(stage.minutes !== undefined && { minutes: stage.minutes }),
    samples: stage.samples ?? stepsOf(stage) * stage.batchSize,
    shares: { ...plannedShares(stage, resolved!.datasets) },
  }));
  const mixed = stages.find(({ name }) => name === 'coTraining') ?? stages.at(-1);
  return {
    name: read.name,
    file: read.file ?? null,
    experiments: [...read.names],
    broken,
    templates: templates
      .filter(({ section }) => section === 'experiments')
      .map(({ name, title, description }) => ({ name, title, description })),
    datasets: Object.entries(config.datasets).map(([name, { kind, horizontalFlip = false, ...dataset }]) => {
      const summary = summaries.find((each) => each.name === name);
      return {
        name,
        kind,
        ...counts(summary),
        chosen: named.includes(name),
        flip: Object.hasOwn(draft.flips, name) ? draft.flips[name]! : horizontalFlip,
        directionSensitive: isDirectionSensitive({ kind, ...dataset }),
        share: mixed?.shares[name] ?? 0,
      };
    }),
    base: read.base,
    written: read.written,
    settings: resolved ? settingsOf(resolved, experiment!) : {},
    hints: settingHints(),
    problems,
    needs: resolved ? await needsOf(resolved, { draft, free, signal }, problems) : null,
    stages,
  };
}

/** Those that are written and cannot be read, with the first mistake of each and its place. What else is wrong is told at its setting. */
function brokenExperiments({ experiments = {} }: WorkspaceConfig, passed: readonly Problem[]): TrainPlan['broken'] {
  const section = 'experiments.';
  const broken = new Map<string, string>();
  for (const { entry, file, line, message } of passed) {
    const name = entry?.startsWith(section) ? entry.slice(section.length) : undefined;
    if (name === undefined || Object.hasOwn(experiments, name) || broken.has(name)) continue;
    broken.set(name, `${basename(file)}${line === undefined ? '' : `:${line}`}: ${message}`);
  }
  return [...broken].map(([name, message]) => ({ name, message }));
}

function mistakesOf(name: string, problems: readonly Problem[]): Problem[] {
  return problems.filter(({ dataset, entry }) => entry === undefined && dataset === name);
}

function counts(summary: DatasetSummary | undefined) {
  if (!summary) return { samples: 0, heldOut: 0, classes: 0, problems: 0 };
  const { splits, classes, problems } = summary;
  const held = heldOutSplit(splits.filter(({ samples }) => samples > 0).map(({ name }) => name));
  const samplesOf = (split: string | undefined) => splits.find(({ name }) => name === split)?.samples ?? 0;
  return { samples: samplesOf('train'), heldOut: samplesOf(held), classes, problems };
}

/** As `readTrainingData` finds them, by the index's counts alone. */
async function availableDatasets(
  workspace: string,
  summaries: readonly DatasetSummary[],
  names: readonly string[],
  problems: SettingProblem[],
): Promise<AvailableDataset[]> {
  const found: AvailableDataset[] = [];
  const wrong = (severity: SettingProblem['severity'], message: string) =>
    problems.push({ path: ['datasets'], severity, message });
  for (const name of names) {
    const summary = summaries.find((each) => each.name === name);
    const { samples: trainSamples, heldOut: heldOutSamples } = counts(summary);
    const train = summary ? await listClasses(workspace, name, 'train') : [];
    if (!summary || train.length < 2) {
      const reason =
        trainSamples === 0 ? 'it has no usable training samples.' : 'its training samples have one class only.';
      wrong('warning', `The dataset "${name}" is left out: ${reason}`);
      continue;
    }
    const heldOut =
      heldOutSplit(summary.splits.filter(({ samples }) => samples > 0).map((split) => split.name)) ?? null;
    const held = heldOut ? await listClasses(workspace, name, heldOut) : [];
    const classes = [...new Set([...train, ...held].map(({ label }) => label))].sort();
    found.push({ name, kind: summary.kind, heldOut, trainSamples, heldOutSamples, classes });
  }
  if (found.length === 0)
    wrong('error', 'There is nothing to train on: choose a dataset with training samples of at least two classes.');
  return found;
}

interface Given {
  readonly read: { readonly name: string };
  readonly experiment: ExperimentConfig;
  readonly draft: Draft;
}

/** Every choice made, as a start makes it; what it would refuse is a problem. */
function resolve(
  config: WorkspaceConfig,
  available: readonly AvailableDataset[],
  { read: { name }, experiment, draft: { flips } }: Given,
  problems: SettingProblem[],
): ResolvedExperiment | undefined {
  try {
    const choice = { given: { name, experiment, beside: [] }, flips };
    return resolvedExperimentSchema.parse(resolveExperiment(config, available, choice));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    problems.push({ path: placeOf(error), severity: 'error', message: error.message });
    return undefined;
  }
}

/** The setting that an error of resolving is about. */
function placeOf({ code, message }: UserError): string[] {
  const places: Record<string, string[]> = {
    'no-dataset': ['datasets'],
    'bad-model': ['model', 'imageSize'],
    'bad-augmentation': ['augmentation', /augmentation\.(\w+)/.exec(message)?.[1] ?? 'scale'],
    'bad-views': ['views', 'clips'],
    'bad-sampling': ['datasetSampling'],
    'no-stage': ['coTraining'],
  };
  return places[code] ?? [/^\w+/.exec(message)?.[0] ?? ''].filter((key) => Object.hasOwn(experimentSchema.shape, key));
}

/** Weights that lie here are looked at; the Hub is not asked before a start. */
async function checkWeights(
  experiment: ResolvedExperiment,
  workspace: string,
  problems: SettingProblem[],
): Promise<void> {
  const source = experiment.weights?.source;
  if (source === undefined || source.startsWith('hf:') || /^[\w.-]+\/[\w.-]+(@|$)/.test(source)) return;
  try {
    withWeights(experiment, await placeOfWeights(source, { workspace, onEvent: () => undefined }));
  } catch (error) {
    problems.push({ path: ['model', 'weights'], severity: 'error', message: messageOf(error) });
  }
}

async function needsOf(
  experiment: ResolvedExperiment,
  { draft, free, signal }: { draft: Draft; free: number | undefined; signal: AbortSignal | undefined },
  problems: SettingProblem[],
): Promise<TrainPlan['needs']> {
  let device: Device;
  try {
    device = await chooseDevice(draft.device ?? experiment.device);
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof UserError)) throw error;
    problems.push({ path: ['device'], severity: 'error', message: error.message });
    return null;
  }
  const { memory, parameters, flopsPerClip } = await estimated(experiment, device, signal);
  // How much a graphics adapter has, no interface tells.
  const available = device.memory === 'device' ? null : (free ?? availableBytes());
  const fits = available === null || memory <= available;
  const advice = fits ? null : await smaller(experiment, device, available, signal);
  const kind = experiment.datasets.some((dataset) => dataset.kind === 'video') ? 'video' : 'image';
  return { parameters, flopsPerClip, memory, available, fits, advice, protocol: protocolOf(experiment, kind) };
}

/** The first of the settings that need less which fits, as a start would name it. */
async function smaller(
  experiment: ResolvedExperiment,
  device: Device,
  available: number,
  signal: AbortSignal | undefined,
): Promise<NonNullable<TrainPlan['needs']>['advice']> {
  const fits = async (alternative: Alternative) => {
    const { memory } = await estimated(alternative.experiment, device, signal);
    return memory <= available ? memory : undefined;
  };
  const all = alternatives(experiment);
  for (const checkpointing of [false, true]) {
    const ways = all.filter((way) => way.experiment.checkpointing === (checkpointing || experiment.checkpointing));
    // The last needs least: where not even that fits, the others, which take their time, need not be looked at.
    const last = experiment.checkpointing && checkpointing ? undefined : ways.at(-1);
    if (!last || (await fits(last)) === undefined) continue;
    for (const way of ways) {
      const memory = await fits(way);
      if (memory !== undefined) return { text: adviceOf(way, memory), edits: editsTo(way, experiment) };
    }
  }
  return null;
}

function editsTo({ experiment: { stages, checkpointing } }: Alternative, from: ResolvedExperiment): SettingEdit[] {
  const edits: SettingEdit[] = stages
    .filter(({ accumulate }, i) => accumulate !== from.stages[i]!.accumulate)
    .map(({ name, accumulate }) => ({ path: [name, 'accumulate'], value: accumulate }));
  if (checkpointing !== from.checkpointing) edits.push({ path: ['checkpointing'], value: checkpointing });
  return edits;
}

/** Estimates already made, newest last: a large model's takes a third of a second. */
const known = new Map<string, Estimate>();
const mostKnown = 64;

async function estimated(
  experiment: ResolvedExperiment,
  device: Device,
  signal: AbortSignal | undefined,
): Promise<Estimate> {
  const datasets = experiment.datasets.map(({ classes, ...dataset }) => ({ ...dataset, classes: classes.length }));
  const key = JSON.stringify([device.memory, { ...experiment, datasets, name: '', seed: 0 }]);
  const found = known.get(key);
  if (found) return found;
  // It blocks this thread: whoever superseded it is heard before.
  await new Promise((resolve) => setImmediate(resolve));
  throwIfAborted(signal);
  const made = estimate(experiment, device);
  known.set(key, made);
  if (known.size > mostKnown) known.delete(known.keys().next().value!);
  return made;
}

/** The resolved settings by the keys of cover.json. */
function settingsOf(resolved: ResolvedExperiment, given: ExperimentConfig): Record<string, unknown> {
  const { model, stages, augmentation, sampling, views, precision, checkpointing, leaks, frameCache, seed } = resolved;
  const { weights, temporalFromSpatial, timeResize } = given.model;
  return {
    datasetSampling: given.datasetSampling,
    model: { ...model, temporalFromSpatial, timeResize, ...(weights !== undefined && { weights }) },
    ...Object.fromEntries(stages.map(({ name, shares: _, datasets: __, ...stage }) => [name, stage])),
    ...{ augmentation, sampling, views, precision, checkpointing, leaks, frameCache, seed, device: given.device },
  };
}
