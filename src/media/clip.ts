// What is asked of the decoder, and what it gives.

/**
 * Candidates that are counted in frames of the file. dense: `clips` stretches, evenly spread, of count / clips frames each,
 * `stride` apart; past the end the last frame is repeated. whole: evenly spaced from the first frame to the last.
 */
export type ClipPattern = { name: 'dense'; clips: number; stride: number } | { name: 'whole' };

/** Which images of a folder are a clip's frames. Default: all of the largest series of names that differ in a number alone. */
export interface FrameRange {
  /** Their names as printf would make them, such as "img_%05d.jpg". */
  readonly pattern?: string | undefined;
  /** Number of the first frame. */
  readonly first?: number | undefined;
  /** Frames from there on. */
  readonly count?: number | undefined;
  /** Of them a second, for who counts in seconds: the decoder does not. */
  readonly rate?: number | undefined;
}

export interface ClipRequest {
  /** A video, an image, or, where `kind` is video, a folder of numbered images. */
  file: string;
  kind: 'video' | 'image';
  /** Seconds from the beginning of the file; null for its first and last frame. Ignored for images. */
  start: number | null;
  end: number | null;
  /** Of a folder of images only. */
  frames?: FrameRange | undefined;
  /** Candidate frames. Without a pattern, candidate i is the frame shown at start + (i + 0.5) / count × duration. */
  count: number;
  pattern?: ClipPattern | undefined;
  /** Shorter side of the frames in pixels; the longer side is cropped at its centre to at most twice the shorter. */
  shortSide: number;
}

export interface DecodedClip {
  width: number;
  height: number;
  /** RGB bytes of the unique frames, [frames, height, width, 3]. */
  data: Uint8Array;
  frames: number;
  /** For each of the `count` candidates, which unique frame it is. */
  frameOf: Uint16Array;
  /** Seconds that the clip lasts; null for images and folders of images. */
  duration: number | null;
  /** Set where the file was only partly readable; one sentence. */
  warning?: string;
}
