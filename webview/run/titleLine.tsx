// The run in one line: its name and state, how far and how fast, and what can be done with it.

import { bytes, count, duration, figures, percentNumber, plural } from '../../src/base/format.ts';
import type { RunSummary } from '../../src/protocol/runs.ts';
import { Button } from '../base/toolkit.tsx';
import type { ProgressEvent, RunModel } from './runModel.ts';

interface TitleLineProps {
  summary: RunSummary;
  model: RunModel;
  live: boolean;
  onStop: () => void;
  onOpenEvaluation: () => void;
  onOpenLog: () => void;
}

const states: Record<RunSummary['state'], string> = {
  running: 'training',
  done: 'done',
  cancelled: 'stopped',
  failed: 'failed',
  interrupted: 'interrupted',
};

export function TitleLine({ summary, model, live, onStop, onOpenEvaluation, onOpenLog }: TitleLineProps) {
  const running = summary.state === 'running';
  const judged = model.heads.some((head) => head.last !== undefined) || Object.keys(summary.heads).length > 0;
  return (
    <header class="title-line">
      <h1 class="clip-text" title={summary.folder}>
        {summary.run}
      </h1>
      <span class={`state state-${summary.state}`} data-testid="run-state">
        <span class="dot" aria-hidden="true" />
        {model.progress ? doing(model.progress) : states[summary.state]}
      </span>
      <span class="spread" />
      <div class="row">
        {judged && (
          <Button testId="open-evaluation" appearance={running ? 'secondary' : 'primary'} onClick={onOpenEvaluation}>
            Open evaluation
          </Button>
        )}
        <Button testId="open-log" onClick={onOpenLog}>
          Open log
        </Button>
        {live && running && (
          <Button testId="stop" onClick={onStop}>
            Stop
          </Button>
        )}
      </div>
      <ul class="facts" data-testid="run-facts">
        {facts(summary, model).map(({ value, text }) => (
          <li key={text}>
            <b>{value}</b> <span class="dim">{text}</span>
          </li>
        ))}
      </ul>
    </header>
  );
}

function doing(progress: ProgressEvent): string {
  const what = {
    index: 'indexing',
    probe: 'probing files',
    compare: 'looking for leaks',
    fetch: 'fetching weights',
    draw: 'drawing samples',
    measure: 'measuring a few steps',
    decode: 'reading samples',
    evaluate: 'judging held-out samples',
  }[progress.task];
  const where = progress.dataset === undefined ? '' : ` of ${progress.dataset}`;
  const told = progress.task === 'fetch' ? bytes : count;
  return `${what}${where} · ${told(progress.done)} / ${told(progress.total)}`;
}

function facts(summary: RunSummary, model: RunModel): { value: string; text: string }[] {
  const list: { value: string; text: string }[] = [];
  const { step, done } = model;
  const at = step?.step ?? summary.step;
  const steps = step?.steps ?? summary.steps;
  if (steps > 0) list.push({ value: `${count(at)} / ${count(steps)}`, text: 'steps' });
  if (summary.state === 'running' && step) {
    list.push({ value: figures(step.clipsPerSecond), text: 'clips/s' });
    list.push({ value: `${percentNumber(step.waiting, 0)} %`, text: 'waiting for data' });
    if (step.eta !== null) list.push({ value: duration(step.eta), text: 'left' });
  }
  if (done) list.push({ value: duration(done.seconds), text: 'in all' });
  list.push({ value: model.device ?? summary.device, text: 'device' });
  if (model.parameters !== undefined) list.push({ value: millions(model.parameters), text: 'parameters' });
  if (model.problems.length > 0) list.push({ value: plural(model.problems.length, 'problem'), text: 'below' });
  return list;
}

function millions(parameters: number): string {
  return parameters >= 1e6 ? `${(parameters / 1e6).toFixed(1)} M` : `${(parameters / 1e3).toFixed(0)} k`;
}
