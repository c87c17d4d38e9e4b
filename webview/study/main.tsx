// The study page: asks the host for the study, and again when one of its runs ended.
import '../base/policy.ts';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { studyHostSurface } from '../../src/protocol/studyView.ts';
import { useAnswer } from '../base/hooks.ts';
import { connectHost } from '../base/host.ts';
import { Failed, Waiting } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import { StudyView } from './studyView.tsx';
import '../base/base.css';
import '../charts/charts.css';
import './study.css';

let onChanged = () => {};
const host = connectHost(studyHostSurface, { 'studyView/changed': () => onChanged() });

function Page() {
  const ready = useAnswer('ready', (signal) => host.request('studyView/ready', {}, signal));
  useEffect(() => {
    onChanged = ready.ask;
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
  if (!ready.value) return <Waiting what="Reading the study…" />;
  return <StudyView host={host} study={ready.value} />;
}

render(<Page />, document.getElementById('root')!);
