// The evaluation view: asks the host what there is, and again when it changed.
import '../base/policy.ts';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { evaluationHostSurface } from '../../src/protocol/evaluationView.ts';
import { useAnswer } from '../base/hooks.ts';
import { connectHost } from '../base/host.ts';
import { Failed, Waiting } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import { EvaluationView } from './evaluationView.tsx';
import '../base/base.css';
import './evaluation.css';

let onChanged = () => {};
const host = connectHost(evaluationHostSurface, { 'evaluationView/changed': () => onChanged() });

function Page() {
  const [version, setVersion] = useState(0);
  const ready = useAnswer('ready', (signal) => host.request('evaluationView/ready', {}, signal));
  useEffect(() => {
    onChanged = () => {
      setVersion((old) => old + 1);
      ready.ask();
    };
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
  return <EvaluationView host={host} snapshot={ready.value} version={version} />;
}

render(<Page />, document.getElementById('root')!);
