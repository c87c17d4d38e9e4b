// The evaluation view: asks the host what there is, and again when it changed.
import '../base/policy.ts';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { evaluationHostSurface } from '../../src/protocol/evaluationView.ts';
import { useAnswer } from '../base/hooks.ts';
import { connectHost } from '../base/host.ts';
import { Failed, Waiting } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import { type Change, EvaluationView } from './evaluationView.tsx';
import '../base/base.css';
import '../charts/charts.css';
import './evaluation.css';

let onChanged = (_change: Omit<Change, 'version'>) => {};
let onEdited = () => {};
const host = connectHost(evaluationHostSurface, {
  'evaluationView/changed': ({ head, other }) => onChanged({ head, other }),
  'evaluationView/edited': () => onEdited(),
});

function Page() {
  const [change, setChange] = useState<Change>({ version: 0, head: undefined, other: undefined });
  const [edits, setEdits] = useState(0);
  const ready = useAnswer('ready', (signal) => host.request('evaluationView/ready', {}, signal));
  useEffect(() => {
    onChanged = (told) => {
      setChange((old) => ({ version: old.version + 1, ...told }));
      ready.ask();
    };
    onEdited = () => setEdits((old) => old + 1);
  }, [ready.ask]);
  if (ready.failure) {
    return (
      <div class="page">
        <Failed message={ready.failure.message}>
          <Button onClick={ready.ask}>Try again</Button>
        </Failed>
      </div>
    );
  }
  if (!ready.value) return <Waiting what="Reading the evaluation…" />;
  return <EvaluationView host={host} snapshot={ready.value} change={change} edits={edits} />;
}

render(<Page />, document.getElementById('root')!);
