// The charts of a run, all over the same steps: loss, accuracy, samples drawn, learning rate, throughput and waiting for data.
import { useMemo, useState } from 'preact/hooks';
import { figures, percentNumber } from '../../src/base/format.ts';
import type { CheckpointInfo } from '../../src/protocol/runHistory.ts';
import { seriesColor } from '../base/theme.ts';
import { LineChart } from '../charts/lineChart.tsx';
import { PlannedBars } from '../charts/plannedBars.tsx';
import { bestAt } from './checkpointList.tsx';
import { type Drawn, type OtherRun, seriesOf } from './others.ts';
import { axisEnd, planned, type RunModel, stepsOf } from './runModel.ts';
import { SmoothingSlider } from './smoothingSlider.tsx';
import { rateText } from './titleLine.tsx';

interface RunChartsProps {
  run: string;
  model: RunModel;
  others: readonly OtherRun[];
  checkpoints: readonly CheckpointInfo[];
  running: boolean;
  smoothing: number;
  onSmoothing: (weight: number) => void;
}

/** Below so many points single steps are seen as they are. */
const fewPoints = 30;

const shares = [0, 1] as const;
const wholePercent = (share: number) => percentNumber(share, 0);
const finePercent = (share: number) => percentNumber(share);
const smallHeight = 132;

export function RunCharts({ run, model, others, checkpoints, running, smoothing, onSmoothing }: RunChartsProps) {
  const { version } = model;
  const [readAt, onRead] = useState<number>();
  const step = model.step?.step ?? 0;
  const end = Math.max(axisEnd(model), ...others.map((other) => (other.model ? axisEnd(other.model) : 0)));
  const weight = model.loss.x.length > fewPoints ? smoothing : 0;
  const xDomain = useMemo(() => [0, end] as const, [end]);
  // The model is one object that changes: `version` stands for its content.
  const marks = useMemo(() => {
    const all = model.stages.map((stage) => ({ x: stage.offset, text: stage.title }));
    return all.length > 1 ? all.filter(({ x }) => x < end) : [];
  }, [model, version, end]);
  const pins = useMemo(
    () => checkpoints.map((each) => ({ x: each.step, text: pinText(each, model) })),
    [checkpoints, model, version],
  );
  const lines = useMemo(() => {
    const of = (drawn: Drawn, smoothed = 0) => seriesOf(run, model, others, drawn, smoothed);
    return {
      loss: of({ heads: (head) => head.loss }, weight),
      top1: of({ heads: (head) => head.top1 }),
      rate: of({ whole: { name: 'learning rate', line: (told) => told.learningRate } }),
      speed: of({ whole: { name: 'clips/s', line: (told) => told.clipsPerSecond } }),
      waiting: of({ whole: { name: 'waiting', line: (told) => told.waiting } }),
    };
  }, [run, model, version, others, weight]);
  const empty = running ? 'The first step is being computed.' : 'No step was trained.';
  const common = { xName: 'step', xDomain, marks, readAt, onRead, empty };
  const protocol = model.protocol === undefined ? '' : `, ${model.protocol}`;
  return (
    <div class="charts">
      <LineChart
        {...common}
        testId="chart-loss"
        title="Loss per head"
        name={`${run} loss`}
        subtitle={weight > 0 ? 'smoothed; faint: each step' : 'cross entropy, each step'}
        tools={<SmoothingSlider value={smoothing} onChange={onSmoothing} />}
        series={lines.loss}
        pins={pins}
        valueText={figures}
      />
      <LineChart
        {...common}
        testId="chart-top1"
        title="Top-1 per head"
        name={`${run} top-1`}
        subtitle={`held-out samples, %${protocol}`}
        yDomain={shares}
        yText={wholePercent}
        dots
        series={lines.top1}
        pins={pins}
        valueText={finePercent}
        empty={running ? 'The first epoch’s judgement comes when it ends.' : 'No epoch was finished.'}
      />
      <PlannedBars
        name={`${run} samples drawn`}
        bars={drawnBars(model, step, stepsOf(model))}
        empty={running ? 'Counted from the first step on.' : 'No sample was drawn.'}
      />
      <LineChart
        {...common}
        testId="chart-rate"
        title="Learning rate"
        name={`${run} learning rate`}
        height={smallHeight}
        series={lines.rate}
        yText={rateText}
        valueText={rateText}
      />
      <LineChart
        {...common}
        testId="chart-speed"
        title="Throughput"
        name={`${run} throughput`}
        subtitle="clips/s"
        height={smallHeight}
        series={lines.speed}
        valueText={figures}
      />
      <LineChart
        {...common}
        testId="chart-waiting"
        title="Waiting for data"
        name={`${run} waiting for data`}
        subtitle="share of the time, %"
        height={smallHeight}
        series={lines.waiting}
        yDomain={shares}
        yText={wholePercent}
        valueText={wholePercent}
      />
    </div>
  );
}

function pinText({ step }: CheckpointInfo, model: RunModel): string {
  const best = bestAt(model, step);
  return best.length > 0 ? `checkpoint, best of ${best.join(', ')}` : 'checkpoint';
}

function drawnBars(model: RunModel, step: number, steps: number) {
  const drawn = model.step?.drawn;
  if (!drawn) return [];
  const names = model.heads.map((head) => head.name);
  for (const name of Object.keys(drawn)) if (!names.includes(name)) names.push(name);
  return names.map((name, i) => ({
    name,
    color: seriesColor(i),
    drawn: drawn[name] ?? 0,
    planned: planned(model, name, step),
    total: planned(model, name, steps),
  }));
}
