// The clip view: the clip on the left with what a run says over time, what every head says of the whole on the right. Nothing waits
// for anything else; what takes longest is asked last.
import '../base/policy.ts';
import { render } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { baseName } from '../../src/base/format.ts';
import { type ClipPredictions, type ClipSnapshot, clipHostSurface } from '../../src/protocol/clipView.ts';
import { type Answer, type Failure, failureOf, useAnswer } from '../base/hooks.ts';
import { connectHost } from '../base/host.ts';
import { Empty, Failed, Waiting } from '../base/notes.tsx';
import { Button, Dropdown } from '../base/toolkit.tsx';
import { About } from './about.tsx';
import { takesKeys } from './keys.ts';
import { partKey } from './mediaSource.ts';
import { Picture } from './picture.tsx';
import { Playhead } from './playhead.ts';
import { Predictions } from './predictions.tsx';
import { type Change, type Settings, useSettings } from './settings.ts';
import { TimelineView } from './timeline.tsx';
import { useTimeline } from './timelineFeed.ts';
import '../base/base.css';
import '../charts/charts.css';
import './clip.css';

let onChanged = () => {};
const host = connectHost(clipHostSurface, { 'clipView/changed': () => onChanged() });
/** Classes asked of each head: how many are shown is chosen here. */
const topK = 1000;

function Page() {
  const [settings, change] = useSettings();
  const clip = useAnswer('ready', (signal) => host.request('clipView/ready', {}, signal));
  const playhead = useMemo(() => new Playhead(), []);
  const [facts, setFacts] = useState('');
  const [failure, setFailure] = useState<Failure>();

  // The first file is asked about before the host has said which it is; another one, or
  // another part of it, begins anew.
  const first = useRef<string | undefined>(undefined);
  const part = clip.value && partKey(clip.value);
  first.current ??= part;
  const shown = part === undefined || part === first.current ? '' : part;
  const run = settings.run === null ? {} : { run: settings.run };
  const about = `${shown} ${settings.run ?? ''}`;
  const sample = useAnswer(`sample ${shown}`, (signal) => host.request('clipView/sample', {}, signal));
  const runs = useAnswer('runs', (signal) => host.request('clipView/runs', {}, signal));
  const predictions = useAnswer(about, (signal) => host.request('clipView/predict', { topK, ...run }, signal));
  const isVideo = clip.value?.kind === 'video';
  const judged = predictions.value?.run;
  const seen = useAnswer(`${about} ${judged} ${isVideo}`, async (signal) =>
    judged !== undefined && isVideo ? host.request('clipView/seen', run, signal) : undefined,
  );
  const wantsAttention = settings.attention && judged !== undefined;
  const attention = useAnswer(`${about} ${wantsAttention ? judged : ''}`, async (signal) =>
    wantsAttention ? host.request('clipView/attention', run, signal) : undefined,
  );
  const timeline = useTimeline(
    `${about} ${judged} ${settings.window}`,
    isVideo && judged !== undefined,
    (from, signal) => {
      const window = settings.window === '' ? {} : { window: Number(settings.window) };
      return host.request('clipView/timeline', { from, ...run, ...window }, signal);
    },
  );
  useEffect(() => {
    onChanged = () => {
      clip.ask();
      sample.ask();
      runs.ask();
      predictions.ask();
    };
  }, [clip.ask, sample.ask, runs.ask, predictions.ask]);

  const ask = (work: Promise<unknown>) =>
    void work.then(
      () => setFailure(undefined),
      (error: unknown) => setFailure(failureOf(error)),
    );
  const step = (by: -1 | 1) => ask(host.request('clipView/step', { by }));
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (takesKeys(event) || event.shiftKey) return;
      const key = event.key.toLowerCase();
      if (key === 'a') change({ attention: !settings.attention });
      else if (key === 'p' && sample.value?.hasPrevious) step(-1);
      else if (key === 'n' && sample.value?.hasNext) step(1);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  });

  const truth = sample.value?.truth ?? clip.value?.truth ?? null;
  return (
    <main class="clip" data-testid="clip">
      {clip.value ? (
        <div class="left">
          <Picture
            clip={clip.value}
            attention={wantsAttention ? attention.value : undefined}
            attentionAnswer={wantsAttention ? (attention as Answer<NonNullable<typeof attention.value>>) : undefined}
            seen={seen.value}
            truth={truth?.label}
            onFacts={setFacts}
            {...{ playhead, settings, change }}
          />
          {isVideo && (
            <TimelineView
              name={baseName(clip.value.file)}
              isSaid={clip.value.frames !== undefined}
              {...{ timeline, playhead, settings, change }}
            />
          )}
          <About
            clip={clip.value}
            sample={sample.value}
            facts={facts}
            step={step}
            edit={(edit) => ask(host.request('clipView/edit', { edit }))}
            copyCli={() => ask(host.request('clipView/copyCli', { ...run, top: shownClasses(settings) }))}
          />
          {failure && <Failed message={failure.message} />}
        </div>
      ) : (
        <Left clip={clip} />
      )}
      <aside class="said" aria-label="Predictions">
        <Chooser
          runs={runs.value ?? []}
          opened={clip.value?.run ?? null}
          judged={judged}
          settings={settings}
          change={change}
        />
        <Said predictions={predictions} truth={truth} most={shownClasses(settings)} />
      </aside>
    </main>
  );
}

function shownClasses({ classes }: Settings): number {
  return classes === 'all' ? topK : Number(classes);
}

interface ChooserProps {
  runs: readonly { run: string; detail: string }[];
  /** The run that the view was opened for; null: the newest one. */
  opened: string | null;
  judged: string | undefined;
  settings: Settings;
  change: Change;
}

/** Which run is asked, and how many classes are shown of each head. */
function Chooser({ runs, opened, judged, settings, change }: ChooserProps) {
  if (runs.length === 0 && judged === undefined) return null;
  const known = settings.run === null || runs.some(({ run }) => run === settings.run);
  const options = [
    { value: '', text: opened ?? (settings.run === null && judged !== undefined ? `newest: ${judged}` : 'the newest') },
    ...runs.filter(({ run }) => run !== opened).map(({ run, detail }) => ({ value: run, text: `${run}  ${detail}` })),
    ...(known ? [] : [{ value: settings.run!, text: settings.run! }]),
  ];
  return (
    <div class="chooser">
      <Dropdown
        // The element does not follow an option whose text changes.
        key={options[0]!.text}
        label="model"
        value={settings.run ?? ''}
        options={options}
        onChange={(run) => change({ run: run === '' ? null : run })}
        testId="run"
      />
      <Dropdown
        label="top"
        value={settings.classes}
        options={(['1', '5', '10', 'all'] as const).map((value) => ({ value, text: value }))}
        onChange={(classes) => change({ classes })}
        testId="classes"
      />
    </div>
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

interface SaidProps {
  predictions: Answer<ClipPredictions>;
  truth: ClipSnapshot['truth'];
  most: number;
}

function Said({ predictions, truth, most }: SaidProps) {
  const [failure, setFailure] = useState<Failure>();
  if (predictions.value) return <Predictions predictions={predictions.value} truth={truth} most={most} />;
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
