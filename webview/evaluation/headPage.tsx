// One head: its figures, its confusion matrix beside the lists, the samples of what is chosen, its curves, and what others published.
import { useMemo, useRef, useState } from 'preact/hooks';
import type { HeadComparison } from '../../src/protocol/comparisons.ts';
import type { ShownEvaluation } from '../../src/protocol/evaluation.ts';
import type { ShownSample } from '../../src/protocol/evaluationView.ts';
import { unpackCells } from '../../src/protocol/matrixCells.ts';
import { type Answer, type Failure, failureOf, useAnswer } from '../base/hooks.ts';
import { Empty, Failed, Waiting } from '../base/notes.tsx';
import { ChangeList } from './changeList.tsx';
import { ClassTable } from './classTable.tsx';
import { ComparisonLine } from './comparisonLine.tsx';
import {
  type Cell,
  cellSentence,
  confusedPairs,
  countAt,
  matrixOf,
  matrixWithoutCells,
  orderClasses,
} from './confusion.ts';
import { CurvesChart } from './curvesChart.tsx';
import { type CellCounts, changeSentence, classChanges, differenceOf, sidesSentence } from './difference.ts';
import { type EvaluationHost, useAgain } from './evaluationHost.ts';
import { Headline } from './headline.tsx';
import { MatrixPanel } from './matrixPanel.tsx';
import type { Listed, Navigation } from './navigation.ts';
import { PairList } from './pairList.tsx';
import { PublishedTable } from './publishedTable.tsx';
import { ReliabilityChart } from './reliabilityChart.tsx';
import { pageSize, SampleList } from './sampleList.tsx';
import { aggregated, byFirstWord, readGroups } from './superClasses.ts';

interface HeadPageProps {
  host: EvaluationHost;
  evaluation: ShownEvaluation;
  /** The run that it is compared with. */
  other: string | undefined;
  version: number;
  edits: number;
  heads: readonly string[];
  navigation: Navigation;
  go: (change: Partial<Navigation>) => void;
  /** Waits for what the host does, and shows its failure. */
  ask: (asked: Promise<unknown>) => void;
}

/** Curves drawn at once, beside the mean. */
const mostCurves = 5;

