// Any ONNX classifier judged on a dataset's split, or on the very samples that a run of ours held out: with the same decoding,
// views, records and figures as ours, and everything told that had to be assumed.
import { basename, extname, resolve } from 'node:path';
import { UserError } from '../base/errors.ts';
import { count, plural } from '../base/format.ts';
import { paced } from '../base/paced.ts';
import { FrameStore, storeLimit } from '../clips/frameStore.ts';
import { FrameThread } from '../clips/frameThread.ts';
import { candidatesOf } from '../clips/sampling.ts';
import { protocolOf, type ResolvedExperiment, resolvedExperimentSchema } from '../config/resolved.ts';
import { chooseDevice } from '../engine/devices.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { HeadResult, JobEvent } from '../protocol/events.ts';
import type { PredictionRecord } from '../runs/predictionsFile.ts';
import { openRun } from '../runs/runFolder.ts';
import { requireThere } from '../runs/samplesThere.ts';
import { chooseClasses } from './classNames.ts';
import { type DatasetSplit, readSplit } from './datasetSplit.ts';
import { folderName, storeEvaluation } from './evaluationFolder.ts';
import { calledAsIn, classesCarried } from './foreignClasses.ts';
import { ForeignClassifier } from './foreignClassifier.ts';
import { chooseInput, type InputChoice, type Preprocessing } from './foreignInput.ts';
import { type JudgedExperiment, judge, type KeptProbabilities } from './judge.ts';
import { openOnnxFile } from './onnxFile.ts';

export interface ModelRequest {
  readonly workspace: string;
  /** The .onnx file. */
  readonly model: string;
  readonly dataset: string;
  /** Default: the split that is held out. */
  readonly split?: string | undefined;
  /** A run of ours: judged on the samples that it held out. */
  readonly against?: string | undefined;
  readonly classes?: string | undefined;
  readonly output?: string | undefined;
  readonly scores?: 'probabilities' | 'logits' | undefined;
  readonly input: InputChoice;
  /** Frames of the file from one to the next, taken in one stretch; default: spread over the video. */
  readonly stride?: number | undefined;
  /** In place of `stride`, as an experiment has it. */
  readonly sampling?: ResolvedExperiment['sampling'] | undefined;
  /** Default 1 each. */
  readonly clips?: number | undefined;
  readonly crops?: number | undefined;
  readonly keep?: KeptProbabilities | undefined;
  readonly name?: string | undefined;
  readonly device?: string | undefined;
  readonly ffmpeg?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What was found out of the model, before it is run. */
  onTold(lines: readonly string[]): void;
  onEvent(event: JobEvent): void;
}

export interface EvaluatedModel {
  run: string;
  heads: Record<string, HeadResult>;
  protocol: string;
}

