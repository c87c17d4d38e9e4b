// One stage of a run: batch after batch until its steps are done, telling what happens.
import { CancelledError, UserError } from '../base/errors.ts';
import type { ResolvedStage } from '../config/resolved.ts';
import { endsEpoch, samplesOfStep, stepsOf } from '../config/stages.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { BatchMaker } from './batches.ts';
import type { Batch } from './makeBatch.ts';
import { Pace } from './pace.ts';
import { learningRate } from './schedule.ts';
import type { TrainingState, TrainingStep } from './trainingStep.ts';

export interface StageRequest {
  readonly stage: ResolvedStage;
  readonly step: TrainingStep;
  readonly batches: BatchMaker;
  /** Steps of the stage done before, by a run that is resumed. */
  readonly from: number;
  /** Steps of the run done before this stage, and of the whole run. */
  readonly before: number;
  readonly steps: number;
  /** Factor of each dataset's loss. */
  readonly lossWeights: Readonly<Record<string, number>>;
  /** Samples drawn in the run so far, per dataset; counted on. */
  readonly drawn: Record<string, number>;
  readonly signal: AbortSignal | undefined;
  onEvent(event: JobEvent): void;
  /** Whether the stage is over before its last step: asked before every step. */
  isOver(): boolean;
  /** Whether a checkpoint should be written after so many steps of the stage, beside those of every epoch. */
  isSaveDue(done: number): boolean;
  onSave(done: number, state: TrainingState): Promise<void>;
  /** After each epoch, with the steps of the stage done and what was trained by then. */
  onEpoch(done: number, state: TrainingState): Promise<void>;
}

/** Sums since the last report. */
interface Sums {
  steps: number;
  samples: number;
  waitedMs: number;
  loss: number;
  /** Share of the loss and number of samples per head. */
  heads: Record<string, { loss: number; samples: number }>;
  since: number;
}

/** Trains to the end of the stage; returns the steps of the stage done, which are fewer where it is over early or `signal` stopped it. */
export async function runStage(request: StageRequest): Promise<number> {
  const { stage, step, batches, signal } = request;
  const total = stepsOf(stage);
  const pace = new Pace(request.steps - request.before - request.from);
  let rate = 0;
  let sums = fresh();
  const tell = (done: number) => {
    if (sums.steps === 0) return;
    request.onEvent(report(request, sums, { done, rate, eta: pace.secondsLeft() }));
    sums = fresh();
  };
  for (let i = request.from; i < total; i++) {
    const asked = performance.now();
    const stops = request.isOver() || signal?.aborted;
    const batch = stops ? undefined : await nextUnlessAborted(batches, signal);
    if (!batch) {
      tell(i);
      return i;
    }
    sums.waitedMs += performance.now() - asked;
    rate = learningRate(i, stage);
    const result = await step.step(batch.micro, rate);
    const finite = Number.isFinite(result.loss) && (result.skipped || Number.isFinite(result.gradientNorm));
    if (!finite) throw diverged(request, i + 1);
    sums.steps++;
    const size = samplesOfStep(stage, i);
    sums.samples += size;
    sums.loss += result.loss;
    for (const [head, samples] of Object.entries(batch.counts)) {
      const sum = sums.heads[head] ?? { loss: 0, samples: 0 };
      sums.heads[head] = sum;
      // The head's share of the loss, back to a sum over its samples.
      sum.loss += ((result.losses[head] ?? 0) * size) / request.lossWeights[head]!;
      sum.samples += samples;
      request.drawn[head] = (request.drawn[head] ?? 0) + samples;
    }
    const done = i + 1;
    pace.count();
    if (i === request.from || done === total || performance.now() - sums.since >= pace.reportMs()) tell(done);
    const epochEnds = endsEpoch(stage, done);
    if (epochEnds || request.isSaveDue(done)) {
      const before = performance.now();
      const state = await step.read();
      if (!state.parameters.every(Number.isFinite)) throw diverged(request, done);
      if (epochEnds) await request.onEpoch(done, state);
      else await request.onSave(done, state);
      const took = performance.now() - before;
      sums.since += took;
      pace.pause(took);
    }
    await breathe();
  }
  return total;
}

/** A request to stop may also come while frames are waited for: what was trained so far is kept then too. */
async function nextUnlessAborted(batches: BatchMaker, signal: AbortSignal | undefined): Promise<Batch | undefined> {
  try {
    return await batches.next();
  } catch (error) {
    if (signal?.aborted && error instanceof CancelledError) return undefined;
    throw error;
  }
}

/** Weights that are no longer numbers would be judged and exported as if they were a model. */
function diverged({ stage, before }: StageRequest, step: number): UserError {
  return new UserError(
    'diverged',
    `Training broke down at step ${before + step} (${stage.name}): the loss is no longer a number. ` +
      `Lower ${stage.name}.optimizer.learningRate (now ${stage.optimizer.learningRate}) in cover.json and train again.`,
  );
}

function fresh(): Sums {
  return { steps: 0, samples: 0, waitedMs: 0, loss: 0, heads: Object.create(null), since: performance.now() };
}

function report(
  { stage, before, steps, drawn }: StageRequest,
  sums: Sums,
  { done, rate, eta }: { done: number; rate: number; eta: number | null },
): JobEvent {
  const elapsed = Math.max(performance.now() - sums.since, 1e-3);
  return {
    event: 'step',
    stage: stage.name,
    step: before + done,
    steps,
    epoch: done / stage.stepsPerEpoch,
    loss: sums.loss / sums.steps,
    heads: Object.fromEntries(
      Object.entries(sums.heads).flatMap(
        ([head, { loss, samples }]) => (Number.isFinite(loss) ? [[head, loss / samples] as const] : []), // a loss that does not count is not known
      ),
    ),
    learningRate: rate,
    clipsPerSecond: (sums.samples / elapsed) * 1000,
    waiting: sums.waitedMs / elapsed,
    eta,
    drawn: { ...drawn },
  };
}

/** Lets messages in: a step blocks the thread, and a request to stop must be heard between two. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
