// Where decoded frames come from: the disk, where they are kept from an earlier run, else the file itself.
import type { ClipRequest, DecodedClip } from '../media/clip.ts';
import type { DiskFrames } from './diskFrames.ts';

/** Anything that gives a clip's frames. Rejects with UserError 'unreadable-media', or CancelledError. */
export interface FrameSource {
  decode(request: ClipRequest, signal?: AbortSignal): Promise<DecodedClip>;
}

export class CachedDecoder implements FrameSource {
  constructor(
    private readonly decoder: FrameSource,
    private readonly disk: DiskFrames | undefined,
  ) {}

  async decode(request: ClipRequest, signal?: AbortSignal): Promise<DecodedClip> {
    const { disk } = this;
    const name = await disk?.nameOf(request);
    if (!disk || name === undefined) return this.decoder.decode(request, signal);
    const kept = await disk.read(name);
    if (kept) return kept;
    const clip = await this.decoder.decode(request, signal);
    await disk.write(name, clip);
    return clip;
  }
}
