// The run in one line: its name and state, how far and how fast, and what can be done with it.

import { bytes, count, duration, figures, percentNumber, plural } from '../../src/base/format.ts';
import type { RunSummary } from '../../src/protocol/runs.ts';
import type { RunAction } from '../../src/protocol/runView.ts';
import { Button } from '../base/toolkit.tsx';
import { ChartMenu } from '../charts/chartMenu.tsx';
import type { ProgressEvent, RunModel } from './runModel.ts';

interface TitleLineProps {
  summary: RunSummary;
  model: RunModel;
  stopping: boolean;
  onDo: (action: RunAction) => void;
  onOpenEvaluation: () => void;
}

const states: Record<RunSummary['state'], string> = {
  running: 'training',
  done: 'done',
  cancelled: 'stopped',
  failed: 'failed',
  interrupted: 'interrupted',
};

export function TitleLine({ summary, model, stopping, onDo, onOpenEvaluation }: TitleLineProps) {
  const running = summary.state === 'running';
  const resumable = isResumable(summary);
  const judged = model.heads.some((head) => head.last !== undefined) || Object.keys(summary.heads).length > 0;
  return (
    <header class="title-line">
      <h1 class="clip-text" title={`${summary.run}\n${summary.folder}`}>
        {summary.run}
      </h1>
      <span class={`state state-${summary.state}`} data-testid="run-state">
        <span class="dot" aria-hidden="true" />
        {stateText(summary, model, stopping)}
      </span>
      <span class="spread" />
      <div class="row">
        {judged && (
          <Button testId="open-evaluation" appearance={running ? 'secondary' : 'primary'} onClick={onOpenEvaluation}>
            Open evaluation
          </Button>
        )}
        {resumable && (
          <Button testId="resume" onClick={() => onDo('resume')}>
            Resume
          </Button>
        )}
        {summary.state === 'failed' && (
          <Button testId="retry" label="Train anew with the same choices" onClick={() => onDo('retry')}>
            Retry
          </Button>
        )}
        {running && !stopping && (
          <Button testId="stop" label="Stop after this step, with a checkpoint" onClick={() => onDo('stop')}>
            Stop
          </Button>
        )}
        {running && stopping && (
          <Button
            testId="stop-now"
            label="Do not wait for the step: the last checkpoint remains"
            onClick={() => onDo('stopNow')}
          >
            Stop now
          </Button>
        )}
        <ChartMenu label="More actions" items={menuOf(running, onDo)} />
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

function stateText({ state }: RunSummary, { progress }: RunModel, stopping: boolean): string {
  if (state === 'running' && stopping) return 'stopping after this step';
  return state === 'running' && progress ? doing(progress) : states[state];
}

/** As the Runs tree has it: what ended before its time can be gone on with. */
export function isResumable({ state }: Pick<RunSummary, 'state'>): boolean {
  return state === 'cancelled' || state === 'interrupted' || state === 'failed';
}

function menuOf(running: boolean, onDo: (action: RunAction) => void) {
  const item = (text: string, action: RunAction) => ({ text, run: () => onDo(action) });
  return [
    ...(running ? [item('Stop now', 'stopNow')] : [item('Evaluate', 'evaluate')]),
    item('Export ONNX…', 'exportOnnx'),
    item('Open experiment.json', 'openExperiment'),
    item('Compare settings with…', 'compareSettings'),
    item('Copy as CLI command', 'copyCli'),
    item('Reveal run', 'reveal'),
    item('Open log', 'openLog'),
  ];
}

function doing(progress: ProgressEvent): string {
  const what = {
    search: 'searching',
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
    list.push({ value: rateText(step.learningRate), text: 'learning rate' });
    if (step.eta !== null) list.push({ value: duration(step.eta), text: 'left' });
  }
  if (done) list.push({ value: duration(done.seconds), text: 'in all' });
  list.push({ value: model.device ?? summary.device, text: 'device' });
  if (model.parameters !== undefined) list.push({ value: millions(model.parameters), text: 'parameters' });
  if (model.problems.length > 0) list.push({ value: plural(model.problems.length, 'problem'), text: 'below' });
  return list;
}

/** A learning rate: 0.001, or 2.5e-5. */
export function rateText(rate: number): string {
  return rate === 0 || rate >= 1e-4 ? String(Number(rate.toPrecision(3))) : rate.toExponential(1);
}

function millions(parameters: number): string {
  return parameters >= 1e6 ? `${(parameters / 1e6).toFixed(1)} M` : `${(parameters / 1e3).toFixed(0)} k`;
}
