// The thread that decodes: the decoder and the frames kept on disk. Training blocks its own thread for as long as a step
// takes; here files are read, and ffmpeg is listened to, meanwhile.
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../base/errors.ts';
import type { DecodedClip } from '../media/clip.ts';
import { Decoder } from '../media/decoder.ts';
import { CachedDecoder } from './cachedDecoder.ts';
import { DiskFrames } from './diskFrames.ts';
import { type FrameThreadOptions, type FromFrames, sentError, type ToFrames } from './frameMessages.ts';

const { decoder: decoderOptions, cache } = workerData as FrameThreadOptions;
const running = new Map<number, AbortController>();
const tell = (message: FromFrames) => parentPort!.postMessage(message);

async function start(): Promise<void> {
  const decoder = await Decoder.create(decoderOptions);
  let disk: DiskFrames | undefined;
  let cacheProblem: string | undefined;
  try {
    disk = cache && (await DiskFrames.open(cache.folder, cache.limit));
  } catch (error) {
    cacheProblem = messageOf(error);
  }
  const source = new CachedDecoder(decoder, disk);
  parentPort!.on('message', (message: ToFrames) => {
    if ('close' in message) {
      void decoder.close().finally(() => process.exit());
    } else if ('cancel' in message) running.get(message.cancel)?.abort();
    else {
      const { decode: id, request } = message;
      const stop = new AbortController();
      running.set(id, stop);
      source
        .decode(request, stop.signal)
        .then(
          (clip) => tell({ id, clip: shared(clip) }),
          (error: unknown) => tell({ id, error: sentError(error) }),
        )
        .finally(() => running.delete(id));
    }
  });
  tell({ ready: true, ...(cacheProblem !== undefined && { cacheProblem }) });
}

/** The clip with its frames in memory that every thread may read, so that they are not copied again. */
function shared(clip: DecodedClip): DecodedClip {
  const data = new Uint8Array(new SharedArrayBuffer(clip.data.length));
  data.set(clip.data);
  return { ...clip, data };
}

start().catch((error: unknown) => tell({ failed: sentError(error) }));
