// "Train CoVeR": index, resolve, decode, image pre-training, co-training, evaluation of every dataset, and one model file.
import { CancelledError, messageOf } from '../base/errors.ts';
import { paced } from '../base/paced.ts';
import { centreStore, FrameStore, isUnreadable, storeLimit } from '../clips/frameStore.ts';
import { chosenDatasets, chosenExperiment, resolveExperiment, type TrainChoice } from '../config/resolve.ts';
import type { ResolvedExperiment, ResolvedStage } from '../config/resolved.ts';
import { requireWorkspace } from '../config/workspace.ts';
import { listProblems } from '../data/datasetIndex.ts';
import { indexProgress } from '../data/indexProgress.ts';
import { recordProblems, updateIndex } from '../data/updateIndex.ts';
import { chooseDevice, type Device, describeDevice } from '../engine/devices.ts';
import { Classifier } from '../evaluation/classifier.ts';
import { judge } from '../evaluation/judge.ts';
import { headResult, protocolLine, reportOf } from '../evaluation/report.ts';
import { Decoder } from '../media/decoder.ts';
import { exportModel } from '../model/exportModel.ts';
import { initialParameters } from '../model/initialise.ts';
import { modelSpecOf } from '../model/modelSpec.ts';
import { parameterLayout } from '../model/parameters.ts';
import type { HeadResult, JobEvent, Problem } from '../protocol/events.ts';
import type { Sample } from '../protocol/runner.ts';
import { headResultsOf } from '../runs/report.ts';
import { createRun, type RunFolder } from '../runs/runFolder.ts';
import { BatchMaker, offsetsPerFrame } from './batches.ts';
import { checkpointTensors } from './checkpoint.ts';
import { runStage } from './stageLoop.ts';
import { type DatasetSamples, readTrainingData } from './trainingData.ts';
import { type TrainingState, TrainingStep } from './trainingStep.ts';

export interface TrainRequest {
  readonly workspace: string;
  readonly choice: TrainChoice;
  /** A native ffmpeg to use. */
  readonly ffmpeg?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  onEvent(event: JobEvent): void;
}

type Done = Extract<JobEvent, { event: 'done' }>;

export interface TrainResult {
  /** The run's folder. */
  readonly run: string;
  readonly heads: Record<string, HeadResult>;
}

/**
 * Trains and evaluates one run. An abort stops after the current step: the run keeps its weights so far as a checkpoint and
 * a model, is marked cancelled, and CancelledError is thrown. Any other failure is recorded in the run, then thrown.
 */
export async function train(request: TrainRequest): Promise<TrainResult> {
  const { workspace, choice, signal, onEvent } = request;
  const config = await requireWorkspace(workspace);
  const names = chosenDatasets(config, choice);
  const { experiment: chosen } = chosenExperiment(config, choice);
  const device = await chooseDevice(choice.device ?? chosen.device);
  await updateIndex(workspace, config, { signal, onProgress: indexProgress(onEvent) });
  const problems = (await listProblems(workspace)).filter(
    ({ dataset }) => dataset === undefined || names.includes(dataset),
  );
  const datasets = await readTrainingData(workspace, config, names, (problem) => problems.push(problem));
  const experiment = resolveExperiment(
    config,
    datasets.map(({ train: _, evaluation: __, ...dataset }) => dataset),
    choice,
  );
  const run = await createRun(workspace, experiment.name, experiment);
  let session: Training | undefined;
  try {
    session = new Training(request, run, experiment, datasets, device);
    for (const problem of problems) session.tellProblem(problem);
    const done = await session.run();
    await run.setState({ state: 'done' });
    session.tell(done); // last: whoever hears it finds the run finished
    return { run: run.folder, heads: done.heads };
  } catch (error) {
    const cancelled = error instanceof CancelledError;
    // The first failure is what the person must see, also where the folder cannot even take this note of it.
    await run
      .setState({ state: cancelled ? 'cancelled' : 'failed', error: cancelled ? null : messageOf(error) })
      .catch(() => undefined);
    throw error;
  } finally {
    await session?.close();
  }
}

/** The parts of one run and what they share. */
class Training {
  private readonly started = performance.now();
  private readonly drawn: Record<string, number> = Object.create(null);
  private readonly spec;
  private readonly layout;
  private readonly decodeProblems = new Map<string, Problem>();
  private readonly told = new Set<string>();
  private decoder: Decoder | undefined;
  private classifier: Classifier | undefined;
  private batches: BatchMaker | undefined;
  private step: TrainingStep | undefined;
  private parameters: Float32Array;

