// A run's events as the sentences of its log. Steps are in the charts, and counted work in the title line.
import { count, duration, percent, plural } from '../../src/base/format.ts';
import type { HeadResult, JobEvent } from '../../src/protocol/events.ts';

/** Undefined for what is no news. */
export function sentenceOf(event: JobEvent): string[] | undefined {
  switch (event.event) {
    case 'started': {
      const { device, resumedAt, parameters, stages } = event;
      if (resumedAt !== undefined) return [`Went on after step ${count(resumedAt)} on ${device}.`];
      const steps = stages
        .map((stage) => `${stageTitle(stage.name)} of ${plural(stage.steps, 'step')}`)
        .join(', then ');
      return [`Started on ${device}: ${count(parameters)} parameters, ${steps}.`];
    }
    case 'weights':
      return event.lines;
    case 'epoch': {
      const { stage, epoch, step, heads, ended } = event;
      const judged = `Step ${count(step)}: epoch ${count(epoch)} of ${stageTitle(stage)}, ${accuracies(heads)}.`;
      return ended === undefined ? [judged] : [judged, ended];
    }
    case 'problem': {
      const { severity, message } = event.problem;
      return [`${severity === 'error' ? 'Error' : 'Warning'}: ${message}`];
    }
    case 'done':
      return [`Done after ${duration(event.seconds)}: ${accuracies(event.heads)} (${event.protocol}).`];
    case 'step':
    case 'progress':
      return undefined;
  }
}

function accuracies(heads: Readonly<Record<string, HeadResult>>): string {
  return Object.entries(heads)
    .map(([head, { top1 }]) => `${head} ${percent(top1)}`)
    .join(', ');
}

/** A stage of the configuration in words; a name we do not know stays as it is. */
export function stageTitle(name: string): string {
  return { imagePretraining: 'image pre-training', coTraining: 'co-training', fineTuning: 'fine-tuning' }[name] ?? name;
}
