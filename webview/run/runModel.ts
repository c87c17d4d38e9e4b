// What a run's events add up to: the lines of its charts, the state of its stages, what to say in the title.
// Pure: `applyEvent` changes the model it is given and nothing else.
import type { HeadResult, JobEvent, Problem } from '../../src/protocol/events.ts';
import { sentenceOf, stageTitle } from './sentences.ts';

/** Points in the order of the steps; x is the step, counted over the whole run. */
export interface Line {
  x: number[];
  y: number[];
}

export interface HeadLines {
  name: string;
  classes: number | undefined;
  /** Mean cross entropy of the head's samples, for every step that had some. */
  loss: Line;
  /** Held-out top-1 (0 … 1) after every epoch that judged it. */
  top1: Line;
  /** The last and the best judgement. */
  last: HeadResult | undefined;
  best: { step: number; result: HeadResult } | undefined;
}

export interface Stage {
  /** As the run names it, and as a person reads it. */
  name: string;
  title: string;
  epochs: number;
  steps: number;
  /** Steps of the run before this stage. */
  offset: number;
  batchSize: number | undefined;
  shares: Readonly<Record<string, number>> | undefined;
}

export type StepEvent = Extract<JobEvent, { event: 'step' }>;
export type ProgressEvent = Extract<JobEvent, { event: 'progress' }>;
export type DoneEvent = Extract<JobEvent, { event: 'done' }>;

/** More points than a wide screen can show of one line: of so many, every second is forgotten. */
export const mostPoints = 6000;
/** Of the sentences, the newest are kept. */
const mostSentences = 300;

export interface RunModel {
  /** Rises with every event: what is made of the model is made again only then. */
  version: number;
  device: string | undefined;
  parameters: number | undefined;
  stages: Stage[];
  /** In the order of the run's heads, which is also the order of their colours. */
  heads: HeadLines[];
  loss: Line;
  learningRate: Line;
  clipsPerSecond: Line;
  /** Share (0 … 1) of the time that training waited for its next batch. */
  waiting: Line;
  /** How held-out samples are looked at. */
  protocol: string | undefined;
  /** What happened, as sentences, in order. */
  sentences: string[];
  step: StepEvent | undefined;
  /** Counted work that is going on now, between steps. */
  progress: ProgressEvent | undefined;
  checkpoints: { step: number; epoch: number; stage: string }[];
  problems: Problem[];
  done: DoneEvent | undefined;
}

export function emptyModel(): RunModel {
  return {
    version: 0,
    device: undefined,
    parameters: undefined,
    stages: [],
    heads: [],
    loss: noLine(),
    learningRate: noLine(),
    clipsPerSecond: noLine(),
    waiting: noLine(),
    protocol: undefined,
    sentences: [],
    step: undefined,
    progress: undefined,
    checkpoints: [],
    problems: [],
    done: undefined,
  };
}

export function applyEvent(model: RunModel, event: JobEvent): void {
  model.version++;
  const sentence = sentenceOf(event);
  if (sentence !== undefined) model.sentences.push(...sentence);
  if (model.sentences.length > 2 * mostSentences) model.sentences.splice(0, mostSentences);
  switch (event.event) {
    case 'started': {
      model.device = event.device;
      model.parameters = event.parameters;
      model.protocol = event.protocol ?? model.protocol;
      model.stages = [];
      for (const { name, epochs, steps, batchSize, shares } of event.stages) {
        const before = model.stages.at(-1);
        model.stages.push({
          name,
          title: stageTitle(name),
          epochs,
          steps,
          batchSize,
          shares,
          offset: before ? before.offset + before.steps : 0,
        });
      }
      for (const [name, classes] of Object.entries(event.heads)) headOf(model, name).classes = classes.length;
      break;
    }
    case 'progress':
      model.progress = event.done < event.total ? event : undefined;
      break;
    case 'step':
      model.progress = undefined;
      model.step = event;
      add(model.loss, event.step, event.loss);
      add(model.learningRate, event.step, event.learningRate);
      add(model.clipsPerSecond, event.step, event.clipsPerSecond);
      add(model.waiting, event.step, event.waiting);
      for (const [name, loss] of Object.entries(event.heads)) add(headOf(model, name).loss, event.step, loss);
      break;
    case 'epoch':
      model.progress = undefined;
      model.checkpoints.push({ step: event.step, epoch: event.epoch, stage: event.stage });
      for (const [name, result] of Object.entries(event.heads)) judge(headOf(model, name), event.step, result);
      break;
    case 'problem':
      model.problems.push(event.problem);
      break;
    case 'done':
      model.progress = undefined;
      model.done = event;
      model.protocol = event.protocol;
      for (const [name, result] of Object.entries(event.heads)) headOf(model, name).last = result;
      break;
  }
}

/** The stage that a step (from 1) belongs to, by its place; undefined where no stages are known. */
export function stageAt(model: RunModel, step: number): Stage | undefined {
  return model.stages.find((stage) => step <= stage.offset + stage.steps) ?? model.stages.at(-1);
}

/** The run's last step; early in a long run, of which nothing would be seen, a round number not far ahead. */
export function axisEnd(model: RunModel): number {
  const steps = Math.max(1, stepsOf(model));
  const step = model.step?.step ?? 0;
  if (step === 0 || 4 * step >= steps) return steps;
  const ahead = Math.max(20, 2 * step);
  const power = 10 ** Math.floor(Math.log10(ahead));
  return Math.min(steps, ([1, 2, 5].find((lead) => lead * power >= ahead) ?? 10) * power);
}

/** Planned in all. */
export function stepsOf(model: RunModel): number {
  return model.step?.steps ?? model.stages.reduce((sum, stage) => sum + stage.steps, 0);
}

/** Samples planned of a dataset from the start through `step`, or undefined where the run told no plan. */
export function planned(model: RunModel, dataset: string, step: number): number | undefined {
  if (model.stages.length === 0) return undefined;
  let samples = 0;
  for (const stage of model.stages) {
    if (stage.batchSize === undefined || stage.shares === undefined) return undefined;
    const steps = Math.min(stage.steps, Math.max(0, step - stage.offset));
    samples += steps * stage.batchSize * (stage.shares[dataset] ?? 0);
  }
  return samples;
}

function judge(head: HeadLines, step: number, result: HeadResult): void {
  head.last = result;
  if (result.top1 === null) return;
  add(head.top1, step, result.top1);
  if (!head.best || result.top1 > (head.best.result.top1 ?? 0)) head.best = { step, result };
}

function headOf(model: RunModel, name: string): HeadLines {
  let head = model.heads.find((one) => one.name === name);
  if (!head) {
    head = { name, classes: undefined, loss: noLine(), top1: noLine(), last: undefined, best: undefined };
    model.heads.push(head);
  }
  return head;
}

function noLine(): Line {
  return { x: [], y: [] };
}

/** Keeps x rising: a run resumed from a checkpoint tells the steps after it again. And keeps the points few. */
function add(line: Line, x: number, y: number): void {
  while (line.x.length > 0 && line.x.at(-1)! >= x) {
    line.x.pop();
    line.y.pop();
  }
  if (line.x.length >= mostPoints) {
    const even = (_: number, i: number) => i % 2 === 0;
    line.x = line.x.filter(even);
    line.y = line.y.filter(even);
  }
  line.x.push(x);
  line.y.push(y);
}
