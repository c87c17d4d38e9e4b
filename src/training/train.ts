// "Train CoVeR": index, resolve, decode, image pre-training, co-training, evaluation of every dataset, and one model file;
// or the rest of it, from a stopped run's newest checkpoint.
import { CancelledError, messageOf } from '../base/errors.ts';
import { FrameStore, frameCacheOf, storeLimit, trainingFrames } from '../clips/frameStore.ts';
import { FrameThread } from '../clips/frameThread.ts';
import type { ResolvedExperiment, ResolvedStage } from '../config/resolved.ts';
import { endsEpoch, epochOf, plannedShares, stepsOf } from '../config/stages.ts';
import { recordProblems } from '../data/updateIndex.ts';
import { type Device, describeDevice } from '../engine/devices.ts';
import { Classifier } from '../evaluation/classifier.ts';
import { protocolLine } from '../evaluation/report.ts';
import { exportModel } from '../model/exportModel.ts';
import { initialParameters } from '../model/initialise.ts';
import { modelSpecOf } from '../model/modelSpec.ts';
import { parameterLayout } from '../model/parameters.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { HeadResult, JobEvent } from '../protocol/events.ts';
import type { PredictionRecord } from '../runs/predictionsFile.ts';
import type { RunFolder } from '../runs/runFolder.ts';
import { watchForStop } from '../runs/stopRun.ts';
import { BatchMaker } from './batches.ts';
import { type Progress, weightsOf } from './checkpoint.ts';
import { Checkpointer } from './checkpointer.ts';
import { EarlyStopping, toldOf } from './earlyStopping.ts';
import { HeldOut } from './heldOut.ts';
import { newestCheckpoint, type ResumePoint } from './resume.ts';
import { runStage } from './stageLoop.ts';
import { createStep, trainingSets } from './stageStep.ts';
import { type StartedRun, type StartRequest, startRun } from './startRun.ts';
import { placeOfWeights, startFromWeights } from './startWeights.ts';
import { numbersOf } from './storedVector.ts';
import { ToldProblems } from './toldProblems.ts';
import type { DatasetSamples } from './trainingData.ts';
import type { InitialState, TrainingState, TrainingStep } from './trainingStep.ts';
import { warmFrames } from './warmFrames.ts';

export interface TrainRequest extends StartRequest {
  /** A native ffmpeg to use. */
  readonly ffmpeg?: string | undefined;
  /** Of a resumed run, tells first what it kept of its events. */
  readonly replay?: boolean | undefined;
}

type Done = Extract<JobEvent, { event: 'done' }>;

export interface TrainResult {
  /** The run's folder. */
  readonly run: string;
  readonly heads: Record<string, HeadResult>;
}

/** What comes after an epoch: the next one, the stage's end, or, where the run was stopped before the epoch was judged, neither yet. */
type AfterEpoch = 'goOn' | 'over' | 'stopped';

/** Progress is recorded at most this often; whoever listens hears all of it. */
const progressMs = 2000;

/**
 * Trains and evaluates one run, or what is left of a stopped one. An abort stops after the current step: the run keeps its weights so far as a checkpoint and
 * a model, is marked cancelled, and CancelledError is thrown. Any other failure is recorded in the run, then thrown.
 */
export async function train(request: TrainRequest): Promise<TrainResult> {
  const started = await startRun(request);
  const run = started.folder;
  const stop = watchForStop(run.folder);
  const signal = AbortSignal.any([stop.signal, ...(request.signal ? [request.signal] : [])]);
  let session: Training | undefined;
  try {
    session = new Training({ ...request, signal }, started);
    const done = await session.run();
    await run.setState({ state: 'done', seconds: done.seconds });
    session.tell(done); // last: whoever hears it finds the run finished
    return { run: run.folder, heads: done.heads };
  } catch (error) {
    const cancelled = error instanceof CancelledError;
    // The first failure is what the person must see, also where the folder cannot even take this note of it.
    await run
      .setState({
        state: cancelled ? 'cancelled' : 'failed',
        error: cancelled ? null : messageOf(error),
        ...(session && { seconds: session.seconds() }),
      })
      .catch(() => undefined);
    throw error;
  } finally {
    stop.close();
    await session?.close();
  }
}

