// The dataset page put together: filters above, samples at the left, plots beside them. It keeps where the person is, asks what that
// takes, and lets only the newest question count.
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { plural } from '../../src/base/format.ts';
import { mostIds, type SampleFilters } from '../../src/protocol/datasetQueries.ts';
import type { DatasetHostSurface, DatasetSnapshot, ShownListed } from '../../src/protocol/datasetView.ts';
import { failureOf, useAnswer, useSize } from '../base/hooks.ts';
import { type Host, recall, remember } from '../base/host.ts';
import { Empty, Failed, Waiting } from '../base/notes.tsx';
import { copyText } from '../base/pageServices.ts';
import { Button } from '../base/toolkit.tsx';
import { ActionBar, type EditAction } from './actionBar.tsx';
import { FilterBar } from './filterBar.tsx';
import { leastFoot } from './gridGeometry.ts';
import { type Navigation, navigationSchema, startAt, toRemember, withoutPredictions } from './navigation.ts';
import { Plots } from './plots.tsx';
import { SampleGrid } from './sampleGrid.tsx';
import { SamplePages } from './samplePages.ts';
import { choose, chooseAll, type Selection, stretch } from './selection.ts';
import { TitleLine } from './titleLine.tsx';

interface DatasetViewProps {
  host: Host<DatasetHostSurface>;
  snapshot: DatasetSnapshot;
  /** Counts what the host told of changes: everything is asked anew. */
  version: number;
  /** Where the host wants the page to go. */
  goal: { filters?: SampleFilters | undefined; predictions?: Navigation['predictions'] } | undefined;
  onReached: () => void;
}

/** Narrower than this, the plots are hidden at first. */
const roomForPlots = 760;

