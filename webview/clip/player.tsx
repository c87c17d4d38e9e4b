// Plays a video: it runs by itself in a loop without sound (where motion is welcome), stops, and steps by frames.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../base/icons.tsx';
import { Button } from '../base/toolkit.tsx';
import { Deck } from './deck.tsx';
import { learnFrame, stepped } from './frames.ts';
import { Stage } from './overlay.tsx';
import type { PictureProps } from './picture.tsx';

interface PlayerProps extends Pick<PictureProps, 'playhead' | 'settings' | 'change' | 'attention' | 'seen'> {
  url: string;
  /** The part of the medium to play, in its own seconds; null: from its start, to its end. */
  start: number | null;
  end: number | null;
  /** Seconds of the file at which the medium begins: a converted copy is of a part only. */
  offset: number;
  label: string;
  onUnplayable: () => void;
  onSize: (width: number, height: number, seconds: number) => void;
  /** Further controls. */
  children?: ComponentChildren;
}

/** Until the file's own is known. */
const guessedFrame = 1 / 25;

export function Player(props: PlayerProps) {
  const { url, start, end, offset, label, playhead, settings, change, seen, onUnplayable, onSize } = props;
  const ref = useRef<HTMLVideoElement>(null);
  const frame = useRef<number | undefined>(undefined);
  const [duration, setDuration] = useState(0);
  const [picture, setPicture] = useState<{ width: number; height: number }>();
  const [time, setTime] = useState(start ?? 0);
  const [playing, setPlaying] = useState(false);
  const [muted, setMuted] = useState(true);
  const { loop } = settings;
  const from = start ?? 0;
  const to = Math.min(end ?? duration, duration || Number.POSITIVE_INFINITY);
  const frameLength = seen?.rate ? 1 / seen.rate : (frame.current ?? guessedFrame);

  const show = (seconds: number) => {
    setTime(seconds);
    playhead.move(seconds + offset);
  };
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    let previous: number | undefined;
    let handle = 0;
    // What ends before its file does is sent back here, or stopped.
    const onFrame = (_: number, { mediaTime }: { mediaTime: number }) => {
      // Only frames that follow each other tell their distance; a seek jumps over any number of them.
      if (!video.paused && !video.seeking) frame.current = learnFrame(frame.current, previous, mediaTime);
      previous = video.paused || video.seeking ? undefined : mediaTime;
      if (end !== null && mediaTime >= end && !video.paused) {
        if (loop) video.currentTime = from;
        else video.pause();
      }
      show(mediaTime);
      handle = video.requestVideoFrameCallback(onFrame);
    };
    handle = video.requestVideoFrameCallback(onFrame);
    return () => video.cancelVideoFrameCallback(handle);
  }, [url, from, end, loop, offset]);
  useEffect(() => {
    if (ref.current) ref.current.playbackRate = Number(settings.speed);
  }, [settings.speed, duration]);

  // What ends with its file: the browser's own loop would begin at the beginning of the file.
  const onEnded = (video: HTMLVideoElement) => {
    if (!loop) return;
    video.currentTime = from;
    void video.play().catch(() => {}); // stopped meanwhile
  };
  const toggle = () => {
    const video = ref.current!;
    if (video.paused) {
      if (video.ended || (end !== null && video.currentTime >= end)) video.currentTime = from;
      void video.play().catch(() => {}); // paused again before it began
    } else video.pause();
  };
  const seek = (seconds: number) => {
    const within = Math.min(Math.max(seconds, from), Math.max(from, to - 1e-3));
    ref.current!.currentTime = within;
    show(within);
  };
  const step = (steps: number) => {
    ref.current!.pause();
    seek(stepped(ref.current!.currentTime, frameLength, steps, from, to));
  };
  const onLoadedMetadata = (video: HTMLVideoElement) => {
    // Sound without a picture: the browser knows the container, but not the video inside.
    if (video.videoWidth === 0) return onUnplayable();
    setDuration(video.duration);
    setPicture({ width: video.videoWidth, height: video.videoHeight });
    onSize(video.videoWidth, video.videoHeight, video.duration);
    if (from > 0) video.currentTime = from;
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) void video.play().catch(() => {}); // stands still then
  };

  return (
    <div class="player">
      <Stage playhead={playhead} picture={picture} attention={props.attention} opacity={settings.opacity}>
        <video
          ref={ref}
          class="stage"
          src={url}
          muted={muted}
          loop={loop && from === 0}
          playsInline
          aria-label={label}
          data-testid="video"
          onClick={toggle}
          onLoadedMetadata={(event) => onLoadedMetadata(event.currentTarget)}
          onPlay={() => setPlaying(true)}
          onPause={() => setPlaying(false)}
          onEnded={(event) => onEnded(event.currentTarget)}
          onError={onUnplayable}
        />
      </Stage>
      <Deck
        {...{ playhead, settings, change, seen, from, to, time, frameLength, offset, playing, toggle, seek, step }}
        own={
          <Button appearance="icon" label={muted ? 'Sound on' : 'Sound off'} onClick={() => setMuted(!muted)}>
            <Icon name={muted ? 'silent' : 'sound'} />
          </Button>
        }
      >
        {props.children}
      </Deck>
    </div>
  );
}