/** Throws UserError: `bad-model-file`, `model-input`, `model-output`, `bad-classes`, `no-dataset`, `no-split`. */
export async function evaluateModel(request: ModelRequest): Promise<EvaluatedModel> {
  const { workspace, dataset, signal, ffmpeg, onEvent } = request;
  const file = resolve(request.model);
  const opened = await openOnnxFile(file);
  const split =
    request.against === undefined
      ? await readSplit(workspace, dataset, request, onEvent)
      : await samplesOfRun(workspace, request.against, dataset);
  const classifier = await ForeignClassifier.open(file, opened, await chooseDevice(request.device ?? 'auto'));
  let source: FrameThread | undefined;
  try {
    const input = await chooseInput(file, classifier.modelInput, opened.metadata, request.input);
    const output = classifier.outputFor(request.output, dataset);
    classifier.use(input, output, request.scores);
    const choice = await chooseClasses({
      file: request.classes,
      named: await classesCarried(file, opened.metadata, output),
      dataset: split.classes,
      needed: await classifier.countClasses(),
      refs: () => [],
      about: file,
    });
    const classes = calledAsIn(split.classes, choice.classes);
    classifier.heads = [{ name: dataset, classes }];
    const experiment = likeOurs(request, split, input, classes);
    const isFramewise = split.kind === 'video' && !input.layout.includes('T');
    const protocol = [
      protocolOf({ ...experiment, model: { ...experiment.model, imageSize: input.size } }, split.kind),
      ...(input.resize > input.size ? [`centre of ${input.resize} × ${input.resize}`] : []),
      ...(isFramewise ? ['frames judged one by one and averaged'] : []),
    ].join(', ');
    request.onTold([
      ...input.told,
      `Output ${output}; classes: ${count(classes.length)}, ${choice.from}.`,
      ...(choice.warning === undefined ? [] : [`Warning: ${choice.warning}`]),
    ]);
    const known = new Set(classes);
    const samples = split.samples.filter(({ label }) => known.has(label));
    if (samples.length === 0)
      throw new UserError(
        'bad-classes',
        `None of the classes of ${dataset} is one of the model's: it has ${classes.slice(0, 3).join(', ')} …, the dataset ${split.classes.slice(0, 3).join(', ')} …. Name them in the order of its output with --classes FILE.`,
        file,
      );
    source = await FrameThread.open({ decoder: { ffmpeg } });
    const tell = ({ file, dataset }: Sample, severity: 'error' | 'warning', message: string) =>
      onEvent({ event: 'problem', problem: { severity, file, dataset, message } });
    const progress = paced((_, counted) => onEvent({ event: 'progress', task: 'evaluate', ...counted }));
    const store = new FrameStore(source, {
      ...candidatesOf(experiment.sampling, experiment.model.frames, experiment.views.clips),
      shortSide: input.resize,
      limit: storeLimit(),
      onWarning: (sample, warning) => tell(sample, 'warning', warning),
    });
    const judged = await judge({
      ...{ classifier, experiment, store, samples, signal, keep: request.keep },
      onProgress: (done, total) => progress('evaluate', done, total),
    });
    for (const record of judged) if ('missing' in record) tell(record.sample, 'error', record.missing);
    const records = withUnknown(split.samples, judged);
    if (samples.length < split.samples.length)
      request.onTold([
        `Warning: ${plural(split.samples.length - samples.length, 'sample')} of classes that the model does not have count as missing.`,
      ]);
    request.onTold([`Its output is taken for ${classifier.kind}${request.scores ? ' (given)' : ''}.`]);
    const { told, ...preprocessing } = input;
    const name = folderName(request.name ?? basename(file, extname(file)));
    const evaluated = {
      ...{ kind: 'model' as const, file, dataset, split: split.split, protocol, classes },
      settings: { preprocessing, output, scores: classifier.kind, classesFrom: choice.from, told },
    };
    const { run, heads } = await storeEvaluation(workspace, name, evaluated, records);
    return { run: run.folder, heads, protocol };
  } finally {
    await classifier.release();
    await source?.close();
  }
}

/** What a run of ours held out of the dataset, as it is frozen in it. */
async function samplesOfRun(workspace: string, name: string, dataset: string): Promise<DatasetSplit> {
  const run = await openRun(workspace, name);
  const { datasets } = await run.readExperiment(resolvedExperimentSchema);
  const own = datasets.find((each) => each.name === dataset);
  const samples = own?.heldOut
    ? (await run.readSamples()).filter((sample) => sample.dataset === dataset && sample.split === own.heldOut)
    : [];
  if (!own?.heldOut || samples.length === 0)
    throw new UserError('no-split', `The run "${run.id}" holds no samples of "${dataset}" out.`, run.folder);
  await requireThere(samples);
  return { dataset, kind: own.kind, split: own.heldOut, samples, classes: own.classes };
}

/** As much of an experiment as judging reads. A model of ours has more settings; they mean nothing here. */
function likeOurs(
  { clips = 1, crops = 1, stride, sampling }: ModelRequest,
  { dataset }: DatasetSplit,
  { frames, resize, mean, std }: Preprocessing,
  classes: string[],
): JudgedExperiment {
  const unused = { patchSize: 1, hiddenSize: 1, depth: 1, attentionHeads: 1, mlpRatio: 1, layerNormEpsilon: 1e-6 };
  return {
    datasets: [{ name: dataset, classes }],
    model: {
      ...{ preset: 'none', imageSize: resize, frames, mean: [...mean], std: [...std], ...unused },
      ...{ attention: 'divided', imageTemporal: 'keep' },
    },
    sampling: sampling ?? { name: stride === undefined ? 'uniform' : 'dense', stride: stride ?? 1, places: 1 },
    views: { clips, crops },
  };
}

/** Every sample of the split in its order: those of classes that the model does not have are missing. */
function withUnknown(samples: readonly Sample[], judged: readonly PredictionRecord[]): PredictionRecord[] {
  const records = new Map(judged.map((record) => [record.sample, record]));
  return samples.map(
    (sample) => records.get(sample) ?? { sample, truth: -1, missing: `The model has no class "${sample.label}".` },
  );
}
