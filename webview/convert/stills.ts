// First pictures of files that the editor cannot show, for grids. One converter does them one after the other, is
// started by the first one and ends when it had nothing to do for a while.
import { throwIfAborted, UserError } from '../../src/base/errors.ts';
import { readMedia, startFFmpeg } from './engine.ts';

/** A still of a large file is not worth the memory. */
const largest = 100e6;
const idleMilliseconds = 10_000;

const known = new Map<string, string>();
let running: { ffmpeg: ReturnType<typeof startFFmpeg>; end: AbortController } | undefined;
let idle: ReturnType<typeof setTimeout> | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Address of a small JPEG of the file at `start` seconds; kept for the life of the page. */
export function stillOf(url: string, start: number | null, signal: AbortSignal): Promise<string> {
  const key = `${start ?? 0} ${url}`;
  const work = last.then(async () => {
    throwIfAborted(signal);
    const still = known.get(key) ?? (await convertStill(url, start, signal));
    known.set(key, still);
    return still;
  });
  last = work.catch(() => {}); // each caller hears of its own failure; the next one goes on
  return work;
}

async function convertStill(url: string, start: number | null, signal: AbortSignal): Promise<string> {
  clearTimeout(idle);
  const data = await readMedia(url, signal);
  if (data.byteLength > largest) throw new UserError('too-large', 'The file is too large for a still.');
  if (!running) {
    const end = new AbortController();
    running = { ffmpeg: startFFmpeg(end.signal), end };
  }
  try {
    const ffmpeg = await running.ffmpeg;
    await ffmpeg.writeFile('input', data);
    const seek = start === null ? [] : ['-ss', String(start)];
    const code = await ffmpeg.exec([...seek, '-i', 'input', '-frames:v', '1', '-vf', 'scale=320:-2', 'still.jpg']);
    if (code !== 0) throw new UserError('unconverted', 'The file is damaged or of an unknown kind.');
    const still = await ffmpeg.readFile('still.jpg');
    await ffmpeg.deleteFile('still.jpg');
    await ffmpeg.deleteFile('input');
    return URL.createObjectURL(new Blob([still as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }));
  } catch (error) {
    // A core that failed once may be in any state: the next still starts a new one.
    stop();
    throw error;
  } finally {
    idle = setTimeout(stop, idleMilliseconds);
  }
}

function stop(): void {
  running?.end.abort();
  running = undefined;
}
