// What a job tells while it works. The same events are the lines of `cover … --json` and the notifications of the
// runner, so that a program and the editor see the same story.
import { z } from 'zod';

/** How one head did on one dataset's held-out samples. Accuracies are shares in 0 … 1; null where nothing could be judged. */
export const headResultSchema = z.object({
  top1: z.number().nullable(),
  top5: z.number().nullable(),
  samples: z.number(),
  /** Held-out samples that could not be read. They count as not judged, and are told here. */
  missing: z.number(),
  classes: z.number(),
});
export type HeadResult = z.infer<typeof headResultSchema>;
export const headResultsSchema = z.record(z.string(), headResultSchema);

export const problemSchema = z.object({
  severity: z.enum(['error', 'warning']),
  /** Absolute path of the file to mend. */
  file: z.string(),
  /** 1-based, where a line is to blame. */
  line: z.number().optional(),
  column: z.number().optional(),
  length: z.number().optional(),
  message: z.string(),
  dataset: z.string().optional(),
  /** Of cover.json: the experiment or study it is of, as "experiments.NAME". */
  entry: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export const jobEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('started'),
    run: z.string(),
    /** Steps done before, where a run goes on that was stopped. */
    resumedAt: z.number().optional(),
    device: z.string(),
    parameters: z.number(),
    /** Floating-point operations of a video clip's forward pass. */
    flopsPerClip: z.number().optional(),
    /** Bytes of memory that training is expected to use. */
    memory: z.number().optional(),
    /** How held-out samples are looked at, for example "1 clip × 1 crop, 8 frames uniform". */
    protocol: z.string().optional(),
    stages: z.array(
      z.object({
        name: z.string(),
        steps: z.number(),
        epochs: z.number(),
        /** Samples a step. */
        batchSize: z.number().optional(),
        /** The share of the stage's draws planned for each dataset (they sum to 1). */
        shares: z.record(z.string(), z.number()).optional(),
      }),
    ),
    heads: z.record(z.string(), z.array(z.string())),
  }),
  /** What was loaded of the weights that the run starts from, in numbers of tensors; the run's weights.json names them all. */
  z.object({
    event: z.literal('weights'),
    source: z.string(),
    /** What kind of model the source is. */
    layout: z.string(),
    loaded: z.number(),
    /** Of the loaded: fitted to another number of patches or frames. */
    resized: z.number(),
    initialised: z.number(),
    leftOver: z.number(),
    /** The report for a person. */
    lines: z.array(z.string()),
  }),
  /** Any counted work. `rate` is per second; `eta` in seconds, null while unknown. */
  z.object({
    event: z.literal('progress'),
    task: z.enum(['search', 'index', 'probe', 'compare', 'fetch', 'draw', 'measure', 'decode', 'evaluate']),
    /** Of `fetch`: the file's name; its counts are bytes. Of `compare`: what is compared. */
    dataset: z.string().optional(),
    done: z.number(),
    total: z.number(),
    rate: z.number(),
    eta: z.number().nullable(),
  }),
  /** Of a study: its next run begins. The run's own events follow. */
  z.object({
    event: z.literal('arm'),
    title: z.string(),
    seed: z.number(),
    /** Its place among all runs of the study, from 1. */
    number: z.number(),
    of: z.number(),
    /** It was stopped before, and goes on. */
    resumed: z.boolean(),
    /** Seconds that it and all after it will take; null while unknown. */
    eta: z.number().nullable(),
    /** Of these, what all after it will take. */
    later: z.number().nullable(),
  }),
  z.object({
    event: z.literal('step'),
    stage: z.string(),
    /** Counted over the whole run, from 1. */
    step: z.number(),
    steps: z.number(),
    /** Whole and part of the stage's epochs done. */
    epoch: z.number(),
    loss: z.number(),
    /** Mean cross entropy of the samples of each head in this step; absent where it had none. */
    heads: z.record(z.string(), z.number()),
    learningRate: z.number(),
    clipsPerSecond: z.number(),
    /** Share of the time since the last report that the trainer waited for data. */
    waiting: z.number(),
    eta: z.number().nullable(),
    /** Samples drawn so far, per dataset. */
    drawn: z.record(z.string(), z.number()),
  }),
  z.object({
    event: z.literal('epoch'),
    stage: z.string(),
    epoch: z.number(),
    step: z.number(),
    heads: headResultsSchema,
    checkpoint: z.string(),
    /** Where the stage may stop early: the step whose weights are its best so far. */
    best: z.number().optional(),
    /** The stage ends here, before its last step: the sentence that says why. */
    ended: z.string().optional(),
  }),
  z.object({ event: z.literal('problem'), problem: problemSchema }),
  z.object({
    event: z.literal('done'),
    run: z.string(),
    heads: headResultsSchema,
    protocol: z.string(),
    seconds: z.number(),
  }),
]);
export type JobEvent = z.infer<typeof jobEventSchema>;

/** One class of one head with its probability. */
export const predictionSchema = z.object({ label: z.string(), probability: z.number() });
export type Prediction = z.infer<typeof predictionSchema>;
/** Top classes per head, best first. */
export const headPredictionsSchema = z.record(z.string(), z.array(predictionSchema));
export type HeadPredictions = z.infer<typeof headPredictionsSchema>;
