// Small pictures of samples, for hovers and tooltips: one frame as a poster, or several side by side.
import { z } from 'zod';
import { sampleSchema } from './datasets.ts';
import { request } from './surface.ts';

export const stripRequests = {
  /**
   * A JPEG of `frames` frames side by side, evenly spaced over the sample, `width` pixels wide in all; an image is one frame.
   * `file` is its absolute path, below `.cover/thumbs`, where it is kept for as long as the media file has its size and time:
   * asking again costs a look at the disk. `sample` need not be in the index; `start` and `end` are seconds inside the file,
   * null for the whole. `kind` absent: by the file's name. Rejects with `unreadable-media`, and with `cancelled` when aborted.
   */
  'sample/strip': request(
    z.object({
      workspace: z.string(),
      sample: sampleSchema.pick({ file: true, start: true, end: true, frames: true }).extend({
        kind: sampleSchema.shape.kind.optional(),
      }),
      /** 1 to 16. */
      frames: z.number(),
      /** 16 to 2048. */
      width: z.number(),
    }),
    z.object({ file: z.string(), width: z.number(), height: z.number(), frames: z.number() }),
  ),
} as const;
