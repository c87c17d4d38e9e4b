// The run as a page: title line, stages, three charts, how every head does, and what was wrong on the way.
import { useMemo } from 'preact/hooks';
import { figures, percentNumber } from '../../src/base/format.ts';
import type { Failure } from '../base/hooks.ts';
import { Failed } from '../base/notes.tsx';
import { seriesColor } from '../base/theme.ts';
import { LineChart } from '../charts/lineChart.tsx';
import { PlannedBars } from '../charts/plannedBars.tsx';
import { smooth } from '../charts/points.ts';
import { HeadTable } from './headTable.tsx';
import { ProblemList } from './problemList.tsx';
import type { RunState } from './runFeed.ts';
import { type HeadLines, planned, type RunModel } from './runModel.ts';
import { StageLine } from './stageLine.tsx';
import { TitleLine } from './titleLine.tsx';

export interface RunViewProps {
  state: RunState;
  /** The last thing asked of the host that failed. */
  failure: Failure | undefined;
  onStop: () => void;
  onOpenEvaluation: (head?: string) => void;
  onOpenLog: () => void;
  onOpenFile: (file: string, line?: number) => void;
}

export function RunView({ state, failure, onStop, onOpenEvaluation, onOpenLog, onOpenFile }: RunViewProps) {
  const { summary, model, live } = state;
  return (
    <main class="page" data-testid="run" data-state={summary.state} data-step={model.step?.step ?? 0}>
      <TitleLine
        summary={summary}
        model={model}
        live={live}
        onStop={onStop}
        onOpenEvaluation={() => onOpenEvaluation()}
        onOpenLog={onOpenLog}
      />
      <StageLine model={model} />
      {(summary.state === 'failed' || summary.state === 'interrupted') && (
        <Failed message={summary.error ?? afterword(summary.state)} />
      )}
      {failure && <Failed message={failure.message} />}
      <Charts run={summary.run} model={model} running={summary.state === 'running'} />
      <HeadTable model={model} onOpenEvaluation={onOpenEvaluation} />
      <ProblemList problems={model.problems} onOpenFile={onOpenFile} />
    </main>
  );
}

function afterword(state: 'failed' | 'interrupted'): string {
  if (state === 'failed') return 'The run failed without saying why. Open the log to see its last lines.';
  return 'The run was interrupted: its process ended before it was done. The checkpoints up to there are kept.';
}

function Charts({ run, model, running }: { run: string; model: RunModel; running: boolean }) {
  const step = model.step?.step ?? 0;
  const steps = model.step?.steps ?? model.stages.reduce((sum, stage) => sum + stage.steps, 0);
  const xDomain = useMemo(() => [0, Math.max(1, steps)] as const, [steps]);
  const marks = model.stages.length > 1 ? model.stages.map((stage) => ({ x: stage.offset, text: stage.title })) : [];
  // Single steps are noisy: past a screenful the line is smoothed and the steps stay behind it.
  const smoothed = model.loss.x.length > 60;
  const lossSeries = model.heads.map((head, i) => ({
    name: head.name,
    color: seriesColor(i),
    points: smoothed ? smooth(head.loss, 0.94) : head.loss,
    ...(smoothed && { faint: head.loss }),
  }));
  const top1Series = model.heads.map((head, i) => ({ name: head.name, color: seriesColor(i), points: head.top1 }));
  return (
    <div class="charts">
      <LineChart
        testId="chart-loss"
        title="Loss per head"
        name={`${run} loss`}
        subtitle={smoothed ? 'smoothed; faint: each step' : 'cross entropy, each step'}
        xName="step"
        xDomain={xDomain}
        series={lossSeries}
        marks={marks}
        valueText={figures}
        empty={running ? 'The first step is being computed.' : 'No step was trained.'}
      />
      <LineChart
        testId="chart-top1"
        title="Top-1 per head"
        name={`${run} top-1`}
        subtitle="held-out samples, %"
        xName="step"
        xDomain={xDomain}
        yDomain={[0, 1]}
        yText={(share) => percentNumber(share, 0)}
        dots
        series={top1Series}
        marks={marks}
        valueText={(share) => percentNumber(share)}
        empty={running ? 'The first epoch’s judgement comes when it ends.' : 'No epoch was finished.'}
      />
      <PlannedBars
        name={`${run} samples drawn`}
        bars={drawnBars(model, step, steps)}
        empty={running ? 'Counted from the first step on.' : 'No sample was drawn.'}
      />
    </div>
  );
}

function drawnBars(model: RunModel, step: number, steps: number) {
  const drawn = model.step?.drawn;
  if (!drawn) return [];
  const names = model.heads.map((head: HeadLines) => head.name);
  for (const name of Object.keys(drawn)) if (!names.includes(name)) names.push(name);
  return names.map((name, i) => ({
    name,
    color: seriesColor(i),
    drawn: drawn[name] ?? 0,
    planned: planned(model, name, step),
    total: planned(model, name, steps),
  }));
}
