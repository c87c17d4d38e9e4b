// Plays a clip: it runs by itself in a loop without sound (where motion is welcome), stops, and steps by frames. The
// keys work anywhere on the page: space, left and right, Home and End.
import { useEffect, useRef, useState } from 'preact/hooks';
import { clock } from '../../src/base/format.ts';
import { Icon } from '../base/icons.tsx';
import { Button } from '../base/toolkit.tsx';
import { learnFrame, stepped } from './frames.ts';

interface PlayerProps {
  url: string;
  /** The part of the file to play, in seconds; null: from its start, to its end. */
  start: number | null;
  end: number | null;
  label: string;
  onUnplayable: () => void;
  onSize: (width: number, height: number, seconds: number) => void;
}

/** Until the file's own is known. */
const guessedFrame = 1 / 25;

export function Player({ url, start, end, label, onUnplayable, onSize }: PlayerProps) {
  const ref = useRef<HTMLVideoElement>(null);
  const frame = useRef<number | undefined>(undefined);
  const [duration, setDuration] = useState(0);
  const [time, setTime] = useState(start ?? 0);
  const [playing, setPlaying] = useState(false);
  const [muted, setMuted] = useState(true);
  const from = start ?? 0;
  const to = Math.min(end ?? duration, duration || Number.POSITIVE_INFINITY);

  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    let previous: number | undefined;
    let handle = 0;
    // A file that ends at `end` inside loops by itself; a part of one is sent back here.
    const onFrame = (_: number, { mediaTime }: { mediaTime: number }) => {
      // Only frames that follow each other tell their distance; a seek jumps over any number of them.
      if (!video.paused && !video.seeking) frame.current = learnFrame(frame.current, previous, mediaTime);
      previous = video.paused || video.seeking ? undefined : mediaTime;
      if (end !== null && mediaTime >= end && !video.paused) video.currentTime = from;
      setTime(mediaTime);
      handle = video.requestVideoFrameCallback(onFrame);
    };
    handle = video.requestVideoFrameCallback(onFrame);
    return () => video.cancelVideoFrameCallback(handle);
  }, [url, from, end]);

  const toggle = () => {
    const video = ref.current!;
    if (video.paused)
      void video.play().catch(() => {}); // paused again before it began
    else video.pause();
  };
  const seek = (seconds: number) => {
    ref.current!.currentTime = Math.min(Math.max(seconds, from), Math.max(from, to - 1e-3));
    setTime(seconds);
  };
  const step = (steps: number) => {
    ref.current!.pause();
    seek(stepped(ref.current!.currentTime, frame.current ?? guessedFrame, steps, from, to));
  };

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      // The slider moves by frames itself, and a focused button takes the space bar.
      if (target.tagName === 'INPUT' || (event.key === ' ' && target.closest('button, vscode-button'))) return;
      if (event.key === ' ') toggle();
      else if (event.key === 'ArrowLeft') step(-1);
      else if (event.key === 'ArrowRight') step(1);
      else if (event.key === 'Home') seek(from);
      else if (event.key === 'End') seek(to);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  });

  const onLoadedMetadata = (video: HTMLVideoElement) => {
    // Sound without a picture: the browser knows the container, but not the video inside.
    if (video.videoWidth === 0) return onUnplayable();
    setDuration(video.duration);
    onSize(video.videoWidth, video.videoHeight, video.duration);
    if (from > 0) video.currentTime = from;
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) void video.play().catch(() => {}); // stands still then
  };

  return (
    <div class="player">
      <video
        ref={ref}
        class="stage"
        src={url}
        muted={muted}
        loop
        playsInline
        aria-label={label}
        data-testid="video"
        onClick={toggle}
        onLoadedMetadata={(event) => onLoadedMetadata(event.currentTarget)}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onError={onUnplayable}
      />
      <div class="controls">
        <Button appearance="icon" label={playing ? 'Pause (space)' : 'Play (space)'} testId="play" onClick={toggle}>
          <Icon name={playing ? 'pause' : 'play'} />
        </Button>
        <Button appearance="icon" label="One frame back (←)" onClick={() => step(-1)}>
          <Icon name="back" />
        </Button>
        <Button appearance="icon" label="One frame forward (→)" testId="forward" onClick={() => step(1)}>
          <Icon name="forward" />
        </Button>
        <input
          type="range"
          class="scrub"
          aria-label="Position"
          min={from}
          max={Number.isFinite(to) ? to : from + 1}
          step={frame.current ?? guessedFrame}
          value={time}
          onInput={(event) => seek(Number(event.currentTarget.value))}
        />
        <span class="time" data-testid="time">
          {clock(time - from)} <span class="dim">/ {clock(to - from)}</span>
        </span>
        <Button appearance="icon" label={muted ? 'Sound on' : 'Sound off'} onClick={() => setMuted(!muted)}>
          <Icon name={muted ? 'silent' : 'sound'} />
        </Button>
      </div>
    </div>
  );
}
