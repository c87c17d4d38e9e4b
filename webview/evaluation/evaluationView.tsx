// The evaluation as a page: a tab a head, its figures, its confusion matrix beside the lists, and below them the samples
// of the chosen cell. What is shown follows from the navigation, which is all the page remembers.
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { Evaluation } from '../../src/protocol/evaluation.ts';
import type { EvaluationHostSurface, EvaluationSnapshot } from '../../src/protocol/evaluationView.ts';
import { type Failure, failureOf, useAnswer } from '../base/hooks.ts';
import { type Host, recall, remember } from '../base/host.ts';
import { Empty, Failed, Waiting } from '../base/notes.tsx';
import { Button, Tabs } from '../base/toolkit.tsx';
import { CellSamples, pageSize } from './cellSamples.tsx';
import { ClassTable } from './classTable.tsx';
import { type Cell, confusedPairs, orderClasses, rowSums } from './confusion.ts';
import { Headline } from './headline.tsx';
import { MatrixPanel } from './matrixPanel.tsx';
import { type Navigation, navigationSchema, startAt } from './navigation.ts';
import { PairList } from './pairList.tsx';

type EvaluationHost = Host<EvaluationHostSurface>;

interface EvaluationViewProps {
  host: EvaluationHost;
  snapshot: EvaluationSnapshot;
  change: Change;
}

/** What the host told last. */
export interface Change {
  /** Rises when the run was judged anew: what was asked before is old. */
  version: number;
  /** The head it wants shown, if any. */
  head: string | undefined;
}

export function EvaluationView({ host, snapshot, change }: EvaluationViewProps) {
  const { summary, heads } = snapshot;
  const [navigation, setNavigation] = useState(() => startAt(snapshot, recall(navigationSchema)));
  const go = useCallback((change: Partial<Navigation>) => setNavigation((old) => ({ ...old, ...change })), []);
  useEffect(() => remember(navigation), [navigation]);
  // The host may ask for another head of the page that is already open; and heads come as they are judged first.
  useEffect(() => {
    const wanted = change.head === undefined ? snapshot : { ...snapshot, head: change.head };
    setNavigation((old) => startAt(wanted, old));
  }, [snapshot, change]);

  const { head } = navigation;
  const evaluation = useAnswer(`${head}`, (signal) =>
    head === undefined ? new Promise<Evaluation>(() => {}) : host.request('evaluationView/head', { head }, signal),
  );
  useAgain(change.version, evaluation.ask);
  const shown = evaluation.value;
  return (
    <main class="page" data-testid="evaluation" data-head={shown?.head}>
      <header class="title-line">
        <h1 class="clip-text" title={summary.folder}>
          {summary.run}
        </h1>
        <span class="dim">evaluation on held-out samples</span>
      </header>
      {head === undefined ? (
        <Empty title="Nothing is judged yet">
          Every head is judged at the end of each epoch. Open this page again after the run’s first epoch.
        </Empty>
      ) : (
        <Tabs
          label="Heads"
          tabs={heads}
          active={head}
          onChange={(next) => go({ head: next, cell: undefined, page: 0 })}
        >
          {evaluation.failure && (
            <Failed message={evaluation.failure.message}>
              <Button onClick={evaluation.ask}>Try again</Button>
            </Failed>
          )}
          {!shown && evaluation.waiting && <Waiting what={`Fetching the evaluation of ${head}…`} />}
          {shown && (
            <Judged
              host={host}
              evaluation={shown}
              version={change.version}
              heads={heads}
              navigation={navigation}
              go={go}
            />
          )}
        </Tabs>
      )}
    </main>
  );
}

/** Asks again when the run was judged anew; the old answer stays until the new one is there. */
function useAgain(version: number, ask: () => void): void {
  useEffect(() => {
    if (version > 0) ask();
  }, [version, ask]);
}

interface JudgedProps {
  host: EvaluationHost;
  evaluation: Evaluation;
  version: number;
  heads: readonly string[];
  navigation: Navigation;
  go: (change: Partial<Navigation>) => void;
}

function Judged({ host, evaluation, version, heads, navigation, go }: JudgedProps) {
  const { order: orderBy, page } = navigation;
  const [failure, setFailure] = useState<Failure>();
  const order = useMemo(() => orderClasses(evaluation, orderBy), [evaluation, orderBy]);
  const sums = useMemo(() => rowSums(evaluation), [evaluation]);
  const pairs = useMemo(() => confusedPairs(evaluation, 40), [evaluation]);
  const n = evaluation.classes.length;
  const cell =
    navigation.cell && navigation.cell.truth < n && navigation.cell.predicted < n ? navigation.cell : undefined;
  const select = (next: Cell) => go({ cell: next, page: 0 });
  const samples = useAnswer(`${evaluation.head} ${cell?.truth} ${cell?.predicted} ${page}`, async (signal) => {
    if (!cell) return [];
    const place = { head: evaluation.head, ...cell, offset: page * pageSize, limit: pageSize };
    return host.request('evaluationView/cell', place, signal);
  });
  useAgain(version, samples.ask);
  if (evaluation.samples === 0) {
    return (
      <Empty title="No held-out sample was judged">
        Give {evaluation.dataset} a validation split, and train again.
      </Empty>
    );
  }
  return (
    <div class="judged">
      <Headline evaluation={evaluation} />
      <div class="columns">
        <MatrixPanel
          evaluation={evaluation}
          order={order}
          sums={sums}
          navigation={navigation}
          go={go}
          selected={cell}
          onSelect={select}
        />
        <div class="lists">
          <PairList evaluation={evaluation} pairs={pairs} selected={cell} onSelect={select} />
          <ClassTable
            evaluation={evaluation}
            sort={navigation.sort}
            onSort={(sort) => go({ sort })}
            selected={cell}
            onSelect={select}
          />
        </div>
      </div>
      {failure && <Failed message={failure.message} />}
      {cell ? (
        <CellSamples
          evaluation={evaluation}
          cell={cell}
          page={page}
          samples={samples}
          onPage={(next) => go({ page: next })}
          heads={heads}
          onOpen={({ judged }) =>
            void host.request('evaluationView/openClip', { sample: judged.sample }).then(
              () => setFailure(undefined),
              (error: unknown) => setFailure(failureOf(error)),
            )
          }
        />
      ) : (
        <p class="dim hint">Choose a cell, a confused pair or a class to see its samples here.</p>
      )}
    </div>
  );
}
