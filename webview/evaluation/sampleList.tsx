// The listed samples, a page at a time: what each shows and what every head says of it, and what can be done to those picked.

import { useEffect, useState } from 'preact/hooks';
import { count, plural } from '../../src/base/format.ts';
import type { ShownSample } from '../../src/protocol/evaluationView.ts';
import type { Answer } from '../base/hooks.ts';
import { Failed, Waiting } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import { SampleCard } from './sampleCard.tsx';

export const pageSize = 24;

export type SampleEditKind = 'exclude' | 'relabel' | 'tag';

const asItWas = 'This evaluation stays as it was made: its figures change when the run is judged or trained again.';
/** Said when it is done. */
const done = {
  exclude: `Left out of training and judging from now on. ${asItWas}`,
  relabel: `A new class counts from now on. ${asItWas}`,
  tag: 'Tagged: the dataset page shows what has a tag.',
} as const;

interface SampleListProps {
  /** Whose samples these are. */
  title: string;
  /** How many there are in all. */
  total: number;
  /** A sentence on what is listed, where the title does not say enough. */
  about?: string | undefined;
  page: number;
  samples: Answer<ShownSample[]>;
  onPage: (page: number) => void;
  onOpen: (sample: ShownSample) => void;
  /** Asks for the edit; resolves when it is done, with whether it was. */
  onEdit: (edit: SampleEditKind, ids: string[]) => Promise<boolean>;
  head: string;
  /** In the order of their colours. */
  heads: readonly string[];
  other: string | undefined;
}

export function SampleList(props: SampleListProps) {
  const { title, total, about, page, samples, onPage, head, heads, other } = props;
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [note, setNote] = useState<string>();
  const [busy, setBusy] = useState(false);
  const key = `${title} ${page}`;
  useEffect(() => {
    setPicked(new Set());
    setNote(undefined);
  }, [key]);
  const shown = samples.value ?? [];
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const ids = shown.map(({ judged }) => judged.sample.id).filter((id) => picked.has(id));
  const act = (edit: SampleEditKind) => {
    setBusy(true);
    props.onEdit(edit, ids).then(
      (edited) => {
        setBusy(false);
        if (!edited) return;
        setPicked(new Set());
        setNote(done[edit]);
      },
      () => setBusy(false), // the page tells why
    );
  };
  const pick = (id: string, isPicked: boolean) => {
    const next = new Set(picked);
    if (isPicked) next.add(id);
    else next.delete(id);
    setPicked(next);
  };
  return (
    <section class="panel" data-testid="cell-samples" aria-label="Samples">
      <div class="section-head">
        <h2 class="clip-text" title={title}>
          {title}
        </h2>
        <span class="dim">{plural(total, 'sample')}</span>
        <span class="spread" />
        {shown.length > 0 && (
          <>
            <Button
              onClick={() =>
                setPicked(
                  ids.length === shown.length ? new Set() : new Set(shown.map(({ judged }) => judged.sample.id)),
                )
              }
            >
              {ids.length === shown.length ? 'Pick none' : 'Pick all'}
            </Button>
            <Button disabled={ids.length === 0 || busy} testId="exclude" onClick={() => act('exclude')}>
              {ids.length > 0 ? `Exclude ${ids.length}` : 'Exclude'}
            </Button>
            <Button disabled={ids.length === 0 || busy} testId="relabel" onClick={() => act('relabel')}>
              {ids.length > 0 ? `Relabel ${ids.length}…` : 'Relabel…'}
            </Button>
            <Button disabled={ids.length === 0 || busy} testId="tag" onClick={() => act('tag')}>
              {ids.length > 0 ? `Tag ${ids.length}…` : 'Tag…'}
            </Button>
          </>
        )}
        {pages > 1 && (
          <>
            <span class="dim">
              {count(page * pageSize + 1)}–{count(Math.min(total, (page + 1) * pageSize))}
            </span>
            <Button disabled={page === 0} label="Previous page" onClick={() => onPage(page - 1)}>
              ‹
            </Button>
            <Button disabled={page >= pages - 1} label="Next page" testId="next-page" onClick={() => onPage(page + 1)}>
              ›
            </Button>
          </>
        )}
      </div>
      {about !== undefined && (
        <p class="dim" data-testid="list-about">
          {about}
        </p>
      )}
      {note !== undefined && (
        <p class="dim" role="status">
          {note}
        </p>
      )}
      {total === 0 && !samples.waiting && <p class="dim">No sample is here.</p>}
      {samples.failure && (
        <Failed message={samples.failure.message}>
          <Button onClick={samples.ask}>Try again</Button>
        </Failed>
      )}
      {samples.waiting && !samples.value && <Waiting what="Fetching the samples…" />}
      <ul class="cards">
        {shown.map((one) => (
          <SampleCard
            key={one.judged.sample.id}
            shown={one}
            head={head}
            heads={heads}
            other={other}
            picked={picked.has(one.judged.sample.id)}
            onPick={(isPicked) => pick(one.judged.sample.id, isPicked)}
            onOpen={props.onOpen}
          />
        ))}
      </ul>
    </section>
  );
}
