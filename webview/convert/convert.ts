// Turns a file that the editor cannot play into one it can: H.264 in MP4 (sound as MP3, since desktop VS Code plays no
// AAC), or PNG for an image.
import { CancelledError, UserError } from '../../src/base/errors.ts';
import { bytes } from '../../src/base/format.ts';
import { readMedia, startFFmpeg } from './engine.ts';

/** The file and its result lie in the memory of a 32-bit machine together. */
const largest = 500e6;

export interface ConvertOptions {
  kind: 'video' | 'image';
  /** Bytes, where known. */
  size: number | null;
  /** Seconds inside the file: only this part is converted, and the result begins at 0. */
  start: number | null;
  end: number | null;
  signal: AbortSignal;
  /** Share done, 0 … 1; undefined while the converter starts. */
  onProgress: (share: number | undefined) => void;
}

/**
 * Address of a playable copy (a blob; revoke it when done). Rejects with a UserError whose sentence says what to do, or
 * with a CancelledError.
 */
export async function toPlayable(url: string, options: ConvertOptions): Promise<string> {
  const { kind, signal, onProgress } = options;
  refuseLarge(options.size);
  onProgress(undefined);
  // The file is small beside the converter, so both are fetched at once.
  const started = startFFmpeg(signal);
  const [data, ffmpeg] = await Promise.all([readMedia(url, signal), started]).catch((error: unknown) => {
    void started.then(
      (running) => running.terminate(), // of a file that cannot be read
      () => undefined,
    );
    throw error;
  });
  const log: string[] = [];
  try {
    refuseLarge(data.byteLength);
    ffmpeg.on('progress', ({ progress }) => onProgress(Math.min(1, Math.max(0, progress))));
    ffmpeg.on('log', ({ message }) => {
      log.push(message);
      if (log.length > 40) log.shift();
    });
    await ffmpeg.writeFile('input', data);
    const output = kind === 'image' ? 'output.png' : 'output.mp4';
    const args = kind === 'image' ? imageArguments(output) : videoArguments(options, output);
    const code = await ffmpeg.exec(args, -1, { signal });
    const result = code === 0 ? await ffmpeg.readFile(output) : undefined;
    if (!(result instanceof Uint8Array) || result.byteLength === 0) throw unconverted(log);
    onProgress(1);
    return blobOf(result, kind === 'image' ? 'image/png' : 'video/mp4');
  } catch (error) {
    if (signal.aborted) throw new CancelledError('The conversion');
    throw error instanceof UserError ? error : unconverted(log);
  } finally {
    ffmpeg.terminate();
  }
}

function refuseLarge(size: number | null): void {
  if (size === null || size <= largest) return;
  const sentence = `The editor cannot play this kind of file, and at ${bytes(size)} it is too large to be converted here`;
  throw new UserError('too-large', `${sentence} (limit ${bytes(largest)}). Open it in another player.`);
}

function videoArguments({ start, end }: ConvertOptions, output: string): string[] {
  const part = [...(start === null ? [] : ['-ss', String(start)]), ...(end === null ? [] : ['-to', String(end)])];
  // H.264 wants even sides; more than 1,280 pixels would take long for what is looked at in a panel.
  const scale = 'scale=trunc(min(1280\\,iw)/2)*2:-2:flags=bilinear';
  const picture = ['-map', '0:v:0', '-vf', scale, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18'];
  const sound = ['-map', '0:a:0?', '-c:a', 'libmp3lame', '-b:a', '128k', '-ac', '2'];
  return [...part, '-i', 'input', ...picture, '-pix_fmt', 'yuv420p', ...sound, '-movflags', '+faststart', output];
}

function imageArguments(output: string): string[] {
  return ['-i', 'input', '-frames:v', '1', output];
}

function blobOf(data: Uint8Array, type: string): string {
  return URL.createObjectURL(new Blob([data as Uint8Array<ArrayBuffer>], { type }));
}

/** What ffmpeg said last, as one sentence. */
function unconverted(log: readonly string[]): UserError {
  const telling = log.findLast((line) =>
    /invalid|error|could not|not found|no such|unknown|does not contain/i.test(line),
  );
  const words = telling?.replace(/^(\[[^\]]*\]|input:|Error opening input:?)\s*/, '').replace(/\.\s*$/, '');
  const reason = words ? ` (${words.trim()})` : '';
  const sentence = `The file cannot be shown: it is damaged or of an unknown kind${reason}.`;
  return new UserError('unconverted', `${sentence} Replace it, or exclude it from its dataset.`);
}
