// How long a training would take: a few real steps of every stage on the device, and a few held-out samples judged, times how many
// there would be. Nothing is written; the weights that were trained are let go.
import { CancelledError, throwIfAborted } from '../base/errors.ts';
import { centreStore, FrameStore, isUnreadable, storeLimit, trainingFrames } from '../clips/frameStore.ts';
import { FrameThread } from '../clips/frameThread.ts';
import { choiceOf } from '../config/draft.ts';
import { chosenDatasets, resolveExperiment } from '../config/resolve.ts';
import { type ResolvedExperiment, type ResolvedStage, resolvedExperimentSchema } from '../config/resolved.ts';
import { stepsOf, withSamples } from '../config/stages.ts';
import { requireWorkspace } from '../config/workspace.ts';
import { chooseDevice, type Device, describeDevice } from '../engine/devices.ts';
import { Classifier } from '../evaluation/classifier.ts';
import { judge, judgedTogether } from '../evaluation/judge.ts';
import { initialParameters } from '../model/initialise.ts';
import { type ModelSpec, modelSpecOf } from '../model/modelSpec.ts';
import { type ParameterLayout, parameterLayout } from '../model/parameters.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { Draft, Measured } from '../protocol/trainPlan.ts';
import { BatchMaker } from './batches.ts';
import { requireMemory } from './estimate.ts';
import { learningRate } from './schedule.ts';
import { createStep, trainingSets } from './stageStep.ts';
import { type DatasetSamples, readTrainingData } from './trainingData.ts';

export interface MeasureRequest {
  readonly workspace: string;
  readonly draft: Draft;
  /** A native ffmpeg to use. */
  readonly ffmpeg?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Timed of each stage, after a first one that prepares the graphs: more where they are short, fewer where they take long. */
const timedSteps = 5;
const leastMs = 2500;
const longMs = 12_000;
/** Of each dataset: what the timed batches are made of. */
const fewSamples = 24;
/** Steps of a stage whose number is to be found out: more than are ever timed. */
const unknownSteps = 1000;

/** Throws UserError as a start does, CancelledError between two steps where `signal` aborts. */
export async function measureTraining({ workspace, draft, ffmpeg, signal }: MeasureRequest): Promise<Measured> {
  const choice = await choiceOf(workspace, await requireWorkspace(workspace), draft);
  const config = await requireWorkspace(workspace, { choice });
  const device = await chooseDevice(draft.device ?? choice.given.experiment.device);
  const datasets = await readTrainingData(workspace, config, chosenDatasets(config, choice), () => undefined);
  const available = datasets.map(({ train: _, evaluation: __, ...dataset }) => dataset);
  const experiment = resolvedExperimentSchema.parse(resolveExperiment(config, available, choice));
  requireMemory(experiment, device);
  const measured = await measureStages(experiment, datasets, device, { ffmpeg, signal });
  const seconds = measured.map(
    ({ stage, secondsPerStep, secondsPerEpoch }) =>
      stage.minutes === undefined
        ? stepsOf(stage) * secondsPerStep + stage.epochs * secondsPerEpoch
        : Math.max(stage.minutes * 60, secondsPerStep + secondsPerEpoch), // it makes one step at least
  );
  return {
    steps: measured.reduce((sum, { steps }) => sum + steps, 0),
    seconds: seconds.reduce((sum, each) => sum + each, 0),
    stages: measured.map(({ stage, secondsPerStep }) => ({ name: stage.name, secondsPerStep })),
    device: describeDevice(device),
  };
}

/** What a stage of an experiment takes. */
export interface MeasuredStage {
  readonly stage: ResolvedStage;
  /** Steps timed. */
  readonly steps: number;
  readonly secondsPerStep: number;
  /** Of judging what its datasets hold out, after each epoch. */
  readonly secondsPerEpoch: number;
}

/** Times the stages for which `wanted` holds; all where it is absent. */
export async function measureStages(
  experiment: ResolvedExperiment,
  datasets: readonly DatasetSamples[],
  device: Device,
  { ffmpeg, signal }: Pick<MeasureRequest, 'ffmpeg' | 'signal'>,
  wanted: (stage: ResolvedStage) => boolean = () => true,
): Promise<MeasuredStage[]> {
  const source = await FrameThread.open({ decoder: { ffmpeg } });
  try {
    const measure = new Measurement(experiment, datasets, device, source, signal);
    const judging = await measure.judging();
    const measured: MeasuredStage[] = [];
    for (const [index, stage] of experiment.stages.entries()) {
      if (!wanted(stage)) continue;
      const { times, decoding } = await measure.steps(stage, index);
      const secondsPerEpoch = stage.datasets.reduce((sum, name) => sum + (judging[name] ?? 0), 0);
      // Frames beside the steps: whichever takes longer is waited for.
      const secondsPerStep = Math.max(median(times) / 1000, decoding);
      measured.push({ stage, steps: times.length, secondsPerStep, secondsPerEpoch });
    }
    return measured;
  } finally {
    await source.close();
  }
}

class Measurement {
  private readonly spec: ModelSpec;
  private readonly layout: ParameterLayout;
  private readonly parameters: Float32Array;

