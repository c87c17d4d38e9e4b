// The study page: asks the host for the study, and again when one of its runs ended.
import '../base/policy.ts';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type StudyStep, studyHostSurface } from '../../src/protocol/studyView.ts';
import { useAnswer } from '../base/hooks.ts';
import { connectHost } from '../base/host.ts';
import { Failed, Waiting } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import { StudyView } from './studyView.tsx';
import '../base/base.css';
import '../charts/charts.css';
import './study.css';

let onChanged = () => {};
let onStep = (_: StudyStep) => {};
const host = connectHost(studyHostSurface, {
  'studyView/changed': () => onChanged(),
  'studyView/step': (step) => onStep(step),
});

function Page() {
  const ready = useAnswer('ready', (signal) => host.request('studyView/ready', {}, signal));
  const [step, setStep] = useState<StudyStep>();
  useEffect(() => {
    onChanged = ready.ask;
    onStep = setStep;
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
  // A step that was told while the study was read may be newer than it; one of a run before says nothing more.
  const known = ready.value;
  const isNewer = step !== undefined && known.arms.some(({ run, training }) => training && run === step.run);
  const newest = isNewer && step.step >= (known.newest?.run === step.run ? known.newest.step : 0) ? step : known.newest;
  return <StudyView host={host} study={newest ? { ...known, newest } : known} />;
}

render(<Page />, document.getElementById('root')!);