export function DatasetView({ host, snapshot, version, goal, onReached }: DatasetViewProps) {
  const { dataset, choices } = snapshot;
  const [navigation, setNavigation] = useState(() => startAt(snapshot, recall(navigationSchema)));
  const change = (next: Partial<Navigation>) => setNavigation((old) => ({ ...old, ...next }));
  const { filters, predictions, selected } = navigation;
  useLayoutEffect(() => remember(toRemember(navigation)), [navigation]);
  useEffect(() => {
    if (!goal) return;
    setNavigation((old) => startAt({ ...snapshot, ...(goal as Partial<DatasetSnapshot>) }, old, true));
    onReached();
  }, [goal]);
  const [frame, { width }] = useSize<HTMLDivElement>();
  const hasPlots = navigation.plots ?? width >= roomForPlots;

  const query = { filters, ...(predictions && { predictions }) };
  const key = JSON.stringify(query);
  const [pages, beginAt] = usePages(host, key, query, version);
  const facets = useAnswer(`${key} ${version}`, (signal) => host.request('datasetView/facets', query, signal));
  // While the next counts are on their way the last ones stay: plots must not blink.
  const lastFacets = useRef(facets.value);
  if (facets.value) lastFacets.current = facets.value;
  const counted = facets.value ?? lastFacets.current;

  const setFilters = (next: SampleFilters) => change({ filters: next, first: 0, current: 0, selected: [] });
  const [anchor, setAnchor] = useState(navigation.current);
  const selection: Selection = useMemo(() => ({ ids: new Set(selected), anchor }), [selected, anchor]);
  const select = (next: Selection) => {
    change({ selected: [...next.ids] });
    setAnchor(next.anchor);
  };
  const work = useWork();
  const [foot, setFoot] = useState(0);
  const newest = useRef(0);
  const selectStretch = (part: { offset: number; limit: number }, add: boolean) => {
    const mine = ++newest.current;
    void work.run(async () => {
      if (part.limit > mostIds) throw new Error(`No more than ${plural(mostIds, 'sample')} can be chosen at once.`);
      const ids = await host.request('datasetView/ids', { ...query, ...part });
      if (mine === newest.current) change({ selected: [...chooseAll(selection, ids, add).ids] });
    });
  };
  const onChoose = (place: number, how: { stretch: boolean; add: boolean }) => {
    newest.current++;
    const sample = pages.at(place);
    if (how.stretch) selectStretch(stretch(selection, place), how.add);
    else if (sample) select(choose(selection, place, sample.id, how.add));
  };
  const open = (sample: ShownListed) =>
    void work.run(async () => {
      const { url: _, poster: __, ...plain } = sample;
      await host.request('datasetView/open', { sample: plain, ...(predictions && { run: predictions.run }) });
    });
  const edit = (action: EditAction) => void work.run(() => host.request('datasetView/edit', { action, ids: selected }));
  const command = (name: Parameters<Parameters<typeof Plots>[0]['onCommand']>[0]) =>
    void work.run(() => host.request('datasetView/run', { command: name }));

  const known = [...pages.known()].filter((sample) => selection.ids.has(sample.id));
  const isUnsure = known.length < selected.length;
  const current = pages.at(navigation.current);
  return (
    <div class="dataset-page" ref={frame}>
      <TitleLine dataset={dataset} facets={counted} onProblems={() => command('problems')} />
      <FilterBar
        filters={filters}
        onFilters={setFilters}
        choices={choices}
        predictions={predictions}
        onPredictions={(chosen) => {
          setNavigation(({ predictions: _, ...rest }) => ({
            ...rest,
            ...(chosen && { predictions: chosen }),
            ...{ filters: chosen ? rest.filters : withoutPredictions(rest.filters), first: 0, current: 0 },
          }));
        }}
        total={pages.total}
        all={counted?.all}
        hasPlots={hasPlots}
        onPlots={(plots) => change({ plots })}
      />
      {selected.length === 0 && work.failure !== undefined && <Failed message={work.failure} />}
      <div class={hasPlots ? 'dataset-columns with-plots' : 'dataset-columns'}>
        <main class="grid-column">
          {pages.failure && (
            <Failed message={pages.failure.message}>
              <Button onClick={() => pages.refresh()}>Try again</Button>
            </Failed>
          )}
          {pages.total === undefined && !pages.failure && <Waiting what="Fetching samples…" />}
          {pages.total === 0 && (
            <Empty title="No samples">
              {Object.keys(filters).length > 0
                ? 'None is left by these filters. Lift one of them above.'
                : 'The index has no usable sample of this dataset. The Problems panel says why.'}
            </Empty>
          )}
          {(pages.total ?? 0) > 0 && (
            <SampleGrid
              pages={pages}
              version={beginAt}
              first={navigation.first}
              current={navigation.current}
              selected={selection.ids}
              isJudged={predictions !== undefined}
              foot={selected.length > 0 ? Math.max(leastFoot, foot) : leastFoot}
              onFirst={(first) => change({ first })}
              onCurrent={(place) => change({ current: place })}
              onChoose={onChoose}
              onAll={() => selectStretch({ offset: 0, limit: pages.total ?? 0 }, false)}
              onNone={() => change({ selected: [] })}
              onOpen={open}
            />
          )}
          {selected.length > 0 && (
            <ActionBar
              number={selected.length}
              some={{
                used: isUnsure || known.some((sample) => !sample.excluded),
                excluded: isUnsure ? (counted?.excluded.excluded ?? 0) > 0 : known.some((sample) => sample.excluded),
                tagged: isUnsure ? (counted?.tags.length ?? 0) > 0 : known.some(({ tags }) => tags.length > 0),
              }}
              canOpen={current !== undefined && selection.ids.has(current.id)}
              isBusy={work.isBusy}
              failure={work.failure}
              onOpen={() => current && open(current)}
              onEdit={edit}
              onCopy={() => void work.run(() => copyText(selected.join('\n')))}
              onNone={() => change({ selected: [] })}
              onFoot={setFoot}
            />
          )}
        </main>
        {hasPlots && (
          <aside class="plots" aria-label="Plots">
            {facets.failure && (
              <Failed message={facets.failure.message}>
                <Button onClick={facets.ask}>Try again</Button>
              </Failed>
            )}
            {counted ? (
              <Plots
                name={dataset.name}
                kind={dataset.kind}
                facets={counted}
                filters={filters}
                onFilters={setFilters}
                head={predictions?.head}
                protocol={choices.find(({ run }) => run === predictions?.run)?.protocol}
                shares={navigation.shares}
                onShares={(shares) => change({ shares })}
                onCommand={command}
              />
            ) : (
              !facets.failure && <Waiting what="Counting…" />
            )}
          </aside>
        )}
      </div>
    </div>
  );
}

/** The pages under the filters. Those from before stay until the new ones have their first answer. */
function usePages(
  host: Host<DatasetHostSurface>,
  key: string,
  query: { filters: SampleFilters; predictions?: Navigation['predictions'] },
  version: number,
): [SamplePages, number] {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const next = useMemo(
    () =>
      new SamplePages(
        (page, signal) => host.request('datasetView/samples', { ...query, ...page }, signal),
        () => redraw(0),
      ),
    [key],
  );
  const shown = useRef({ pages: next, version: 0 });
  useEffect(() => {
    next.want(0, 0);
    return () => next.close();
  }, [next]);
  const before = useRef(version);
  useEffect(() => {
    if (before.current === version) return;
    before.current = version;
    next.refresh();
  }, [version, next]);
  if (shown.current.pages !== next && (next.total !== undefined || next.failure))
    shown.current = { pages: next, version: shown.current.version + 1 };
  return [shown.current.pages, shown.current.version];
}

/** Something asked of the host on a click: whether it is under way, and why the last one failed. */
function useWork() {
  const [busy, setBusy] = useState(0);
  const [failure, setFailure] = useState<string>();
  const run = async (work: () => Promise<unknown>) => {
    setBusy((count) => count + 1);
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      const { code, message } = failureOf(error);
      if (code !== 'cancelled') setFailure(message);
    } finally {
      setBusy((count) => count - 1);
    }
  };
  return { isBusy: busy > 0, failure, run };
}
