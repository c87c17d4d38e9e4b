// What the player shows: the file itself where the browser can play it, else a converted copy. The copy's memory and the
// converter are released when the file changes or the page goes.
import { useCallback, useEffect, useState } from 'preact/hooks';
import { CancelledError } from '../../src/base/errors.ts';
import type { ClipSnapshot } from '../../src/protocol/clipView.ts';
import { failureOf } from '../base/hooks.ts';
import { needsConversion } from '../base/media.ts';
import { toPlayable } from '../convert/convert.ts';

export type MediaSource =
  /** The file as it is. */
  | { state: 'direct'; url: string }
  /** `share` is 0 … 1; undefined while the converter starts. */
  | { state: 'converting'; share: number | undefined }
  /** A copy that begins at the sample's start. */
  | { state: 'converted'; url: string }
  | { state: 'cancelled' }
  | { state: 'failed'; message: string };

export interface MediaSourceControl {
  source: MediaSource;
  /** The browser refused the file: convert it. */
  convert: () => void;
  cancel: () => void;
}

/** Names what is shown: several samples may be parts of one file, or of one folder of frames. */
export function partKey({ url, start, end, frames }: Pick<ClipSnapshot, 'url' | 'start' | 'end' | 'frames'>): string {
  const part = frames ? `${frames.digits[0]} ${frames.digits.at(-1)}` : '';
  return `${url} ${start ?? ''} ${end ?? ''} ${part}`.trimEnd();
}

export function useMediaSource(clip: ClipSnapshot): MediaSourceControl {
  const { url, file, kind, size, start, end } = clip;
  // A folder of frames may be called like a file.
  const converts = !clip.frames && needsConversion(file);
  const [attempt, setAttempt] = useState(converts ? 1 : 0);
  // Not shown as it is first: the browser's refusal would start a second conversion, which no Cancel of the first reaches.
  const [source, setSource] = useState<MediaSource>(
    converts ? { state: 'converting', share: undefined } : { state: 'direct', url },
  );
  const [control, setControl] = useState<AbortController>();

  // Another file begins anew, whatever became of the last one.
  useEffect(() => setAttempt(converts ? 1 : 0), [url, file]);

  useEffect(() => {
    if (attempt === 0) {
      setSource({ state: 'direct', url });
      return;
    }
    const controller = new AbortController();
    let copy: string | undefined;
    let gone = false;
    setControl(controller);
    setSource({ state: 'converting', share: undefined });
    const onProgress = (share: number | undefined) => {
      if (!gone && !controller.signal.aborted) setSource({ state: 'converting', share });
    };
    toPlayable(url, { kind, size, start, end, signal: controller.signal, onProgress }).then(
      (result) => {
        if (gone) return URL.revokeObjectURL(result);
        copy = result;
        setSource({ state: 'converted', url: result });
      },
      (error: unknown) => {
        if (gone) return;
        if (error instanceof CancelledError) setSource({ state: 'cancelled' });
        else setSource({ state: 'failed', message: failureOf(error).message });
      },
    );
    return () => {
      gone = true;
      controller.abort();
      if (copy !== undefined) URL.revokeObjectURL(copy);
    };
  }, [attempt, url, kind, size, start, end]);

  const convert = useCallback(() => setAttempt((old) => old + 1), []);
  const cancel = useCallback(() => control?.abort(), [control]);
  return { source, convert, cancel };
}