  constructor(
    private readonly request: TrainRequest,
    private readonly folder: RunFolder,
    private readonly experiment: ResolvedExperiment,
    private readonly datasets: readonly DatasetSamples[],
    private readonly device: Device,
  ) {
    this.spec = modelSpecOf(experiment);
    this.layout = parameterLayout(this.spec);
    this.parameters = initialParameters(this.spec, this.layout, experiment.seed);
  }

  /** Tells an event and records it in the run. */
  tell(event: JobEvent): void {
    this.folder.append(event);
    this.request.onEvent(event);
  }

  async run(): Promise<Done> {
    const { experiment, device } = this;
    const held = this.datasets.flatMap(({ evaluation }) => evaluation);
    await this.folder.writeSamples([...this.datasets.flatMap(({ train }) => train), ...held]);
    this.tell({
      event: 'started',
      run: this.folder.folder,
      device: describeDevice(device),
      parameters: this.layout.size,
      stages: experiment.stages.map((stage) => plannedStage(stage, experiment)),
      heads: Object.fromEntries(experiment.datasets.map(({ name, classes }) => [name, classes])),
    });
    const { ffmpeg, signal } = this.request;
    this.decoder = await Decoder.create({ ffmpeg });
    const { model } = experiment;
    const frames = new FrameStore(this.decoder, {
      count: model.frames * offsetsPerFrame,
      // A quarter larger than the model's input, so that a crop is not blown up much.
      shortSide: Math.ceil(model.imageSize * 1.25),
      limit: storeLimit(),
      onWarning: (sample, warning) => this.problem(sample, 'warning', warning),
    });
    const centres = centreStore(this.decoder, model, (sample, warning) => this.problem(sample, 'warning', warning));
    await this.warm(
      frames,
      this.datasets.flatMap(({ train }) => train),
    );
    this.classifier = await Classifier.inTraining(this.spec, this.layout, device);
    const steps = experiment.stages.reduce((sum, { epochs, stepsPerEpoch }) => sum + epochs * stepsPerEpoch, 0);
    let before = 0;
    let finished = true;
    for (const [index, stage] of experiment.stages.entries()) {
      finished &&= await this.runStage(stage, index, { frames, centres, before, steps, held });
      if (!finished) break;
      before += stage.epochs * stage.stepsPerEpoch;
    }
    await this.folder.writeModel(exportModel(experiment, this.spec, this.layout, this.parameters));
    if (!finished || signal?.aborted) throw new CancelledError('Training');
    return this.evaluate(centres, held);
  }

  /** Ends what runs, and notes what decoding found in the index, however the run ended. */
  async close(): Promise<void> {
    await this.batches?.close();
    await recordProblems(this.request.workspace, [...this.decodeProblems.values()]).catch((error: unknown) => {
      const message = `The problems with files could not be noted in the index: ${messageOf(error)}`;
      this.request.onEvent({ event: 'problem', problem: { severity: 'warning', file: this.folder.folder, message } });
    });
    await this.step?.release();
    await this.classifier?.release();
    await this.decoder?.close();
  }

  /** Decodes what fits in memory before the first step, so that broken files are told now and not hours later. */
  private async warm(store: FrameStore, samples: readonly Sample[]): Promise<void> {
    const { signal } = this.request;
    const count = paced((_, counted) => this.tell({ event: 'progress', task: 'decode', ...counted }));
    let done = 0;
    const one = async (sample: Sample) => {
      if (store.hasRoom) {
        await store.get(sample, signal).catch((error: unknown) => {
          if (!isUnreadable(error)) throw error;
          this.problem(sample, 'error', error.message);
        });
      }
      count('decode', ++done, samples.length);
    };
    // In slices: a hundred thousand promises at once would be a memory problem of their own.
    for (let start = 0; start < samples.length; start += 64)
      await Promise.all(samples.slice(start, start + 64).map(one));
  }

  /** Tells once what decoding found wrong with a sample, and keeps it for the index. */
  private problem({ id, file, dataset }: Sample, severity: Problem['severity'], message: string): void {
    if (this.decodeProblems.has(id)) return;
    const problem: Problem = { severity, file, dataset, message };
    this.decodeProblems.set(id, problem);
    this.tellProblem(problem);
  }