/** The parts of one run and what they share. */
class Training {
  private readonly started = performance.now();
  private readonly drawn: Record<string, number> = Object.create(null);
  readonly spec;
  readonly layout;
  private readonly problems = new ToldProblems((event) => this.tell(event));
  /** Of a resumed run: what it had told. */
  private kept: readonly JobEvent[] = [];
  private readonly folder: RunFolder;
  private readonly experiment: ResolvedExperiment;
  private readonly datasets: readonly DatasetSamples[];
  readonly device: Device;
  private readonly secondsBefore: number;
  private source: FrameThread | undefined;
  private heldOut: HeldOut | undefined;
  private batches: BatchMaker | undefined;
  private step: TrainingStep | undefined;
  /**
   * What the next stage goes on from, and in the end the run's weights. While a stage trains there is none: its step has it, and
   * kept here too it would take its memory twice.
   */
  private state: InitialState | undefined;
  private readonly checkpoints: Checkpointer;
  /** What every head says of every held-out sample, with the final weights. */
  private records: readonly PredictionRecord[] | undefined;
  private progressTime = 0;

  constructor(
    private readonly request: TrainRequest,
    private readonly start: StartedRun,
  ) {
    this.folder = start.folder;
    this.experiment = start.experiment;
    this.datasets = start.datasets;
    this.device = start.device;
    this.secondsBefore = start.folder.current.seconds;
    this.spec = modelSpecOf(this.experiment);
    this.layout = parameterLayout(this.spec);
    this.checkpoints = new Checkpointer(this.folder, this.experiment, this.layout, () => this.seconds());
  }

  /** Tells an event and records it in the run. */
  tell(event: JobEvent): void {
    if (event.event !== 'progress') this.folder.append(event);
    else if (event.done === event.total || Date.now() - this.progressTime >= progressMs) {
      this.progressTime = Date.now();
      this.folder.append(event);
    }
    this.request.onEvent(event);
  }

  /** Worked on the run so far, before it was resumed too. */
  seconds(): number {
    return this.secondsBefore + (performance.now() - this.started) / 1000;
  }

  async run(): Promise<Done> {
    const { experiment, device, folder, problems } = this;
    const tell = (event: JobEvent) => this.tell(event);
    const point = this.start.resumed ? await this.resume() : undefined;
    tell({
      event: 'started',
      run: folder.folder,
      device: describeDevice(device),
      protocol: protocolLine(experiment),
      ...this.start.estimate,
      stages: experiment.stages.map((stage) => plannedStage(stage, experiment)),
      heads: Object.fromEntries(experiment.datasets.map(({ name, classes }) => [name, classes])),
      ...(point && { resumedAt: point.progress.step }),
    });
    for (const problem of this.start.problems) problems.add(problem);
    if (!point) this.state = { parameters: await this.firstWeights() };
    const { ffmpeg, signal } = this.request;
    const cache = frameCacheOf(this.request.workspace, experiment);
    const source = await FrameThread.open({ decoder: { ffmpeg }, cache });
    this.source = source;
    if (cache && source.cacheProblem !== undefined) {
      const message = `Decoded frames cannot be kept in ${cache.folder}: ${source.cacheProblem}. Training goes on without.`;
      problems.add({ severity: 'warning', file: cache.folder, message });
    }
    const onWarning = (sample: Sample, warning: string) => problems.addOf(sample, 'warning', warning);
    const frames = new FrameStore(source, { ...trainingFrames(experiment), limit: storeLimit(), onWarning });
    const lastStage = experiment.stages.length - 1;
    const trained = point && point.progress.stage === lastStage && isComplete(experiment.stages[lastStage]!, point);
    if (!trained) {
      const samples = this.datasets.flatMap(({ train }) => train);
      await warmFrames(frames, samples, { problems, signal, onEvent: tell });
    }
    const samples = this.datasets.flatMap(({ evaluation }) => evaluation);
    const classifier = await Classifier.inTraining(this.spec, this.layout, device);
    const heldOut = new HeldOut({ experiment, folder, samples, source, problems, signal, tell }, classifier);
    this.heldOut = heldOut;
    // What the stages before a resumed one came to: one that stopped early has fewer steps than were planned.
    let before = point ? point.progress.step - point.progress.stageStep : 0;
    let finished = true;
    for (const [index, stage] of experiment.stages.entries()) {
      if (index < (point?.progress.stage ?? 0)) continue;
      const from = point?.progress.stage === index ? point : undefined;
      const steps = experiment.stages.slice(index).reduce((sum, each) => sum + stepsOf(each), before);
      const reached = await this.runStage(stage, index, { frames, heldOut, before, steps, from });
      finished = reached !== undefined;
      if (reached === undefined) break;
      before += reached;
    }
    const parameters = this.weights();
    await folder.writeModel(exportModel(experiment, this.spec, this.layout, parameters));
    if (!finished || signal?.aborted) throw new CancelledError('Training');
    // The last epoch's weights are the final ones: what was said of them then stands.
    const heads = await heldOut.write(this.records ?? (await heldOut.judge(parameters)));
    const protocol = protocolLine(experiment);
    return { event: 'done', run: folder.folder, heads, protocol, seconds: this.seconds() };
  }

