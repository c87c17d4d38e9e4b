// The clip view: the clip on the left, what every head says on the right. Neither waits for the other.
import '../base/policy.ts';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type ClipPredictions, type ClipSnapshot, clipHostSurface } from '../../src/protocol/clipView.ts';
import { type Answer, type Failure, failureOf, useAnswer } from '../base/hooks.ts';
import { connectHost } from '../base/host.ts';
import { Empty, Failed, Waiting } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import { Picture } from './picture.tsx';
import { Predictions } from './predictions.tsx';
import '../base/base.css';
import './clip.css';

let onChanged = () => {};
const host = connectHost(clipHostSurface, { 'clipView/changed': () => onChanged() });
const topK = 5;

function Page() {
  const clip = useAnswer('ready', (signal) => host.request('clipView/ready', {}, signal));
  const predictions = useAnswer('predict', (signal) => host.request('clipView/predict', { topK }, signal));
  useEffect(() => {
    onChanged = () => {
      clip.ask();
      predictions.ask();
    };
  }, [clip.ask, predictions.ask]);
  return (
    <main class="clip" data-testid="clip">
      {clip.value ? <Picture clip={clip.value} /> : <Left clip={clip} />}
      <aside class="said" aria-label="Predictions">
        <Said predictions={predictions} truth={clip.value?.truth ?? null} />
      </aside>
    </main>
  );
}

function Left({ clip }: { clip: Answer<ClipSnapshot> }) {
  if (!clip.failure) return <Waiting what="Reading the file…" />;
  return (
    <section class="picture">
      <Failed message={clip.failure.message}>
        <Button onClick={clip.ask}>Try again</Button>
      </Failed>
    </section>
  );
}

function Said({ predictions, truth }: { predictions: Answer<ClipPredictions>; truth: ClipSnapshot['truth'] }) {
  const [failure, setFailure] = useState<Failure>();
  if (predictions.value) return <Predictions predictions={predictions.value} truth={truth} />;
  if (predictions.failure?.code === 'no-run') {
    const train = () =>
      void host.request('clipView/train', {}).then(
        () => setFailure(undefined),
        (error: unknown) => setFailure(failureOf(error)),
      );
    return (
      <div data-testid="no-run">
        <Empty title="No model is trained yet">{predictions.failure.message}</Empty>
        <div class="centre">
          <Button appearance="primary" testId="train" onClick={train}>
            Train CoVeR
          </Button>
        </div>
        {failure && <Failed message={failure.message} />}
      </div>
    );
  }
  if (predictions.failure) {
    return (
      <Failed message={predictions.failure.message}>
        <Button onClick={predictions.ask}>Try again</Button>
      </Failed>
    );
  }
  return <Waiting what="Asking the model…" />;
}

render(<Page />, document.getElementById('root')!);