  /** The index may know already what decoding finds again: each problem is told once a run. */
  tellProblem(problem: Problem): void {
    const key = `${problem.dataset} ${problem.file} ${problem.line} ${problem.message}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.tell({ event: 'problem', problem });
  }

  private async runStage(
    stage: ResolvedStage,
    index: number,
    {
      frames,
      centres,
      before,
      steps,
      held,
    }: { frames: FrameStore; centres: FrameStore; before: number; steps: number; held: readonly Sample[] },
  ): Promise<boolean> {
    const { experiment, spec, layout, device } = this;
    const sets = stage.datasets.map((name) => ({
      dataset: experiment.datasets.find((dataset) => dataset.name === name)!,
      samples: this.datasets.find((dataset) => dataset.name === name)!.train,
    }));
    const spatialOnly = stage.name === 'imagePretraining';
    const { name, betas, epsilon, momentum, weightDecay, clipNorm } = stage.optimizer;
    const optimizer =
      name === 'adamw'
        ? ({ name, betas, epsilon, weightDecay, clipNorm } as const)
        : ({ name, momentum, nesterov: true, weightDecay, clipNorm } as const);
    const step = await TrainingStep.create(
      { spec, layout, optimizer, device, spatialOnly },
      { parameters: this.parameters },
    );
    this.step = step;
    const batches = new BatchMaker(
      sets,
      stage,
      experiment,
      frames,
      (sample, error) => this.problem(sample, 'error', error.message),
      this.request.signal,
      index + 1,
    );
    this.batches = batches;
    const judged = held.filter(({ dataset }) => stage.datasets.includes(dataset));
    const finished = await runStage({
      stage,
      step,
      batches,
      before,
      steps,
      drawn: this.drawn,
      signal: this.request.signal,
      onEvent: (event) => this.tell(event),
      onEpoch: async (epoch, state) => {
        const checkpoint = await this.checkpoint(state, `${stage.name}-${String(epoch).padStart(4, '0')}`);
        const heads = await this.judgeEpoch(state, centres, judged, stage).catch((error: unknown) => {
          if (error instanceof CancelledError) return undefined; // the stage ends before its next step
          throw error;
        });
        if (!heads) return;
        this.tell({
          event: 'epoch',
          stage: stage.name,
          epoch,
          step: before + epoch * stage.stepsPerEpoch,
          heads,
          checkpoint,
        });
      },
    });
    await batches.close();
    this.batches = undefined;
    const state = await step.read();
    if (!finished) await this.checkpoint(state, 'cancelled');
    this.parameters = state.parameters;
    await step.release();
    this.step = undefined;
    return finished;
  }

  /** Writes a checkpoint and removes the one before the last, so that the disk holds two of a long run. */
  private async checkpoint(state: TrainingState, name: string): Promise<string> {
    const metadata = { format: 'pt', experiment: JSON.stringify(this.experiment), step: String(state.steps) };
    const file = await this.folder.writeCheckpoint(
      name,
      checkpointTensors(this.layout, state.parameters, state.optimizer),
      metadata,
    );
    await this.folder.keepCheckpoints(2);
    return file;
  }

  private async judgeEpoch(
    state: TrainingState,
    store: FrameStore,
    samples: readonly Sample[],
    stage: ResolvedStage,
  ): Promise<Record<string, HeadResult>> {
    await this.classifier!.use(state.parameters);
    const { experiment } = this;
    const { signal } = this.request;
    const records = await judge({ classifier: this.classifier!, experiment, store, samples, signal });
    const heads = experiment.datasets.filter(({ name }) => stage.datasets.includes(name));
    return Object.fromEntries(heads.map((dataset) => [dataset.name, headResult(dataset, records)]));
  }

  /** Judges the final weights on every held-out sample and stores what every head said. */
  private async evaluate(store: FrameStore, samples: readonly Sample[]): Promise<Done> {
    const count = paced((_, counted) => this.tell({ event: 'progress', task: 'evaluate', ...counted }));
    await this.classifier!.use(this.parameters);
    const onProgress = (done: number, total: number) => count('evaluate', done, total);
    const { experiment } = this;
    const records = await judge({
      classifier: this.classifier!,
      experiment,
      store,
      samples,
      signal: this.request.signal,
      onProgress,
    });
    for (const record of records) {
      if ('missing' in record) this.problem(record.sample, 'error', record.missing);
    }
    const report = reportOf(this.folder.id, experiment, records);
    await this.folder.writePredictions(
      records,
      Object.fromEntries(experiment.datasets.map(({ name, classes }) => [name, classes])),
    );
    await this.folder.writeReport(report);
    const heads = headResultsOf(report);
    const seconds = (performance.now() - this.started) / 1000;
    return { event: 'done', run: this.folder.folder, heads, protocol: protocolLine(experiment), seconds };
  }
}

/** What a stage will draw: each dataset's share is N_d / ΣN. */
function plannedStage(
  { name, epochs, stepsPerEpoch, batchSize, datasets }: ResolvedStage,
  experiment: ResolvedExperiment,
) {
  const sizes = experiment.datasets.filter((dataset) => datasets.includes(dataset.name));
  const total = sizes.reduce((sum, { trainSamples }) => sum + trainSamples, 0);
  const shares = Object.fromEntries(sizes.map((dataset) => [dataset.name, dataset.trainSamples / total]));
  return { name, epochs, steps: epochs * stepsPerEpoch, batchSize, shares };
}
