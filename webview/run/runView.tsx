// The run as a page: title line, stages, charts, how every head does, its checkpoints, what was wrong on the way, and its log.
import { count } from '../../src/base/format.ts';
import type { CheckpointInfo } from '../../src/protocol/runHistory.ts';
import type { RunAction } from '../../src/protocol/runView.ts';
import type { Failure } from '../base/hooks.ts';
import { Failed } from '../base/notes.tsx';
import { CheckpointList } from './checkpointList.tsx';
import { CompareBar } from './compareBar.tsx';
import { HeadTable } from './headTable.tsx';
import { LogPanel } from './logPanel.tsx';
import type { OtherRun } from './others.ts';
import { ProblemList } from './problemList.tsx';
import { RunCharts } from './runCharts.tsx';
import type { RunState } from './runFeed.ts';
import { StageLine } from './stageLine.tsx';
import { isResumable, TitleLine } from './titleLine.tsx';

/** What the person set, and finds again after a reload. */
export interface RunSettings {
  /** Weight of the past in the loss's moving average, 0 … 0.99. */
  smoothing: number;
  /** Runs drawn on the same axes. */
  compared: string[];
  logOpen: boolean;
}

export interface RunViewProps {
  state: RunState;
  settings: RunSettings;
  others: readonly OtherRun[];
  /** Undefined until the host has told them. */
  checkpoints: readonly CheckpointInfo[] | undefined;
  /** The last thing asked of the host that failed. */
  failure: Failure | undefined;
  onSettings: (change: Partial<RunSettings>) => void;
  onDo: (action: RunAction) => void;
  onAddRuns: () => void;
  onRemoveRun: (run: string) => void;
  onReveal: (checkpoint: string) => void;
  onReadLog: () => Promise<{ tail: string }>;
  onOpenEvaluation: (head?: string) => void;
  onOpenFile: (file: string, line?: number) => void;
}

const noneKnown: readonly CheckpointInfo[] = [];

export function RunView(props: RunViewProps) {
  const { state, settings, others, failure, onSettings, onDo, onOpenEvaluation } = props;
  const checkpoints = props.checkpoints ?? noneKnown;
  const { summary, model, stopping } = state;
  const running = summary.state === 'running';
  return (
    <main class="page" data-testid="run" data-state={summary.state} data-step={model.step?.step ?? 0}>
      <TitleLine
        summary={summary}
        model={model}
        stopping={stopping}
        onDo={onDo}
        onOpenEvaluation={() => onOpenEvaluation()}
      />
      <StageLine model={model} />
      {(summary.state === 'failed' || summary.state === 'interrupted') && (
        <Failed message={summary.error ?? afterword(summary.state)} />
      )}
      {isResumable(summary) && props.checkpoints && (
        <p class="dim" data-testid="resume-says">
          {resumeSentence(props.checkpoints)}
        </p>
      )}
      {failure && <Failed message={failure.message} />}
      <CompareBar others={others} onAdd={props.onAddRuns} onRemove={props.onRemoveRun} />
      <RunCharts
        run={summary.run}
        model={model}
        others={others}
        checkpoints={checkpoints}
        running={running}
        smoothing={settings.smoothing}
        onSmoothing={(smoothing) => onSettings({ smoothing })}
      />
      <HeadTable model={model} protocol={model.protocol ?? summary.protocol} onOpenEvaluation={onOpenEvaluation} />
      <CheckpointList
        checkpoints={checkpoints}
        model={model}
        resumable={isResumable(summary)}
        onDo={onDo}
        onReveal={props.onReveal}
      />
      <ProblemList problems={model.problems} onOpenFile={props.onOpenFile} />
      <LogPanel
        model={model}
        running={running}
        open={settings.logOpen}
        onToggle={(logOpen) => onSettings({ logOpen })}
        onRead={props.onReadLog}
        onOpenLog={() => onDo('openLog')}
      />
    </main>
  );
}

/** What Resume does. */
export function resumeSentence(checkpoints: readonly CheckpointInfo[]): string {
  const newest = checkpoints.find((checkpoint) => checkpoint.newest);
  if (!newest) return 'Resume begins at the first step: no checkpoint was written yet.';
  const from = `Resume goes on after step ${count(newest.step)}, from the newest checkpoint, as if the run had not been stopped.`;
  const spare = checkpoints.length > 1 ? ' The one before it is used only where the newest is damaged.' : '';
  return `${from} What was trained after that step is trained again.${spare}`;
}

function afterword(state: 'failed' | 'interrupted'): string {
  if (state === 'failed') return 'The run failed without saying why. Open the log to see its last lines.';
  return 'The run was interrupted: its process ended before it was done. The checkpoints up to there are kept.';
}