  /** Ends what runs, and notes what decoding found in the index, however the run ended. */
  async close(): Promise<void> {
    await this.batches?.close();
    await recordProblems(this.request.workspace, this.problems.found).catch((error: unknown) => {
      const message = `The problems with files could not be noted in the index: ${messageOf(error)}`;
      this.request.onEvent({ event: 'problem', problem: { severity: 'warning', file: this.folder.folder, message } });
    });
    await this.step?.release();
    await this.heldOut?.release();
    await this.source?.close();
  }

  /** Takes back what the run told after its newest checkpoint, and gives the point to go on from, if there is one. */
  private async resume(): Promise<ResumePoint | undefined> {
    const { folder, experiment } = this;
    await folder.setState({ experiment: experiment.name });
    const { checkpoint, problems } = await newestCheckpoint(folder, experiment, this.layout);
    const kept = await folder.rewind(checkpoint?.progress.step ?? 0);
    if (this.request.replay) for (const event of kept) this.request.onEvent(event);
    for (const event of kept) if (event.event === 'problem') this.problems.known(event.problem);
    this.kept = kept;
    for (const problem of problems) this.problems.add(problem);
    if (!checkpoint) return undefined;
    const { file, progress, state } = checkpoint;
    this.state = state;
    Object.assign(this.drawn, progress.drawn);
    this.checkpoints.has(progress.step, file);
    const { name } = experiment.stages[progress.stage]!;
    const judged = kept.some(
      (event) => event.event === 'epoch' && event.stage === name && event.step === progress.step,
    );
    return { file, progress, judged };
  }

  /** New weights, or those that the experiment starts from. */
  private async firstWeights(): Promise<Float32Array> {
    const { experiment, folder } = this;
    const parameters = initialParameters(this.spec, this.layout, experiment.seed);
    const { weights } = experiment;
    if (!weights) return parameters;
    const { workspace, signal } = this.request;
    const onEvent = (event: JobEvent) => this.request.onEvent(event);
    const place = this.start.weights ?? (await placeOfWeights(weights.source, { workspace, signal, onEvent }));
    this.tell(await startFromWeights(experiment, place, parameters, folder));
    return parameters;
  }

  /** While no stage trains: the weights so far, read where the last checkpoint has them. */
  private weights(): Float32Array {
    return numbersOf(weightsOf(this.state!), this.layout.size);
  }

  private takeState(): InitialState {
    const state = this.state!;
    this.state = undefined;
    return state;
  }