export function HeadPage({ host, evaluation, other, version, edits, heads, navigation, go, ask }: HeadPageProps) {
  const { head, classes } = evaluation;
  const { listed, page } = navigation;
  const hasMatrix = evaluation.cells !== null;
  const groups = hasMatrix ? navigation.groups : undefined;
  const [failure, setFailure] = useState<Failure>();
  /** Rises when a choice of groups came to nothing: the control then goes back to what is shown. */
  const [refused, setRefused] = useState(0);
  const comparison = useAnswer(`${head} ${other}`, async (signal): Promise<HeadComparison | undefined> => {
    if (other === undefined) return undefined;
    return host.request('evaluationView/compare', { head, other }, signal);
  });
  useAgain(version, comparison.ask);
  const compared = comparison.value;
  const isDifference = compared !== undefined && hasMatrix && navigation.difference;

  const byClass = useMemo(() => {
    const { cells, perClass } = evaluation;
    if (cells) return matrixOf(classes, unpackCells(cells, classes.length));
    const sums = perClass.map(({ support }) => support);
    return matrixWithoutCells(classes, sums);
  }, [evaluation]);
  const groupOf = useMemo((): ((label: string) => string | undefined) => {
    if (groups === undefined) return () => undefined;
    if (groups === 'word') return byFirstWord(classes);
    return (label) => (Object.hasOwn(groups.of, label) ? groups.of[label] : undefined);
  }, [groups, classes]);
  const sides = useMemo(() => {
    const inGroups = (labels: readonly string[], cells: readonly number[]) => {
      const matrix = matrixOf(labels, unpackCells(cells, labels.length));
      return groups === undefined ? matrix : aggregated(matrix, groupOf);
    };
    const own = groups === undefined ? byClass : aggregated(byClass, groupOf);
    const { cells, otherCells, classes: common } = compared ?? {};
    if (!cells || !otherCells || !common) return { own };
    return { own, after: inGroups(common, cells), before: inGroups(common, otherCells) };
  }, [byClass, compared, groupOf]);
  const matrix = useMemo(() => {
    const { own, before, after } = sides;
    return isDifference && before && after ? differenceOf(before, after) : own;
  }, [sides, isDifference]);
  const order = useMemo(() => (hasMatrix ? orderClasses(matrix, navigation.order) : []), [matrix, navigation.order]);
  const pairs = useMemo(() => (hasMatrix ? confusedPairs(sides.own, 40) : []), [sides]);
  const changes = useMemo(
    () => (sides.before && sides.after ? classChanges(sides.before, sides.after) : undefined),
    [sides],
  );
  const perClass = useMemo(
    () =>
      evaluation.perClass.map((row, i) => {
        const average = evaluation.precisionRecall?.classes[i];
        return average === undefined ? row : { ...row, average };
      }),
    [evaluation],
  );

  const n = sides.own.labels.length;
  const cell = listed?.what === 'cell' && listed.truth < n && listed.predicted < n ? listed : undefined;
  const classListed = listed?.what === 'class' && listed.truth < n ? listed.truth : undefined;
  const changedLabel = listed?.what === 'changed' && groups === undefined ? listed.label : undefined;
  const classMarked = classListed ?? placeOf(sides.own.labels, changedLabel);
  const marked: Cell | undefined =
    cell ?? (classMarked === undefined ? undefined : { truth: classMarked, predicted: classMarked });
  const list = (next: Listed) => go({ listed: next, page: 0 });
  const ofBoth = cell !== undefined && isDifference;
  const listKey = JSON.stringify([head, listed, groups === undefined ? '' : sides.own.labels, other, ofBoth]);
  const samples = useAnswer(
    `${listKey} ${page}`,
    async (signal): Promise<{ total: number; samples: ShownSample[] } & Partial<CellCounts>> => {
      const place = { head, offset: page * pageSize, limit: pageSize };
      if (listed?.what === 'changed') {
        if (other === undefined) return { total: 0, samples: [] };
        const { kind, label } = listed;
        return host.request(
          'evaluationView/changed',
          { ...place, other, kind, ...(label !== undefined && { label }) },
          signal,
        );
      }
      const members = (row: number) => [...sides.own.members[row]!];
      if (cell && isDifference && other !== undefined) {
        const at = { truth: members(cell.truth), predicted: members(cell.predicted) };
        const both = await host.request('evaluationView/differing', { ...place, ...at, other }, signal);
        return { ...both, total: both.came + both.left + both.stayed };
      }
      if (cell) {
        const at = { truth: members(cell.truth), predicted: members(cell.predicted) };
        const found = await host.request('evaluationView/cell', { ...place, ...at }, signal);
        return { total: countAt(sides.own, cell), samples: found };
      }
      if (classListed === undefined) return { total: 0, samples: [] };
      const found = await host.request('evaluationView/cell', { ...place, truth: members(classListed) }, signal);
      return { total: sides.own.sums[classListed]!, samples: found };
    },
  );
  useAgain(version + edits, samples.ask); // they show their tags
  const { value: found, ...answer } = samples;
  const shownSamples: Answer<ShownSample[]> = found ? { ...answer, value: found.samples } : answer;
  // While another page of the same list is fetched the list is as long as before: its pager stays, and the focus on it.
  const counted = useRef({ key: '', total: 0 });
  if (found) counted.current = { key: listKey, total: found.total };
  const isCounted = counted.current.key === listKey;
  const total = isCounted ? counted.current.total : cell ? countAt(sides.own, cell) : 0;

  const wanted = useMemo(() => {
    const chosen = groups === undefined ? marked?.truth : undefined;
    return [...new Set([...(chosen === undefined ? [] : [chosen]), ...navigation.curves])]
      .filter((index) => index < classes.length)
      .slice(0, mostCurves);
  }, [marked?.truth, navigation.curves, groups, classes]);
  const drawn = evaluation.precisionRecall ? wanted : [];
  const curves = useAnswer(`${head} ${drawn.join(' ')}`, async (signal) =>
    drawn.length === 0 ? [] : host.request('evaluationView/curves', { head, classes: drawn }, signal),
  );
  useAgain(version, curves.ask);

  if (evaluation.samples === 0) {
    return (
      <Empty title="No held-out sample was judged">
        Give {evaluation.dataset} a validation split, and train again.
      </Empty>
    );
  }
  const onGroups = (choice: 'none' | 'word' | 'file') => {
    const other = { listed: undefined, page: 0, view: undefined };
    if (choice === 'none') return go({ groups: undefined, ...other });
    if (choice === 'word') return go({ groups: 'word', ...other });
    host
      .request('evaluationView/pickGroups', {})
      .then((picked) => {
        if (!picked) return setRefused((times) => times + 1);
        const { groups: of } = readGroups(picked.text, classes);
        go({ groups: { name: picked.name, of: { ...of } }, ...other });
        setFailure(undefined);
      })
      .catch((error: unknown) => {
        setFailure(failureOf(error));
        setRefused((times) => times + 1);
      });
  };
  const describe = (at: Cell) =>
    isDifference && sides.before && sides.after
      ? changeSentence(sides.before, sides.after, at)
      : cellSentence(sides.own, at);
  return (
    <div class="judged">
      <Headline key={head} host={host} evaluation={evaluation} version={version} />
      {failure && <Failed message={failure.message} />}
      {comparison.failure && <Failed message={comparison.failure.message} />}
      {other !== undefined && !compared && comparison.waiting && <Waiting what={`Comparing with ${other}…`} />}
      {compared && (
        <ComparisonLine
          comparison={compared}
          listed={listed?.what === 'changed' && listed.label === undefined ? listed.kind : undefined}
          onList={(kind) => list({ what: 'changed', kind })}
        />
      )}
      <div class="columns">
        {hasMatrix && (
          <MatrixPanel
            name={`${evaluation.run}-${head}-${isDifference ? 'difference' : 'confusion'}`}
            matrix={matrix}
            order={order}
            paint={{ normalised: navigation.normalised, difference: isDifference }}
            navigation={navigation}
            go={go}
            onGroups={onGroups}
            refused={refused}
            other={compared && other}
            selected={marked}
            describe={describe}
            onSelect={(next) => (next.truth < n && next.predicted < n ? list({ what: 'cell', ...next }) : undefined)}
            onFind={(index) => (index < n ? list({ what: 'class', truth: index }) : undefined)}
          />
        )}
        <div class="lists">
          {isDifference && changes && sides.before ? (
            <ChangeList
              labels={sides.before.labels}
              changes={changes}
              unchanged={Array.from(sides.before.sums).filter((sum) => sum > 0).length - changes.length}
              selected={classMarked}
              onSelect={({ index, change }) => {
                const label = sides.own.labels[index];
                if (label === undefined) return;
                if (groups !== undefined) list({ what: 'class', truth: index });
                else list({ what: 'changed', kind: change > 0 ? 'fixed' : 'broken', label });
              }}
            />
          ) : (
            hasMatrix && (
              <PairList
                matrix={sides.own}
                pairs={pairs}
                selected={cell}
                onSelect={(next) => list({ what: 'cell', ...next })}
              />
            )
          )}
          <ClassTable
            classes={perClass}
            sort={navigation.sort}
            onSort={(sort) => go({ sort })}
            selected={groups === undefined ? marked?.truth : undefined}
            onSelect={(index) => list({ what: 'class', truth: rowOf(sides.own.members, index) })}
          />
        </div>
      </div>
      {listed && (marked || listed.what === 'changed') ? (
        <SampleList
          title={titleOf(listed, sides.own.labels, other, ofBoth)}
          total={total}
          about={
            cell && other !== undefined && isCounts(found)
              ? sidesSentence(sides.own.labels, cell, found, other)
              : undefined
          }
          page={page}
          samples={shownSamples}
          onPage={(next) => go({ page: next })}
          head={head}
          heads={heads}
          other={other}
          onOpen={({ judged }) => ask(host.request('evaluationView/openClip', { sample: judged.sample }))}
          onEdit={(edit, ids) => told(host.request(`evaluationView/${edit}`, { ids })).then(({ edited }) => edited)}
        />
      ) : (
        <p class="dim hint">Choose a cell, a confused pair or a class to see its samples here.</p>
      )}
      <div class="charts-row">
        <CurvesChart
          evaluation={evaluation}
          wanted={wanted}
          curves={curves}
          onAdd={(index) =>
            go({ curves: [index, ...navigation.curves.filter((one) => one !== index)].slice(0, mostCurves) })
          }
          onClear={() => go({ curves: [], ...(marked === undefined ? {} : { listed: undefined }) })}
        />
        <ReliabilityChart evaluation={evaluation} />
      </div>
      <PublishedTable evaluation={evaluation} />
      {evaluation.unavailable?.map((sentence) => (
        <p key={sentence} class="dim">
          {sentence}
        </p>
      ))}
    </div>
  );

  /** Shows a failure, and passes it on to who waits. */
  function told<T>(asked: Promise<T>): Promise<T> {
    return asked.then(
      (answer) => {
        setFailure(undefined);
        return answer;
      },
      (error: unknown) => {
        setFailure(failureOf(error));
        throw error;
      },
    );
  }
}

function isCounts(found: Partial<CellCounts> | undefined): found is CellCounts {
  return found?.came !== undefined;
}

/** The row that a class is counted in. */
function rowOf(members: readonly (readonly number[])[], index: number): number {
  return Math.max(
    0,
    members.findIndex((row) => row.includes(index)),
  );
}

function placeOf(labels: readonly string[], label: string | undefined): number | undefined {
  const place = label === undefined ? -1 : labels.indexOf(label);
  return place < 0 ? undefined : place;
}

/** `ofBoth`: the cell's samples of either run. */
function titleOf(listed: Listed, labels: readonly string[], other: string | undefined, ofBoth: boolean): string {
  if (listed.what === 'changed') {
    const change = listed.kind === 'fixed' ? 'right here, wrong in' : 'wrong here, right in';
    return `${listed.label === undefined ? '' : `${listed.label}: `}${change} ${other ?? ''}`;
  }
  const truth = labels[listed.truth] ?? '';
  if (listed.what === 'class') return `${truth}, all`;
  const what = listed.truth === listed.predicted ? 'recognised' : `→ called ${labels[listed.predicted] ?? ''}`;
  return `${truth} ${what}${ofBoth ? ', in either run' : ''}`;
}