  constructor(
    private readonly experiment: ResolvedExperiment,
    private readonly datasets: readonly DatasetSamples[],
    private readonly device: Device,
    private readonly source: FrameThread,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.spec = modelSpecOf(experiment);
    this.layout = parameterLayout(this.spec);
    this.parameters = initialParameters(this.spec, this.layout, experiment.seed);
  }

  /**
   * Milliseconds of a few steps of a stage; of a stage of one step, of that one. `decoding`: seconds that decoding for a step takes on
   * average, where the memory does not keep all frames and some are decoded again in every epoch.
   */
  async steps(given: ResolvedStage, index: number): Promise<{ times: number[]; decoding: number }> {
    // How many steps a stage has that is given in minutes, is to be found out.
    const stage = given.minutes === undefined ? given : withSamples(given, unknownSteps * given.batchSize);
    const { spec, layout, device, experiment, signal } = this;
    const step = await createStep(experiment, stage, { spec, layout, device }, { parameters: this.parameters });
    const frames = new FrameStore(this.source, { ...trainingFrames(experiment), limit: storeLimit() });
    const started = performance.now();
    const sets = await Promise.all(
      trainingSets(experiment, stage, this.datasets).map(async (set) => ({
        ...set,
        samples: await this.decoded(frames, set.samples),
      })),
    );
    const read = sets.reduce((sum, { samples }) => sum + samples.length, 0);
    const perSample = (performance.now() - started) / 1000 / read;
    const all = trainingSets(experiment, stage, this.datasets).reduce((sum, { samples }) => sum + samples.length, 0);
    const decoding = perSample * stage.batchSize * (1 - frames.shareKept(all));
    const batches = new BatchMaker(sets, stage, experiment, frames, () => undefined, signal, index + 1);
    try {
      const times: number[] = [];
      const [count, least] = [stepsOf(stage), timedSteps + 1];
      for (let i = 0, spent = 0; i < count && spent < (i < least ? longMs : leastMs); i++) {
        throwIfAborted(signal, 'Measuring');
        const { micro } = await batches.next();
        const start = performance.now();
        await step.step(micro, learningRate(i, stage));
        times.push(performance.now() - start);
        if (i > 0) spent += times.at(-1)!;
        await new Promise((resolve) => setImmediate(resolve)); // a step blocks the thread: Cancel is heard between two
      }
      return { times: times.length > 1 ? times.slice(1) : times, decoding };
    } finally {
      await batches.close();
      await step.release();
    }
  }

  /**
   * A few samples that can be read, whose frames are in memory: decoding beside the steps would slow them down, which in a run is
   * over before the first. Of none that can be read, the first, so that the batch says what is wrong.
   */
  private async decoded(frames: FrameStore, samples: readonly Sample[]): Promise<readonly Sample[]> {
    const few = samples.slice(0, fewSamples);
    const read = await Promise.all(
      few.map((sample) =>
        frames.get(sample, this.signal).then(
          () => [sample],
          (error: unknown) => {
            if (isUnreadable(error)) return [];
            throw error;
          },
        ),
      ),
    );
    return read.flat().length > 0 ? read.flat() : few.slice(0, 1);
  }

  /** Seconds that judging all held-out samples of each dataset takes. */
  async judging(): Promise<Record<string, number>> {
    const { spec, layout, device, experiment, signal } = this;
    const store = centreStore(this.source, experiment);
    const classifier = await Classifier.inTraining(spec, layout, device);
    try {
      await classifier.use(this.parameters);
      const seconds: Record<string, number> = Object.create(null);
      for (const { name, evaluation } of this.datasets) {
        const samples = evaluation.slice(0, judgedTogether);
        if (samples.length === 0) continue;
        await judge({ classifier, experiment, store, samples, signal }); // decodes, and prepares the graph
        const start = performance.now();
        await judge({ classifier, experiment, store, samples, signal });
        seconds[name] = ((performance.now() - start) / 1000 / samples.length) * evaluation.length;
        if (signal?.aborted) throw new CancelledError('Measuring');
      }
      return seconds;
    } finally {
      await classifier.release();
    }
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
