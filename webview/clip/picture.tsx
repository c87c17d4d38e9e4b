// The left side of the clip view: the clip playing or the image with the heat map over it, or how far its conversion is.
import { useState } from 'preact/hooks';
import { baseName, bytes, clock, percentNumber, plural } from '../../src/base/format.ts';
import type { ClipSnapshot } from '../../src/protocol/clipView.ts';
import type { Attention, SeenFrames } from '../../src/protocol/predictions.ts';
import type { Answer } from '../base/hooks.ts';
import { Icon } from '../base/icons.tsx';
import { Failed } from '../base/notes.tsx';
import { Button, ProgressRing } from '../base/toolkit.tsx';
import { FramePlayer } from './framePlayer.tsx';
import { partKey, useMediaSource } from './mediaSource.ts';
import { HeatControls, Stage } from './overlay.tsx';
import { Player } from './player.tsx';
import type { Playhead } from './playhead.ts';
import type { Change, Settings } from './settings.ts';

export interface PictureProps {
  clip: ClipSnapshot;
  playhead: Playhead;
  settings: Settings;
  change: Change;
  /** Where the model looked, if that is shown. */
  attention: Attention | undefined;
  attentionAnswer: Answer<Attention> | undefined;
  /** Which frames the predictions rest on. */
  seen: SeenFrames | undefined;
  /** What the picture is of, without the file's own facts. */
  truth: string | undefined;
  /** Tells what is known of the picture. */
  onFacts: (facts: string) => void;
}

export function Picture(props: PictureProps) {
  const { clip, playhead, settings, change, attention, attentionAnswer, seen, truth, onFacts } = props;
  const { source, convert, cancel } = useMediaSource(clip);
  const [size, setSize] = useState<{ width: number; height: number }>();
  const label = `${baseName(clip.file)}${truth === undefined ? '' : `, ${truth}`}`;
  const converted = source.state === 'converted';
  const isShown = source.state === 'direct' || converted;
  const onSize = (width: number, height: number, seconds?: number) => {
    setSize({ width, height });
    onFacts(facts(clip, width, height, seconds, converted));
  };
  const heatSwitch = (
    <Button
      appearance="icon"
      label={settings.attention ? 'Hide where the model looked (A)' : 'Show where the model looked (A)'}
      pressed={settings.attention}
      testId="attention"
      onClick={() => change({ attention: !settings.attention })}
    >
      <Icon name="heat" />
    </Button>
  );
  return (
    <section class="picture" data-testid="picture" data-source={source.state}>
      {isShown && clip.kind === 'image' && (
        <div class="player">
          <Stage playhead={playhead} picture={size} attention={attention} opacity={settings.opacity}>
            <img
              class={size && size.width < 160 ? 'stage small' : 'stage'}
              src={source.url}
              alt={label}
              data-testid="image"
              onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => onSize(naturalWidth, naturalHeight)}
              onError={converted ? undefined : convert}
            />
          </Stage>
          <div class="controls">
            <span class="spread" />
            {heatSwitch}
          </div>
        </div>
      )}
      {isShown && clip.frames && (
        <FramePlayer
          key={partKey(clip)}
          url={clip.url}
          frames={clip.frames}
          label={label}
          onSize={onSize}
          {...{ playhead, settings, change, attention, seen }}
        >
          {heatSwitch}
        </FramePlayer>
      )}
      {isShown && clip.kind === 'video' && !clip.frames && (
        <Player
          key={partKey({ ...clip, url: source.url })}
          url={source.url}
          start={converted ? null : clip.start}
          end={converted ? null : clip.end}
          offset={converted ? (clip.start ?? 0) : 0}
          label={label}
          onUnplayable={converted ? () => {} : convert}
          onSize={onSize}
          {...{ playhead, settings, change, attention, seen }}
        >
          {heatSwitch}
        </Player>
      )}
      {isShown && attentionAnswer && (
        <HeatControls answer={attentionAnswer} playhead={playhead} settings={settings} change={change} />
      )}
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
    </section>
  );
}

function facts(
  { start, end, frames }: ClipSnapshot,
  width: number,
  height: number,
  seconds: number | undefined,
  converted: boolean,
): string {
  const list = [`${width} × ${height}`];
  if (seconds !== undefined && Number.isFinite(seconds)) list.push(`${seconds.toFixed(2)} s`);
  if (frames) list.push(`${plural(frames.digits.length, 'frame')}, shown at ${frames.rate} a second`);
  if (start !== null || end !== null)
    list.push(`from ${clock(start ?? 0)} to ${end === null ? 'the end' : clock(end)}`);
  if (converted) list.push('shown as a converted copy');
  return list.join(' · ');
}

/** The file's facts and its size. */
export function allFacts(facts: string, size: number | null): string {
  return [facts, size === null ? '' : bytes(size)].filter((part) => part !== '').join(' · ');
}
