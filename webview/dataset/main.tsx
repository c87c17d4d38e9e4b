// The dataset page: asks the host what dataset there is, and again when the index or predictions changed.
import '../base/policy.ts';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type DatasetSnapshot, datasetHostSurface } from '../../src/protocol/datasetView.ts';
import { useAnswer } from '../base/hooks.ts';
import { connectHost } from '../base/host.ts';
import { Failed, Waiting } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import { DatasetView } from './datasetView.tsx';
import '../base/base.css';
import '../charts/charts.css';
import './dataset.css';

type Goal = Pick<DatasetSnapshot, 'filters' | 'predictions'>;

let onChanged = () => {};
let onShow = (_goal: Goal) => {};
const host = connectHost(datasetHostSurface, {
  'datasetView/changed': () => onChanged(),
  'datasetView/show': (goal) => onShow(goal as Goal),
});

function Page() {
  const [version, setVersion] = useState(0);
  const [goal, setGoal] = useState<Goal>();
  const [snapshot, setSnapshot] = useState<DatasetSnapshot>();
  const ready = useAnswer('ready', (signal) => host.request('datasetView/ready', {}, signal));
  useEffect(() => {
    onChanged = () => {
      setVersion((old) => old + 1);
      ready.ask();
    };
    onShow = setGoal;
  }, [ready.ask]);
  useEffect(() => {
    if (ready.value) setSnapshot(ready.value);
  }, [ready.value]);
  if (ready.failure) {
    return (
      <div class="dataset-page">
        <Failed message={ready.failure.message}>
          <Button onClick={ready.ask}>Try again</Button>
        </Failed>
      </div>
    );
  }
  if (!snapshot) return <Waiting what="Opening the dataset…" />;
  return (
    <DatasetView host={host} snapshot={snapshot} version={version} goal={goal} onReached={() => setGoal(undefined)} />
  );
}

render(<Page />, document.getElementById('root')!);
