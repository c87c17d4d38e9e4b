// The run view: connects to the host, keeps the run's state and what it is compared with, draws at most once a frame.
import '../base/policy.ts';
import { render } from 'preact';
import { z } from 'zod';
import type { CheckpointInfo } from '../../src/protocol/runHistory.ts';
import { type RunAction, runHostSurface } from '../../src/protocol/runView.ts';
import { type Failure, failureOf } from '../base/hooks.ts';
import { connectHost, recall, remember } from '../base/host.ts';
import { Failed, Waiting } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import type { OtherRun } from './others.ts';
import { modelOf, RunFeed, type RunState } from './runFeed.ts';
import { type RunSettings, RunView } from './runView.tsx';
import '../base/base.css';
import '../charts/charts.css';
import './run.css';

const remembered = z.object({
  smoothing: z.number().min(0).max(0.99),
  compared: z.array(z.string()),
  logOpen: z.boolean(),
});

const root = document.getElementById('root')!;
let state: RunState | undefined;
let settings: RunSettings = recall(remembered) ?? { smoothing: 0.94, compared: [], logOpen: false };
let others: OtherRun[] = [];
let checkpoints: CheckpointInfo[] | undefined;
/** What the list of checkpoints was read for. */
let listedFor = '';
let failure: Failure | undefined;
let drawing = false;

const host = connectHost(runHostSurface, {
  'runView/events': (message) => feed.receive(message),
  'runView/summary': (message) => feed.receive(message),
  'runView/compareWith': ({ run }) => add([run]),
});

const feed = new RunFeed(
  () => host.request('runView/ready', {}),
  (next) => {
    const isFirst = state === undefined;
    state = next;
    if (isFirst) add(settings.compared);
    failure = undefined;
    listCheckpoints(next);
    draw();
  },
  (error) => {
    failure = failureOf(error);
    draw();
  },
);

/** Events may arrive faster than the screen shows them. */
function draw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    render(<Page />, root);
  });
}

function tell(work: Promise<unknown>): void {
  failure = undefined;
  work.catch((error: unknown) => {
    failure = failureOf(error);
    draw();
  });
}

function change(next: Partial<RunSettings>): void {
  settings = { ...settings, ...next };
  remember(settings);
  draw();
}

/** Checkpoints come with epochs, and when a run ends. */
function listCheckpoints({ summary, model }: RunState): void {
  const wanted = `${summary.state} ${model.checkpoints.length} ${model.checkpoints.at(-1)?.step}`;
  if (wanted === listedFor) return;
  listedFor = wanted;
  tell(
    host.request('runView/checkpoints', {}).then((found) => {
      checkpoints = found;
      draw();
    }),
  );
}

function add(runs: readonly string[]): void {
  if (!state) {
    // Drawn with those that were compared before, once it is known which run this is.
    change({ compared: [...new Set([...settings.compared, ...runs])] });
    return;
  }
  for (const run of runs) {
    if (run === state.summary.run || others.some((other) => other.run === run)) continue;
    others = [...others, { run }];
    const set = (found: Omit<OtherRun, 'run'>) => {
      others = others.map((other) => (other.run === run ? { run, ...found } : other));
      draw();
    };
    host.request('runView/other', { run }).then(
      ({ summary, events }) => set({ summary, model: modelOf(events) }),
      (error: unknown) => set({ failure: failureOf(error).message }),
    );
  }
  change({ compared: others.map(({ run }) => run) });
}

function removeRun(run: string): void {
  others = others.filter((other) => other.run !== run);
  change({ compared: others.map((other) => other.run) });
}

async function pickRuns(): Promise<void> {
  const shown = [...others.map(({ run }) => run), ...(state ? [state.summary.run] : [])];
  add(await host.request('runView/pickRuns', { shown }));
}

function Page() {
  if (!state && failure) {
    return (
      <div class="page">
        <Failed message={failure.message}>
          <Button onClick={() => void feed.start()}>Try again</Button>
        </Failed>
      </div>
    );
  }
  if (!state) return <Waiting what="Reading the run…" />;
  return (
    <RunView
      state={state}
      settings={settings}
      others={others}
      checkpoints={checkpoints}
      failure={failure}
      onSettings={change}
      onDo={(action: RunAction) => tell(host.request('runView/do', { action }))}
      onAddRuns={() => tell(pickRuns())}
      onRemoveRun={removeRun}
      onReveal={(checkpoint) => tell(host.request('runView/reveal', { checkpoint }))}
      onReadLog={() => host.request('runView/log', {})}
      onOpenEvaluation={(head) => tell(host.request('runView/openEvaluation', head === undefined ? {} : { head }))}
      onOpenFile={(file, line) =>
        tell(host.request('runView/openFile', line === undefined ? { file } : { file, line }))
      }
    />
  );
}

draw();
void feed.start();
