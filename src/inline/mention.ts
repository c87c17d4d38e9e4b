// What a line of an annotation file says: which clip it names, and where its label stands. Columns count UTF-16 units from 0,
// as editors do. Nothing here reads a disk: whether a name is that of a file is for the runner to say.

export interface Span {
  start: number;
  /** After the last character. */
  end: number;
}

/** How another label is written in a label's place. `word`: as it is. */
export type Writing = 'csv' | 'json' | 'word';

export interface LabelPlace extends Span {
  line: number;
  /** As it is meant: quotes and escapes undone. */
  text: string;
  writing: Writing;
  /** Of `csv`: what separates the fields. */
  delimiter?: string;
}

/** One way to read a line. A name with spaces may begin at the line's start or at its last word: the disk decides. */
export interface Candidate extends Span {
  /** A path as it is written, or an id. */
  name: string;
  /** The name is known to a dataset's lists only, and is no path. */
  isId: boolean;
  label?: LabelPlace;
}

export interface Mention {
  /** 0-based; the label may stand in another line. */
  line: number;
  /** The likeliest first; never empty. */
  candidates: Candidate[];
  /** Seconds inside the file, where the line says so. */
  startSec?: number;
  endSec?: number;
  /** Nothing in the document says that it is a list of clips: an image may be there for another reason. */
  isLoose?: true;
  /** The name stands in a text: what is shown for it stands behind it, at this column, and not at the end of the line. */
  shownAt?: number;
}

/** Longer lines are passed over: no person reads them, and reading them must not hold up the editor. */
export const longestLine = 4000;
const longestName = 1024;

const extensions =
  'mp4|m4v|mov|avi|mkv|webm|mpe?g|wmv|asf|flv|f4v|m2ts|3gp|3g2|ogv|vob|mjpeg|gif|png|jpe?g|jpe|jfif|webp|tiff?|avif';
const mediaEnding = new RegExp(`\\.(?:${extensions})$`, 'i');
/** A file's ending inside of a text, with what must follow it. */
const endingInside = new RegExp(`\\.(?:${extensions})(?=$|[\\s"'\`,;|)>\\]]|\\.(?:\\s|$))`, 'gi');

/** Whether a text can be the name of a video or image file of this machine. */
export function isMediaName(name: string): boolean {
  return name.length <= longestName && mediaEnding.test(name) && !isAddress(name);
}

/** Whether a text begins like an address (https:, data:, file:). A letter and a colon is a drive. */
export function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(text) || text.startsWith('//');
}

/** Where the endings of media files stand in a text: the columns after them, four at most. */
export function mediaEndings(text: string): number[] {
  const found: number[] = [];
  for (const match of text.matchAll(endingInside)) {
    found.push(match.index + match[0].length);
    if (found.length === 4) break;
  }
  return found;
}

/** Whether a text can be the id of a clip in a list: one word, without the signs of a path. */
export function isIdName(name: string): boolean {
  return /^[\w-]{1,100}$/.test(name);
}

/** Seconds, of a number of them or of hours, minutes and seconds (`00:01:02.5`); undefined for anything else. */
export function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const clock = /^(\d+):(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/.exec(text.trim());
  const value = clock ? Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]) : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
