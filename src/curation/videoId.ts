// The YouTube id in a file's name, as datasets cut from YouTube write it, and which part of the video the file holds:
//   0wR5jVB-WPk_000417_000427.mp4  Kinetics (seconds)        v_0wR5jVB-WPk.mp4   ActivityNet
//   yt-0wR5jVB-WPk_48.mp4          Moments in Time           0wR5jVB-WPk_00003   Diving48 (third cut)
//   0wR5jVB-WPk.mp4                an id alone
import { extname } from 'node:path';
import { baseName } from '../base/format.ts';

export interface VideoPart {
  readonly id: string;
  /** Seconds in the video, where the name tells. */
  readonly start: number | null;
  readonly end: number | null;
  /** A number that tells parts of one video apart, where the name has one: 48 of `yt-…_48`. */
  readonly cut: string | null;
  /** Nothing but an id: believed only where the other names of the dataset are ids as well. */
  readonly bare: boolean;
}

/** An id is a number of 64 bits in eleven digits of six bits, so the last digit has two bits that are always 0. */
const youtubeId = /^[\w-]{10}[048AEIMQUYcgkosw]$/;

/** What a file or folder name tells; undefined where it has no id. */
export function videoPartOf(file: string): VideoPart | undefined {
  const name = baseName(file);
  const stem = isExtension(extname(name)) ? name.slice(0, -extname(name).length) : name;
  const part = (id: string | undefined, rest: Partial<VideoPart> = {}): VideoPart | undefined =>
    id !== undefined && isId(id) ? { id, start: null, end: null, cut: null, bare: false, ...rest } : undefined;

  const timed = /^(?:v_|yt-)?([\w-]{11})_(\d{1,6}(?:\.\d+)?)_(\d{1,6}(?:\.\d+)?)$/.exec(stem);
  if (timed && Number(timed[3]) > Number(timed[2]))
    return part(timed[1], { start: Number(timed[2]), end: Number(timed[3]) });
  const prefixed = /^(?:v_|yt-)([\w-]{11})(?:_(\d+))?$/.exec(stem);
  if (prefixed) return part(prefixed[1], { cut: prefixed[2] ?? null });
  const numbered = /^([\w-]{11})_(\d{5})$/.exec(stem);
  if (numbered) return part(numbered[1], { cut: numbered[2]! });
  return /^[\w-]{11}$/.test(stem) ? part(stem, { bare: true }) : undefined;
}

/** File names that have eleven letters, digits, "-" and "_" but are no ids make a bare id of the same dataset doubtful. */
export function looksBare(file: string): boolean {
  const name = baseName(file);
  const stem = isExtension(extname(name)) ? name.slice(0, -extname(name).length) : name;
  return /^[\w-]{11}$/.test(stem) && !/^\d+$/.test(stem);
}

/** Of a dataset's bare names so many must be ids for any of them to be believed. */
export const bareShare = 0.9;

function isId(text: string): boolean {
  // Numbers (Something-Something) and words with a number or in one case are names that people gave.
  if (!youtubeId.test(text) || /^\d+$/.test(text)) return false;
  if (/^[A-Za-z]+[_-]?\d{2,}$/.test(text)) return false;
  if (/_g\d{2}_c\d{2}$/.test(text)) return false; // UCF101: a group of clips
  if (/^([A-Z][a-z]+){1,4}$/.test(text) || /^[a-z]+([_-][a-z]+)*$/.test(text) || /^[A-Z_-]+$/.test(text)) return false;
  return /[A-Z]/.test(text) && /[a-z]/.test(text) ? true : /\d/.test(text) && /[A-Za-z].*[\d_-].*[A-Za-z]/.test(text);
}

function isExtension(extension: string): boolean {
  return /^\.[A-Za-z][A-Za-z0-9]{1,4}$/.test(extension);
}

/**
 * Two clips that their datasets cut from one video on purpose, which lie beside each other and look alike: of one group of
 * UCF101 (`v_Archery_g08_c01`, `…_c02`), or of one video of HMDB51 (`…_med_0`, `…_med_1`). The key is the same for both.
 */
export function siblingKey(file: string): string | undefined {
  const stem = baseName(file).replace(/\.\w+$/, '');
  const ucf = /^(v_.+_g\d{2})_c\d{2}$/.exec(stem);
  const hmdb = /^(.+_(?:goo|med|bad))_\d+$/.exec(stem);
  return ucf?.[1] ?? hmdb?.[1];
}
