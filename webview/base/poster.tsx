// A small picture of a sample: the image, or a video that stands still until pointed at or focused. What the editor
// cannot play shows a still that was converted, or says what it is until there is one.
import { useEffect, useRef, useState } from 'preact/hooks';
import { stillOf } from '../convert/stills.ts';
import { mediaTime as fragment, needsConversion } from './media.ts';

interface PosterProps {
  url: string;
  file: string;
  kind: 'video' | 'image';
  start: number | null;
  end: number | null;
}

export function Poster({ url, file, kind, start, end }: PosterProps) {
  const [broken, setBroken] = useState(needsConversion(file));
  if (broken) return <Still url={url} file={file} start={start} />;
  if (kind === 'image') {
    return (
      <img
        class="poster"
        src={url}
        alt=""
        loading="lazy"
        // An image of a few pixels (a digit, say) is enlarged to its pixels, not blurred.
        onLoad={({ currentTarget: image }) => image.classList.toggle('small', image.naturalWidth < 100)}
        onError={() => setBroken(true)}
      />
    );
  }
  return <Moving url={url} start={start} end={end} onBroken={() => setBroken(true)} />;
}

interface MovingProps {
  url: string;
  start: number | null;
  end: number | null;
  onBroken: () => void;
}

function Moving({ url, start, end, onBroken }: MovingProps) {
  const from = start ?? 0;
  const ref = useRef<HTMLVideoElement>(null);
  // The whole card plays its clip: the card is what is pointed at and focused.
  useEffect(() => {
    const video = ref.current;
    const card = video?.closest('button, [data-card]') ?? video;
    if (!video || !card) return;
    const play = () => void video.play().catch(() => {}); // the pointer left before it could begin
    const rest = () => {
      video.pause();
      video.currentTime = from;
    };
    // The browser stops at the end of a media fragment once and heeds it no more, so the part is kept to here.
    let handle = 0;
    const onFrame = (_: number, { mediaTime }: { mediaTime: number }) => {
      if (!video.paused && end !== null && mediaTime >= end) video.currentTime = from;
      handle = video.requestVideoFrameCallback(onFrame);
    };
    handle = video.requestVideoFrameCallback(onFrame);
    const again = () => {
      video.currentTime = from;
      play();
    };
    video.addEventListener('ended', again);
    card.addEventListener('pointerenter', play);
    card.addEventListener('focus', play);
    card.addEventListener('pointerleave', rest);
    card.addEventListener('blur', rest);
    return () => {
      video.cancelVideoFrameCallback(handle);
      video.removeEventListener('ended', again);
      card.removeEventListener('pointerenter', play);
      card.removeEventListener('focus', play);
      card.removeEventListener('pointerleave', rest);
      card.removeEventListener('blur', rest);
    };
  }, [from, end]);
  return (
    <video
      ref={ref}
      class="poster"
      src={url + fragment(start, null)}
      muted
      loop={from === 0}
      playsInline
      preload="metadata"
      tabIndex={-1}
      onError={onBroken}
      onLoadedMetadata={(event) => {
        if (event.currentTarget.videoWidth === 0) onBroken();
      }}
    />
  );
}

function Still({ url, file, start }: { url: string; file: string; start: number | null }) {
  const [still, setStill] = useState<string>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const controller = new AbortController();
    stillOf(url, start, controller.signal).then(setStill, () => {
      if (!controller.signal.aborted) setFailed(true);
    });
    return () => controller.abort();
  }, [url, start]);
  if (still) return <img class="poster" src={still} alt="" />;
  return (
    <span class="poster poster-none dim">
      {failed ? 'cannot be shown' : `${file.split('.').pop()?.toUpperCase() ?? ''} …`}
    </span>
  );
}
