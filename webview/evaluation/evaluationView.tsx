// The evaluation as a page: a tab a head, and what is done with all of it: comparing, saving, copying. What is shown follows
// from the navigation, which is all the page remembers.
import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { ShownEvaluation } from '../../src/protocol/evaluation.ts';
import type { EvaluationSnapshot } from '../../src/protocol/evaluationView.ts';
import { type Failure, failureOf, useAnswer } from '../base/hooks.ts';
import { recall, remember } from '../base/host.ts';
import { Empty, Failed, Waiting } from '../base/notes.tsx';
import { Button, Dropdown, Tabs } from '../base/toolkit.tsx';
import { type EvaluationHost, useAgain } from './evaluationHost.ts';
import { HeadPage } from './headPage.tsx';
import { type Navigation, navigationSchema, startAt } from './navigation.ts';

interface EvaluationViewProps {
  host: EvaluationHost;
  snapshot: EvaluationSnapshot;
  change: Change;
  /** Rises when samples were edited. */
  edits: number;
}

/** What the host told last. */
export interface Change {
  /** Rises when the run was judged anew: what was asked before is old. */
  version: number;
  /** The head, and the run to compare with, that it wants shown, if any. */
  head: string | undefined;
  other: string | undefined;
}

const alone = ' alone';

export function EvaluationView({ host, snapshot, change, edits }: EvaluationViewProps) {
  const { summary, heads, others } = snapshot;
  const [navigation, setNavigation] = useState(() => startAt(snapshot, recall(navigationSchema)));
  const [failure, setFailure] = useState<Failure>();
  const go = useCallback((change: Partial<Navigation>) => setNavigation((old) => ({ ...old, ...change })), []);
  useLayoutEffect(() => remember(navigation), [navigation]);
  // The host may ask for another head of the page that is already open; and heads come as they are judged first.
  useEffect(() => {
    const { head, other } = change;
    const { head: _, other: __, ...rest } = snapshot; // what it asked for at first is done
    const wanted = { ...rest, ...(head !== undefined && { head }), ...(other !== undefined && { other }) };
    setNavigation((old) => startAt(wanted, old));
  }, [snapshot, change]);

  const { head } = navigation;
  const suitable = others.filter((other) => head !== undefined && other.heads.includes(head)).map(({ run }) => run);
  const other = navigation.other !== undefined && suitable.includes(navigation.other) ? navigation.other : undefined;
  const evaluation = useAnswer(`${head}`, (signal) =>
    head === undefined ? new Promise<ShownEvaluation>(() => {}) : host.request('evaluationView/head', { head }, signal),
  );
  useAgain(change.version, evaluation.ask);
  const shown = evaluation.value;
  const ask = (asked: Promise<unknown>) =>
    void asked.then(
      () => setFailure(undefined),
      (error: unknown) => setFailure(failureOf(error)),
    );
  return (
    <main class="page" data-testid="evaluation" data-head={shown?.head}>
      <header class="title-line">
        <div class="title-words" title={`${summary.run}\n${summary.folder}`}>
          <h1 class="clip-text">{summary.run}</h1>
          <span class="dim">
            {shown?.split === 'train' ? 'evaluation on training samples' : 'evaluation on held-out samples'}
          </span>
        </div>
        <div class="row">
          {suitable.length > 0 && (
            <Dropdown
              label="compare with"
              value={other ?? alone}
              options={[{ value: alone, text: 'nothing' }, ...suitable.map((run) => ({ value: run, text: run }))]}
              onChange={(value) =>
                go({ other: value === alone ? undefined : value, page: 0, ...withoutChanged(navigation) })
              }
              testId="other"
            />
          )}
          {head !== undefined && (
            <>
              <Button testId="save-report" onClick={() => ask(host.request('evaluationView/saveReport', {}))}>
                Save Report…
              </Button>
              <Button
                testId="copy-cli"
                onClick={() => ask(host.request('evaluationView/copyCli', other === undefined ? {} : { other }))}
              >
                Copy as CLI
              </Button>
            </>
          )}
        </div>
      </header>
      {failure && <Failed message={failure.message} />}
      {head === undefined ? (
        <Empty title="Nothing is judged yet">
          Every head is judged at the end of each epoch. Open this page again after the run’s first epoch.
        </Empty>
      ) : (
        <Tabs
          label="Heads"
          tabs={heads}
          active={head}
          onChange={(next) =>
            go({ head: next, listed: undefined, page: 0, view: undefined, groups: undefined, curves: [] })
          }
        >
          {evaluation.failure && (
            <Failed message={evaluation.failure.message}>
              <Button onClick={evaluation.ask}>Try again</Button>
            </Failed>
          )}
          {!shown && evaluation.waiting && <Waiting what={`Fetching the evaluation of ${head}…`} />}
          {shown && (
            <HeadPage
              host={host}
              evaluation={shown}
              other={other}
              version={change.version}
              edits={edits}
              heads={heads}
              navigation={navigation}
              go={go}
              ask={ask}
            />
          )}
        </Tabs>
      )}
    </main>
  );
}

/** What changed against one run says nothing of another. */
function withoutChanged({ listed }: Navigation): Partial<Navigation> {
  return listed?.what === 'changed' ? { listed: undefined } : {};
}
