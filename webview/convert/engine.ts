// Starts @ffmpeg/ffmpeg inside a webview. The page's policy allows workers from blobs only and no scripts from
// elsewhere, so the worker's script and the single-threaded core (there is no SharedArrayBuffer) become one blob.
import { FFmpeg } from '@ffmpeg/ffmpeg';
import { CancelledError, messageOf, throwIfAborted, UserError } from '../../src/base/errors.ts';

/** An address beside this page's own script, wherever the editor serves it from. */
function besideScript(path: string): string {
  const script = document.querySelector<HTMLScriptElement>('script[src]');
  return new URL(path, script?.src ?? document.baseURI).href;
}

async function fetched(path: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(besideScript(path), { signal });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}

/**
 * A running ffmpeg. `signal` ends it at any time, which is the only way to stop it in the middle of a file.
 * Rejects with code `no-converter` where it cannot be started.
 */
export async function startFFmpeg(signal: AbortSignal): Promise<FFmpeg> {
  const addresses: string[] = [];
  const blobUrl = (parts: BlobPart[], type: string) => {
    const url = URL.createObjectURL(new Blob(parts, { type }));
    addresses.push(url);
    return url;
  };
  const ffmpeg = new FFmpeg();
  signal.addEventListener('abort', () => ffmpeg.terminate(), { once: true });
  try {
    const [core, worker, wasm] = await Promise.all([
      fetched('ffmpeg/ffmpeg-core.js', signal).then((response) => response.text()),
      fetched('ffmpeg/worker.js', signal).then((response) => response.text()),
      fetched('ffmpeg/ffmpeg-core.wasm', signal).then((response) => response.arrayBuffer()),
    ]);
    // The worker would load the core by `importScripts`; here it is in the same script already.
    const joint = '\n;self.createFFmpegCore = createFFmpegCore; self.importScripts = () => {};\n';
    const classWorkerURL = blobUrl([core, joint, worker], 'text/javascript');
    const wasmURL = blobUrl([wasm], 'application/wasm');
    throwIfAborted(signal);
    await ffmpeg.load({ classWorkerURL, coreURL: 'ffmpeg-core.js', wasmURL }, { signal });
    return ffmpeg;
  } catch (error) {
    ffmpeg.terminate();
    if (signal.aborted) throw new CancelledError('The conversion');
    throw new UserError('no-converter', `The converter did not start (${messageOf(error)}). Reload the window.`);
  } finally {
    for (const address of addresses) URL.revokeObjectURL(address);
  }
}

/** Reads a media file through the editor. Rejects with code `unreadable-media` where it cannot. */
export async function readMedia(url: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`the editor answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (signal.aborted) throw new CancelledError('The conversion');
    const sentence = `The file cannot be read (${messageOf(error)}). See that it is still there and in a dataset folder.`;
    throw new UserError('unreadable-media', sentence);
  }
}
