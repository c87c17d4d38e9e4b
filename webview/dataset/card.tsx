// One sample in the grid: its poster, which plays under the pointer, its class and split, its name, and where a run is chosen
// what it said of it.
import { baseName, dotted, figures, percentNumber } from '../../src/base/format.ts';
import { shown } from '../../src/base/shownText.ts';
import type { ShownListed } from '../../src/protocol/datasetView.ts';
import { Poster } from '../base/poster.tsx';
import { TagList } from '../base/tagList.tsx';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Of the poster. */
  picture: number;
}

interface CardProps {
  place: number;
  total: number;
  sample: ShownListed | undefined;
  box: Box;
  isSelected: boolean;
  isCurrent: boolean;
  isJudged: boolean;
  /** While the grid moves fast, pictures wait. */
  isStill: boolean;
}

export function Card({ place, total, sample, box, isSelected, isCurrent, isJudged, isStill }: CardProps) {
  const { x, y, width, height, picture } = box;
  const names = ['sample', isSelected && 'selected', isCurrent && 'current', sample?.excluded && 'excluded'];
  return (
    <div
      id={`sample-${place}`}
      class={names.filter(Boolean).join(' ')}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      aria-posinset={place + 1}
      aria-setsize={total}
      aria-label={sample ? undefined : `Sample ${place + 1}, not fetched yet`}
      title={sample && hint(sample)}
      data-place={place}
      data-card
      data-testid="sample"
      style={{ transform: `translate(${x}px, ${y}px)`, width: `${width}px`, height: `${height}px` }}
    >
      <span class="sample-picture" style={{ height: `${picture}px` }}>
        {sample && isStill && (
          <Poster
            key={sample.url}
            url={sample.url}
            file={sample.poster.file}
            kind={sample.poster.kind}
            start={sample.start}
            end={sample.end}
          />
        )}
        {sample?.excluded && <span class="badge">excluded</span>}
        {sample && sample.tags.length > 0 && <TagList tags={sample.tags} most={2} />}
        {sample && sample.findings.length > 0 && (
          <span class="badge finding">
            <span aria-hidden="true">⚠</span>
            <span class="sr-only">{sample.findings.join(', ')}</span>
          </span>
        )}
      </span>
      {sample && (
        <>
          <span class="sample-line">
            <span class="clip-text sample-label">{sample.label}</span>
            {sample.was !== undefined && (
              <span class="dim">
                <span aria-hidden="true">✎</span>
                <span class="sr-only">relabelled</span>
              </span>
            )}
            <span class="dim">{sample.split}</span>
          </span>
          <span class="sample-line dim">
            <span class="clip-text">{baseName(sample.id)}</span>
          </span>
          {isJudged && <Guess sample={sample} />}
        </>
      )}
    </div>
  );
}

function Guess({ sample: { prediction } }: { sample: ShownListed }) {
  if (!prediction) return <span class="sample-line dim">not judged</span>;
  const { label, probability, correct } = prediction;
  return (
    <span class="sample-line">
      <span class={correct ? 'right' : 'wrong'}>
        <span aria-hidden="true">{correct ? '✓' : '✕'}</span>
        <span class="sr-only">{correct ? 'rightly called' : 'wrongly called'}</span>
      </span>
      <span class="clip-text">{label}</span>
      <span class="number">{percentNumber(probability, 0)}</span>
    </span>
  );
}

function hint({ id, label, was, split, media, prediction, excluded, tags, findings }: ShownListed): string {
  const size = media && `${media.width} × ${media.height}`;
  const length = media?.seconds != null && `${figures(media.seconds)} s`;
  const guess =
    prediction &&
    `Predicted: ${prediction.label} (${percentNumber(prediction.probability, 1)} %)${prediction.correct ? '' : ', wrong'}`;
  const edited = was !== undefined && `Relabelled: the dataset says ${was}`;
  const tagged = tags.length > 0 && `Tags: ${shown(tags.join(', '))}`;
  return [id, dotted(label, split, size, length), edited, tagged, guess, excluded && 'Excluded', ...findings]
    .filter(Boolean)
    .join('\n');
}
