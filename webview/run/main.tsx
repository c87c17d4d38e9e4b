// The run view: connects to the host, keeps the run's state, draws at most once a frame.
import '../base/policy.ts';
import { render } from 'preact';
import { runHostSurface } from '../../src/protocol/runView.ts';
import { type Failure, failureOf } from '../base/hooks.ts';
import { connectHost } from '../base/host.ts';
import { Failed, Waiting } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import { RunFeed, type RunState } from './runFeed.ts';
import { RunView } from './runView.tsx';
import '../base/base.css';
import '../charts/charts.css';
import './run.css';

const root = document.getElementById('root')!;
let state: RunState | undefined;
let failure: Failure | undefined;
let drawing = false;

const host = connectHost(runHostSurface, {
  'runView/event': (message) => feed.receive(message),
  'runView/summary': (message) => feed.receive(message),
});

const feed = new RunFeed(
  () => host.request('runView/ready', {}),
  (next) => {
    state = next;
    failure = undefined;
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
  work.catch((error: unknown) => {
    failure = failureOf(error);
    draw();
  });
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
      failure={failure}
      onStop={() => tell(host.request('runView/stop', {}))}
      onOpenEvaluation={(head) => tell(host.request('runView/openEvaluation', head === undefined ? {} : { head }))}
      onOpenLog={() => tell(host.request('runView/openLog', {}))}
      onOpenFile={(file, line) =>
        tell(host.request('runView/openFile', line === undefined ? { file } : { file, line }))
      }
    />
  );
}

draw();
void feed.start();
