// The Train page: keeps the draft, asks what it comes to at every change, and does what its buttons say by asking the host.
import '../base/policy.ts';
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { z } from 'zod';
import { CancelledError, messageOf } from '../../src/base/errors.ts';
import { type Draft, draftSchema, type Measured, type TrainPlan } from '../../src/protocol/trainPlan.ts';
import { trainHostSurface } from '../../src/protocol/trainView.ts';
import { connectHost, recall, remember } from '../base/host.ts';
import type { KnownDevice } from './devicePart.tsx';
import { changed, withSetting } from './draft.ts';
import { TrainView, type TrainViewProps } from './trainView.tsx';
import '../base/base.css';
import './train.css';

/** A change is asked about once no other has followed for so long, in ms: typing asks once. */
const quietMs = 120;

const keptSchema = z.object({ draft: draftSchema, more: z.boolean() });
const kept = recall(keptSchema);

type Refresh = (draft?: Draft) => void;
let refresh: Refresh = () => {};
const host = connectHost(trainHostSurface, {
  'trainView/changed': () => refresh(),
  'trainView/show': ({ draft }) => refresh(draft),
});

function Page() {
  const [draft, setDraft] = useState<Draft | undefined>(kept?.draft);
  const [more, setMore] = useState(kept?.more ?? false);
  const [version, setVersion] = useState(0);
  const [failure, setFailure] = useState<string>();
  const [notice, setNotice] = useState<TrainViewProps['notice']>();
  const [devices, setDevices] = useState<KnownDevice[]>();
  const [starting, setStarting] = useState(false);
  const { plan, waiting, planFailure } = usePlan(draft, version);
  const measuring = useMeasuring(draft);

  useEffect(() => {
    refresh = (next) => {
      if (next) setDraft(next);
      setVersion((old) => old + 1);
    };
    host
      .request('trainView/ready', {})
      .then((first) => setDraft((old) => (first.isWanted ? first.draft : (old ?? first.draft))), tell);
    host.request('trainView/devices', {}).then(setDevices, tell);
  }, []);
  useEffect(() => {
    if (draft) remember({ draft, more });
  }, [draft, more]);

  const tell = (error: unknown) => {
    if (!(error instanceof CancelledError)) setFailure(messageOf(error));
  };
  const act = async (work: () => Promise<unknown>) => {
    setFailure(undefined);
    setNotice(undefined);
    await work().catch(tell);
  };
  const change = (next: Draft) => {
    setFailure(undefined);
    setNotice(undefined);
    setDraft(next);
  };
  const save = (current: Draft, name: string) =>
    act(async () => {
      const saved = await host.request('trainView/save', { draft: current, name });
      if (saved.name === null) return;
      setDraft({ experiment: saved.name, edits: [], flips: {} });
      setVersion((old) => old + 1);
      const text =
        saved.changes === 0
          ? `${saved.file} says so already: nothing was changed.`
          : `Saved as “${saved.name}” in ${saved.file}.`;
      setNotice({ text, changes: saved.changes > 0 });
    });
  const current = draft ?? { edits: [], flips: {} };
  return (
    <TrainView
      draft={current}
      plan={plan}
      waiting={waiting}
      failure={failure ?? planFailure}
      notice={notice}
      devices={devices}
      measuring={measuring}
      starting={starting}
      more={more}
      onMore={setMore}
      onChange={change}
      onSet={(path, value) => change(changed(current, plan?.base ?? {}, path, value))}
      onStart={() =>
        act(async () => {
          setStarting(true);
          await host.request('trainView/start', { draft: current }).finally(() => setStarting(false));
        })
      }
      onSave={(name) => void save(current, name)}
      onShowSaved={() => void host.request('trainView/showSaved', {}).catch(tell)}
      onCopy={() => act(() => host.request('trainView/copyCli', { draft: current }))}
      onPickWeights={() =>
        act(async () => {
          const { weights } = await host.request('trainView/pickWeights', {});
          if (weights !== null) change(withSetting(current, ['model', 'weights'], weights));
        })
      }
      onAddDataset={() => act(() => host.request('trainView/addDataset', {}))}
      onOpenConfig={() => act(() => host.request('trainView/openConfig', { file: plan?.file ?? null }))}
      onRetry={() => setVersion((old) => old + 1)}
    />
  );
}

/** What the draft comes to. The last plan stays while a newer question is open; an older question is aborted. */
function usePlan(draft: Draft | undefined, version: number) {
  const [answer, setAnswer] = useState<{ plan: TrainPlan; draft: Draft; version: number }>();
  const [planFailure, setPlanFailure] = useState<string>();
  const first = useRef(true);
  useEffect(() => {
    if (!draft) return;
    const controller = new AbortController();
    const ask = () =>
      host.request('trainView/plan', { draft }, controller.signal).then(
        (next) => {
          if (controller.signal.aborted) return;
          // While something must be mended, the defaults of before stay in their fields.
          setAnswer((last) => {
            const settings = next.needs || next.stages.length > 0 ? next.settings : (last?.plan.settings ?? {});
            return { plan: { ...next, settings }, draft, version };
          });
          setPlanFailure(undefined);
        },
        (error: unknown) => {
          if (controller.signal.aborted || error instanceof CancelledError) return;
          setPlanFailure(messageOf(error));
        },
      );
    const timer = setTimeout(() => void ask(), first.current ? 0 : quietMs);
    first.current = false;
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [draft, version]);
  // From the very change on: a start must never be of a draft that nobody has looked at.
  const waiting = answer?.draft !== draft || answer?.version !== version;
  return { plan: answer?.plan, waiting, planFailure };
}

function useMeasuring(draft: Draft | undefined) {
  const [result, setResult] = useState<{ measured: Measured; draft: string }>();
  const [controller, setController] = useState<AbortController>();
  const [failure, setFailure] = useState<string>();
  const start = () => {
    if (!draft || controller) return;
    const now = new AbortController();
    setController(now);
    setFailure(undefined);
    host
      .request('trainView/measure', { draft }, now.signal)
      .then(
        (measured) => setResult({ measured, draft: JSON.stringify(draft) }),
        (error: unknown) => {
          if (!(error instanceof CancelledError)) setFailure(messageOf(error));
        },
      )
      .finally(() => setController(undefined));
  };
  return { result, busy: controller !== undefined, failure, start, stop: () => controller?.abort() };
}

render(<Page />, document.getElementById('root')!);
