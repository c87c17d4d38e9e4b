// What every player of the clip view has around its picture: where it stands, to be moved; play, steps by frames, speed and loop. The keys
// work anywhere on the page: space; left, right, comma and full stop for a frame, with shift for ten; Home and End; L for the loop.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { clock } from '../../src/base/format.ts';
import type { SeenFrames } from '../../src/protocol/predictions.ts';
import { Icon } from '../base/icons.tsx';
import { Button, Dropdown } from '../base/toolkit.tsx';
import { takesKeys } from './keys.ts';
import type { PictureProps } from './picture.tsx';

interface DeckProps extends Pick<PictureProps, 'playhead' | 'settings' | 'change' | 'seen'> {
  /** Seconds of the medium: what can be played, and where it stands. */
  from: number;
  to: number;
  time: number;
  /** Of a frame, in seconds. */
  frameLength: number;
  /** Seconds of the file at which the medium begins: a converted copy is of a part only. */
  offset: number;
  playing: boolean;
  toggle: () => void;
  seek: (seconds: number) => void;
  step: (frames: number) => void;
  /** Which frame is shown, where frames are counted. */
  place?: string;
  /** Controls of this kind of player. */
  own?: ComponentChildren;
  /** Further controls. */
  children?: ComponentChildren;
}

const speeds = (['0.1', '0.25', '0.5', '1', '2'] as const).map((value) => ({ value, text: `${value}×` }));

export function Deck(props: DeckProps) {
  const { from, to, time, frameLength, offset, playing, toggle, seek, step, place, own, children } = props;
  const { playhead, settings, change, seen } = props;
  const { loop } = settings;
  playhead.seek = (seconds) => seek(seconds - offset);
  const onKeyDown = (event: KeyboardEvent) => {
    if (takesKeys(event)) return;
    const steps = event.shiftKey ? 10 : 1;
    if (event.key === ' ') toggle();
    else if (event.key === 'ArrowLeft' || event.key === ',' || event.key === '<') step(-steps);
    else if (event.key === 'ArrowRight' || event.key === '.' || event.key === '>') step(steps);
    else if (event.key === 'Home') seek(from);
    else if (event.key === 'End') seek(to);
    else if (event.key.toLowerCase() === 'l') change({ loop: !loop });
    else return;
    event.preventDefault();
  };
  // A key counts from the moment the player is there, and does what its buttons say by then.
  const onKey = useRef(onKeyDown);
  onKey.current = onKeyDown;
  useLayoutEffect(() => {
    const listener = (event: KeyboardEvent) => onKey.current(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
  return (
    <>
      <div class="scrubber">
        <input
          type="range"
          class="scrub"
          aria-label="Position"
          aria-valuetext={place ?? clock(time - from)}
          min={from}
          max={Number.isFinite(to) ? to : from + 1}
          step={frameLength}
          value={time}
          onInput={(event) => seek(Number(event.currentTarget.value))}
        />
        {to > from && <Ticks seen={seen} from={from + offset} to={to + offset} />}
      </div>
      <div class="controls">
        <Button appearance="icon" label={playing ? 'Pause (space)' : 'Play (space)'} testId="play" onClick={toggle}>
          <Icon name={playing ? 'pause' : 'play'} />
        </Button>
        <Button appearance="icon" label="One frame back (←, shift for ten)" testId="back" onClick={() => step(-1)}>
          <Icon name="back" />
        </Button>
        <Button appearance="icon" label="One frame forward (→, shift for ten)" testId="forward" onClick={() => step(1)}>
          <Icon name="forward" />
        </Button>
        <span class="time" data-testid="time">
          {clock(time - from)} <span class="dim">/ {clock(to - from)}</span>
          {place !== undefined && <span class="dim"> · {place}</span>}
        </span>
        <span class="spread" />
        <Dropdown
          label="Speed"
          quiet
          value={settings.speed}
          options={speeds}
          onChange={(speed) => change({ speed })}
          testId="speed"
        />
        <Button
          appearance="icon"
          label={loop ? 'Loop is on (L)' : 'Loop is off (L)'}
          pressed={loop}
          testId="loop"
          onClick={() => change({ loop: !loop })}
        >
          <Icon name="loop" />
        </Button>
        {own}
        {children}
      </div>
    </>
  );
}

/** Where the frames that the prediction rests on lie: what the model saw. */
function Ticks({ seen, from, to }: { seen: SeenFrames | undefined; from: number; to: number }) {
  if (!seen || seen.times.length === 0) return <div class="ticks" />;
  const title = `The model saw these ${seen.times.length} frames`;
  return (
    <div class="ticks" title={title} role="img" aria-label={title} data-testid="ticks">
      {seen.times.map((time, i) => (
        <span key={i} style={{ left: `${(100 * (time - from)) / (to - from)}%` }} />
      ))}
    </div>
  );
}