  /** The steps of the stage, where it is over; undefined where it was stopped. */
  private async runStage(
    stage: ResolvedStage,
    index: number,
    {
      frames,
      heldOut,
      before,
      steps,
      from,
    }: {
      frames: FrameStore;
      heldOut: HeldOut;
      before: number;
      steps: number;
      from: ResumePoint | undefined;
    },
  ): Promise<number | undefined> {
    const { experiment, layout, request } = this;
    const done = from?.progress.stageStep ?? 0;
    const last = index === experiment.stages.length - 1;
    const watch = stage.earlyStopping && new EarlyStopping(this.folder, layout, stage, stage.earlyStopping, this.kept);
    const judge = async (stageStep: number, weights: Float32Array, checkpoint: string): Promise<AfterEpoch> => {
      // The last epoch's weights are the final ones, unless those of another may be better.
      const all = last && stageStep === stepsOf(stage) && !watch;
      const records = await heldOut.judge(weights, all ? undefined : stage).catch((error: unknown) => {
        if (error instanceof CancelledError) return undefined;
        throw error;
      });
      if (!records) return 'stopped';
      if (all) this.records = records;
      const [step, epoch] = [before + stageStep, epochOf(stage, stageStep)];
      const heads = heldOut.headResults(stage, records);
      const told = { event: 'epoch', stage: stage.name, epoch, step, heads, checkpoint } as const;
      const verdict = await watch?.judged(step, heads, weights);
      this.tell(verdict ? { ...told, ...toldOf(verdict) } : told);
      return verdict?.stop ? 'over' : 'goOn';
    };
    const isPending = from && done > 0 && endsEpoch(stage, done) && !from.judged;
    let after = isPending ? await judge(done, this.weights(), from.file) : undefined;
    if (from && (after === 'stopped' || isComplete(stage, from))) {
      this.state = { parameters: this.weights() };
      return after === 'stopped' ? undefined : done;
    }
    after ??= watch?.verdict.stop ? 'over' : 'goOn';
    const step = await createStep(experiment, stage, this, this.takeState());
    this.step = step;
    const batches = new BatchMaker(
      trainingSets(experiment, stage, this.datasets),
      stage,
      experiment,
      frames,
      (sample, error) => this.problems.addOf(sample, 'error', error.message),
      request.signal,
      index + 1,
      from && { sampler: from.progress.sampler, step: done },
    );
    this.batches = batches;
    const progressAt = (stageStep: number, state: TrainingState): Progress => ({
      version: 1,
      stage: index,
      stageStep,
      step: before + stageStep,
      optimizerSteps: state.steps,
      ...(state.lossScale && { lossScale: state.lossScale }),
      sampler: batches.state(),
      drawn: { ...this.drawn },
    });
    const save = (stageStep: number, state: TrainingState) =>
      this.checkpoints.write(state, progressAt(stageStep, state));
    const reached = await runStage({
      stage,
      step,
      batches,
      from: done,
      isOver: () => after === 'over',
      before,
      steps,
      lossWeights: Object.fromEntries(experiment.datasets.map(({ name, lossWeight }) => [name, lossWeight])),
      drawn: this.drawn,
      signal: request.signal,
      onEvent: (event) => this.tell(event),
      isSaveDue: (stageStep) => this.checkpoints.isDue(before + stageStep),
      onSave: async (stageStep, state) => void (await save(stageStep, state)),
      onEpoch: async (stageStep, state) => {
        after = await judge(stageStep, weightsOf(state), await save(stageStep, state));
      },
    });
    await batches.close();
    this.batches = undefined;
    let state = await step.read();
    const finished = after !== 'stopped' && (after === 'over' || reached === stepsOf(stage));
    if (!finished) await save(reached, state);
    const best = finished ? watch?.restore((problem) => this.problems.add(problem)) : undefined;
    if (best) {
      state = { ...state, parameters: best, ...(state.average && { average: best }) };
      // In place of the last one: whoever takes the newest checkpoint's weights takes the best.
      await this.checkpoints.write(state, { ...progressAt(reached, state), ended: true }, true);
    }
    this.state = { parameters: weightsOf(state).slice() }; // the step's own go with it
    await step.release();
    this.step = undefined;
    return finished ? reached : undefined;
  }
}

function isComplete(stage: ResolvedStage, { progress }: ResumePoint): boolean {
  return progress.ended === true || (!stage.earlyStopping && progress.stageStep === stepsOf(stage));
}

/** What a stage will draw. */
function plannedStage(stage: ResolvedStage, experiment: ResolvedExperiment) {
  const { name, epochs, batchSize } = stage;
  return { name, epochs, steps: stepsOf(stage), batchSize, shares: plannedShares(stage, experiment.datasets) };
}
