// One stage of a run: batch after batch until its steps are done, telling what happens.
import { CancelledError, UserError } from '../base/errors.ts';
import type { ResolvedStage } from '../config/resolved.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { Batch, BatchMaker } from './batches.ts';
import { learningRate } from './schedule.ts';
import type { TrainingState, TrainingStep } from './trainingStep.ts';

const reportMs = 500;

export interface StageRequest {
  readonly stage: ResolvedStage;
  readonly step: TrainingStep;
  readonly batches: BatchMaker;
  /** Steps of the run done before this stage, and of the whole run. */
  readonly before: number;
  readonly steps: number;
  /** Samples drawn in the run so far, per dataset; counted on. */
  readonly drawn: Record<string, number>;
  readonly signal: AbortSignal | undefined;
  onEvent(event: JobEvent): void;
  /** After each epoch, with its number from 1 and what was trained by then. */
  onEpoch(epoch: number, state: TrainingState): Promise<void>;
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

/** Trains to the end of the stage; returns false where `signal` stopped it after a step. */
export async function runStage(request: StageRequest): Promise<boolean> {
  const { stage, step, batches, signal } = request;
  const total = stage.epochs * stage.stepsPerEpoch;
  const started = performance.now();
  let sums = fresh();
  for (let i = 0; i < total; i++) {
    if (signal?.aborted) return false;
    const asked = performance.now();
    const batch = await nextUnlessAborted(batches, signal);
    if (!batch) return false;
    sums.waitedMs += performance.now() - asked;
    const rate = learningRate(i, total, stage.optimizer.learningRate, stage.warmUp);
    const result = await step.step([batch.streams], rate);
    if (!Number.isFinite(result.loss + result.gradientNorm)) throw diverged(request, i + 1);
    sums.steps++;
    sums.samples += stage.batchSize;
    sums.loss += result.loss;
    for (const [head, samples] of Object.entries(batch.counts)) {
      const sum = sums.heads[head] ?? { loss: 0, samples: 0 };
      sums.heads[head] = sum;
      sum.loss += (result.losses[head] ?? 0) * stage.batchSize; // the head's share, back to a sum over its samples
      sum.samples += samples;
      request.drawn[head] = (request.drawn[head] ?? 0) + samples;
    }
    const now = performance.now();
    const epochEnds = (i + 1) % stage.stepsPerEpoch === 0;
    if (i === 0 || epochEnds || now - sums.since >= reportMs) {
      const perStep = (now - started) / (i + 1);
      request.onEvent(
        report(request, sums, {
          done: i + 1,
          rate,
          now,
          eta: ((request.steps - request.before - i - 1) * perStep) / 1000,
        }),
      );
      sums = fresh();
    }
    if (epochEnds) {
      const state = await step.read();
      if (!state.parameters.every(Number.isFinite)) throw diverged(request, i + 1);
      await request.onEpoch((i + 1) / stage.stepsPerEpoch, state);
      sums = fresh();
    }
    await breathe();
  }
  return true;
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
  { done, rate, now, eta }: { done: number; rate: number; now: number; eta: number },
): JobEvent {
  const elapsed = Math.max(now - sums.since, 1e-3);
  return {
    event: 'step',
    stage: stage.name,
    step: before + done,
    steps,
    epoch: done / stage.stepsPerEpoch,
    loss: sums.loss / sums.steps,
    heads: Object.fromEntries(Object.entries(sums.heads).map(([head, { loss, samples }]) => [head, loss / samples])),
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
