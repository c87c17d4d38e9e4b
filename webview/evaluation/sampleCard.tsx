// One judged sample: a poster that plays under the pointer, its truth, and every head's first guess. A box beside it picks it for
// what is done to several samples at once.

import { baseName, percentNumber } from '../../src/base/format.ts';
import type { ShownSample } from '../../src/protocol/evaluationView.ts';
import { Poster } from '../base/poster.tsx';
import { TagList } from '../base/tagList.tsx';
import { seriesColor } from '../base/theme.ts';
import { changeWord } from './difference.ts';

interface SampleCardProps {
  shown: ShownSample;
  /** The head whose matrix is shown: its guess is the one that is right or wrong. */
  head: string;
  heads: readonly string[];
  /** The run that it is compared with, where it is. */
  other: string | undefined;
  picked: boolean;
  onPick: (picked: boolean) => void;
  onOpen: (shown: ShownSample) => void;
}

export function SampleCard({ shown, head, heads, other, picked, onPick, onOpen }: SampleCardProps) {
  const { judged, poster, url, tags } = shown;
  const { sample } = judged;
  const right = judged.predicted === sample.label;
  // The own head first, then the others in the order of their colours.
  const others = Object.keys(judged.heads).filter((name) => name !== head);
  const names = [head, ...others.sort((a, b) => heads.indexOf(a) - heads.indexOf(b))];
  return (
    <li class={picked ? 'card picked' : 'card'}>
      <input
        type="checkbox"
        class="card-pick"
        checked={picked}
        aria-label={`Pick ${baseName(sample.file)}`}
        onChange={(event) => onPick(event.currentTarget.checked)}
        data-testid="pick"
      />
      <button
        type="button"
        class="plain card-button"
        title={sample.file}
        onClick={() => onOpen(shown)}
        data-testid="sample"
      >
        <span class="card-picture">
          <Poster url={url} file={poster.file} kind={poster.kind} start={sample.start} end={sample.end} />
          {tags.length > 0 && <TagList tags={tags} most={2} />}
        </span>
        <span class="card-truth">
          <span class={right ? 'right' : 'wrong'} role="img" aria-label={right ? 'right' : 'wrong'}>
            {right ? '✓' : '✕'}
          </span>
          <span class="clip-text">{sample.label}</span>
        </span>
        {names.map((name) => {
          const guess = name === head ? judged : judged.heads[name]?.[0];
          if (!guess) return null;
          const label = 'predicted' in guess ? guess.predicted : guess.label;
          return (
            <span class={name === head ? 'card-guess own' : 'card-guess'} key={name} title={`${name}: ${label}`}>
              <span class="dot" style={{ color: seriesColor(Math.max(0, heads.indexOf(name))) }} />
              <span class="clip-text">{label}</span>
              <span class="number">{percentNumber(guess.probability, 0)}</span>
            </span>
          );
        })}
        {shown.change && (
          <span class={`card-change ${shown.change.change}`} data-testid="card-change">
            {shown.change.change === 'stayed' ? '' : shown.change.change === 'came' ? '+1 ' : '−1 '}
            {changeWord(right, shown.change.wasRight)}
          </span>
        )}
        {shown.other && other !== undefined && (
          <span class="card-guess" title={`${other}: ${shown.other.label}`}>
            <span class="dim" aria-hidden="true">
              ⇄
            </span>
            <span class="clip-text">{shown.other.label}</span>
            <span class="number">{percentNumber(shown.other.probability, 0)}</span>
          </span>
        )}
      </button>
    </li>
  );
}
