// The left side of the clip view: the clip playing or the image, or how far its conversion is.
import { useState } from 'preact/hooks';
import { baseName, bytes, clock, percentNumber } from '../../src/base/format.ts';
import type { ClipSnapshot } from '../../src/protocol/clipView.ts';
import { Failed } from '../base/notes.tsx';
import { Button, ProgressRing } from '../base/toolkit.tsx';
import { useMediaSource } from './mediaSource.ts';
import { Player } from './player.tsx';

export function Picture({ clip }: { clip: ClipSnapshot }) {
  const { source, convert, cancel } = useMediaSource(clip);
  const [size, setSize] = useState<{ width: number; height: number; seconds: number | undefined }>();
  const label = `${baseName(clip.file)}${clip.truth ? `, ${clip.truth.label}` : ''}`;
  const converted = source.state === 'converted';
  return (
    <section class="picture" data-testid="picture" data-source={source.state}>
      {(source.state === 'direct' || converted) &&
        (clip.kind === 'image' ? (
          <img
            class={size && size.width < 160 ? 'stage small' : 'stage'}
            src={source.url}
            alt={label}
            data-testid="image"
            onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) =>
              setSize({ width, height, seconds: undefined })
            }
            onError={converted ? undefined : convert}
          />
        ) : (
          <Player
            key={source.url}
            url={source.url}
            start={converted ? null : clip.start}
            end={converted ? null : clip.end}
            label={label}
            onUnplayable={converted ? () => {} : convert}
            onSize={(width, height, seconds) => setSize({ width, height, seconds })}
          />
        ))}
      {source.state === 'converting' && (
        <div class="stage converting" role="status" data-testid="converting">
          <ProgressRing label="Converting" />
          <p>
            Converting…{' '}
            {source.share === undefined ? (
              <span class="dim">starting</span>
            ) : (
              <span class="number">{percentNumber(source.share, 0)} %</span>
            )}
          </p>
          <p class="dim">
            The editor cannot play this kind of file; a copy is made for showing it. The file stays as it is.
          </p>
          <Button onClick={cancel}>Cancel</Button>
        </div>
      )}
      {source.state === 'cancelled' && (
        <div class="stage converting">
          <p class="dim">The conversion was cancelled.</p>
          <Button onClick={convert}>Convert</Button>
        </div>
      )}
      {source.state === 'failed' && (
        <div class="stage converting">
          <Failed message={source.message}>
            <Button onClick={convert}>Try again</Button>
          </Failed>
        </div>
      )}
      <dl class="about">
        <dt class="dim">label</dt>
        <dd data-testid="truth">
          {clip.truth ? (
            <>
              <b>{clip.truth.label}</b>{' '}
              <span class="dim">
                in {clip.truth.dataset} · {clip.truth.split}
              </span>
            </>
          ) : (
            <span class="dim">none: the file belongs to no dataset</span>
          )}
        </dd>
        <dt class="dim">file</dt>
        <dd class="path" title={clip.file}>
          {clip.path}
        </dd>
        {(size || clip.size !== null) && (
          <>
            <dt class="dim">size</dt>
            <dd>{facts(clip, size, converted)}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function facts(
  clip: ClipSnapshot,
  size: { width: number; height: number; seconds: number | undefined } | undefined,
  converted: boolean,
): string {
  const list: string[] = [];
  if (size) list.push(`${size.width} × ${size.height}`);
  if (size?.seconds !== undefined && Number.isFinite(size.seconds)) list.push(`${size.seconds.toFixed(2)} s`);
  if (clip.start !== null || clip.end !== null) {
    list.push(`from ${clock(clip.start ?? 0)} to ${clip.end === null ? 'the end' : clock(clip.end)}`);
  }
  if (clip.size !== null) list.push(bytes(clip.size));
  if (converted) list.push('shown as a converted copy');
  return list.join(' · ');
}
