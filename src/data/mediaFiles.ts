// Which files count as videos and which as images, by their extension. Decoding decides in the end; this only sorts
// samples from what lies beside them. MPEG transport streams are left out: ".ts" and ".mts" are mostly TypeScript.
import { extname } from 'node:path';
import type { MediaKind } from './entries.ts';

const extensions: Record<MediaKind, ReadonlySet<string>> = {
  video: new Set(
    '.mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg .wmv .asf .flv .f4v .m2ts .3gp .3g2 .ogv .vob .mjpeg .gif'.split(' '),
  ),
  image: new Set('.png .jpg .jpeg .jpe .jfif .webp .tif .tiff .avif .gif'.split(' ')),
};

/** Whether `name` can be a sample of a dataset of this kind. A GIF can be either. */
export function isMedia(name: string, kind: MediaKind): boolean {
  return extensions[kind].has(extname(name).toLowerCase());
}

/** The kind that a file most likely is, or undefined for anything else. */
export function mediaKind(name: string): MediaKind | undefined {
  if (isMedia(name, 'image')) return 'image';
  return isMedia(name, 'video') ? 'video' : undefined;
}
