// Plays a folder of numbered frames as a clip: at its rate, as far as its images have come; it never skips one that is still to come.
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { count, plural } from '../../src/base/format.ts';
import type { ClipFrames } from '../../src/protocol/clipView.ts';
import { Failed } from '../base/notes.tsx';
import { Deck } from './deck.tsx';
import { FrameImages } from './frameImages.ts';
import { Stage } from './overlay.tsx';
import type { PictureProps } from './picture.tsx';

interface FramePlayerProps extends Pick<PictureProps, 'playhead' | 'settings' | 'change' | 'attention' | 'seen'> {
  /** Of the folder. */
  url: string;
  frames: ClipFrames;
  label: string;
  onSize: (width: number, height: number, seconds: number) => void;
  children?: ComponentChildren;
}

export function FramePlayer(props: FramePlayerProps) {
  const { url, frames, label, playhead, settings, change, attention, seen, onSize } = props;
  const { before, after, digits, rate } = frames;
  const { length } = digits;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [index, setIndex] = useState(0);
  const [playing, setPlaying] = useState(() => !matchMedia('(prefers-reduced-motion: reduce)').matches);
  const [picture, setPicture] = useState<{ width: number; height: number }>();
  /** Rises when an image has come, or turned out to be unreadable. */
  const [news, setNews] = useState(0);
  const urls = useMemo(
    () => digits.map((each) => `${url}/${encodeURIComponent(`${before}${each}${after}`)}`),
    [url, before, after, digits],
  );
  const images = useMemo(() => new FrameImages(urls, () => setNews((old) => old + 1)), [urls]);
  useEffect(() => () => images.close(), [images]);
  const at = Math.min(index, Math.max(0, length - 1));
  const { loop } = settings;

  // From where it stands by then: keys come faster than pictures are drawn.
  const go = (next: (from: number) => number) =>
    setIndex((from) => Math.min(length - 1, Math.max(0, next(Math.min(from, length - 1)))));
  const seek = (seconds: number) => go(() => Math.floor(seconds * rate + 1e-6));
  const step = (steps: number) => {
    setPlaying(false);
    go((from) => from + steps);
  };
  const toggle = () => {
    if (!playing && !loop && at === length - 1) go(() => 0);
    setPlaying(!playing);
  };

  // The middle of the frame: what lies on its edges is of two.
  useEffect(() => playhead.move((at + 0.5) / rate), [playhead, at, rate]);
  useEffect(() => {
    if (length > 0) images.want(at);
  }, [images, at, length, news]);
  useEffect(() => {
    const image = images.shownAt(at);
    const drawing = canvas.current?.getContext('2d');
    if (!image || !drawing || !canvas.current) return;
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    if (canvas.current.width !== width || canvas.current.height !== height)
      Object.assign(canvas.current, { width, height });
    drawing.drawImage(image, 0, 0);
    canvas.current.dataset.frame = digits[at]!;
    if (picture?.width !== width || picture.height !== height) {
      setPicture({ width, height });
      onSize(width, height, length / rate);
    }
  }, [images, at, news]);

  const now = useRef({ at, loop });
  now.current = { at, loop };
  useEffect(() => {
    if (!playing || length < 2) return;
    const speed = Number(settings.speed) * rate;
    let last: number | undefined;
    let due = 0;
    let handle = 0;
    const tick = (time: number) => {
      handle = requestAnimationFrame(tick);
      due = Math.min(2, due + ((time - (last ?? time)) / 1000) * speed);
      last = time;
      if (due < 1) return;
      const next = now.current.at + 1;
      if (next >= length && !now.current.loop) return setPlaying(false);
      const to = next % length;
      if (images.stateOf(to) === 'loading') return; // it waits for its image
      due -= 1;
      setIndex(to);
    };
    handle = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(handle);
  }, [playing, images, length, rate, settings.speed]);

  if (length === 0)
    return (
      <Failed message={`None of the ${plural(frames.missing, 'frame')} of this clip is in its folder any more.`} />
    );
  if (images.broken.size === length)
    return (
      <Failed message="None of the frames of this clip can be shown: they are damaged, or of a kind that the editor cannot read." />
    );
  const trouble = troubleOf(frames, images.broken.size, images.broken.has(at) ? digits[at] : undefined);
  return (
    <div class="player">
      <Stage playhead={playhead} picture={picture} attention={attention} opacity={settings.opacity}>
        <canvas
          ref={canvas}
          class={picture && picture.width < 160 ? 'stage small' : 'stage'}
          role="img"
          aria-label={label}
          data-testid="frames"
          onClick={toggle}
        />
      </Stage>
      <Deck
        {...{ playhead, settings, change, seen, playing, toggle, seek, step }}
        from={0}
        to={length / rate}
        time={at / rate}
        frameLength={1 / rate}
        offset={0}
        place={`frame ${count(at + 1)} of ${count(length)}`}
      >
        {props.children}
      </Deck>
      {trouble !== undefined && (
        <p class="dim" role="status" data-testid="frames-trouble">
          <span aria-hidden="true">⚠</span> {trouble}
        </p>
      )}
    </div>
  );
}

/** One sentence; undefined where every frame is there. `shown`: the digits of an unreadable frame that stands now. */
function troubleOf({ missing, digits }: ClipFrames, broken: number, shown: string | undefined): string | undefined {
  if (shown !== undefined) return `Frame ${shown} cannot be read: the one before it is shown.`;
  const all = digits.length + missing;
  const parts = [
    ...(missing > 0
      ? [`${count(missing)} of its ${plural(all, 'frame')} ${missing === 1 ? 'is' : 'are'} missing`]
      : []),
    ...(broken > 0 ? [`${count(broken)} cannot be read`] : []),
  ];
  return parts.length === 0 ? undefined : `${parts.join(', ')}: what is there is played.`;
}
