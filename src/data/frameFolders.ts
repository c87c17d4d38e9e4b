// What frames lie in the folders that are clips. One folder may hold many clips, as a video of EPIC-Kitchens does whose actions
// are ranges of its frames: it is read once for all of them, though they come label by label.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { frameName, framePattern, mainSeries } from '../base/frameNames.ts';
import type { Sample } from '../protocol/datasets.ts';
import { isMedia } from './mediaFiles.ts';

export interface FolderFrames {
  /** "img_%05d.jpg" */
  readonly pattern: string;
  readonly numbers: FrameNumbers;
}

/** Stretches of numbers that are remembered in all: of folders without gaps some ten thousand. */
const mostRemembered = 1 << 18;
/** What is kept of a folder beside its stretches is as large as so many of them. */
const folderWeight = 16;

/** Remembers folders that were read, up to a size, the latest of them. */
export class FrameFolders {
  private readonly known = new Map<string, Remembered>();
  private weight = 0;

  /** `most`: how many stretches of numbers are remembered. */
  constructor(private readonly most = mostRemembered) {}

  /** The frames of a folder, which was last changed at `mtime`; undefined where it has none. Rejects where it cannot be read. */
  read(folder: string, mtime: number): Promise<FolderFrames | undefined> {
    const known = this.known.get(folder);
    if (known?.mtime === mtime) return known.frames;
    this.forget(folder);
    const own: Remembered = { mtime, frames: readFolder(folder), weight: 0 };
    this.known.set(folder, own);
    own.frames.then(
      (found) => this.known.get(folder) === own && this.weigh(own, found),
      () => this.known.get(folder) === own && this.forget(folder),
    );
    return own.frames;
  }

  /** The images of a clip that are there, in the order of their numbers; otherwise as `read`. */
  async filesOf(
    folder: string,
    { pattern, first, count }: NonNullable<Sample['frames']>,
    mtime: number,
  ): Promise<string[] | undefined> {
    const found = await this.read(folder, mtime);
    return found?.numbers.within(first, first + count - 1).map((number) => join(folder, frameName(pattern, number)));
  }

  private weigh(own: Remembered, found: FolderFrames | undefined): void {
    own.weight = folderWeight + (found?.numbers.stretches.length ?? 0);
    this.weight += own.weight;
    for (const folder of this.known.keys()) {
      if (this.weight <= this.most || this.known.size === 1) break;
      this.forget(folder);
    }
  }

  private forget(folder: string): void {
    this.weight -= this.known.get(folder)?.weight ?? 0;
    this.known.delete(folder);
  }
}

interface Remembered {
  readonly mtime: number;
  readonly frames: Promise<FolderFrames | undefined>;
  /** 0 until it was read. */
  weight: number;
}

async function readFolder(folder: string): Promise<FolderFrames | undefined> {
  const series = mainSeries((await readdir(folder)).filter((name) => isMedia(name, 'image')));
  if (!series) return undefined;
  const rising = series.digits.map(Number).sort((a, b) => a - b);
  return { pattern: framePattern(series), numbers: new FrameNumbers(rising) };
}

/** Numbers from `first` to `last` without a gap, and how many there are before them. */
interface Stretch {
  readonly first: number;
  last: number;
  readonly before: number;
}

/** The numbers of a folder's frames, one or more: as stretches, which are few however many frames there are. */
export class FrameNumbers {
  readonly stretches: readonly Stretch[];

  constructor(rising: readonly number[]) {
    const stretches: Stretch[] = [];
    let own: Stretch | undefined;
    for (const number of rising) {
      if (own && number <= own.last + 1) own.last = number;
      else {
        own = { first: number, last: number, before: own ? placeOf(own.last, own) + 1 : 0 };
        stretches.push(own);
      }
    }
    this.stretches = stretches;
  }

  get first(): number {
    return this.stretches[0]!.first;
  }

  get last(): number {
    return this.stretches.at(-1)!.last;
  }

  get count(): number {
    return placeOf(this.last, this.stretches.at(-1)!) + 1;
  }

  /** What there is of the numbers from `first` to `last`: the least, the greatest and how many; undefined where none is. */
  between(first: number, last: number): { first: number; last: number; count: number } | undefined {
    const from = this.stretches[this.firstThat((stretch) => stretch.last >= first)];
    const to = this.stretches[this.firstThat((stretch) => stretch.first > last) - 1];
    if (!from || !to) return undefined;
    const least = Math.max(first, from.first);
    const greatest = Math.min(last, to.last);
    if (least > greatest) return undefined;
    return { first: least, last: greatest, count: placeOf(greatest, to) - placeOf(least, from) + 1 };
  }

  /** Those from `first` to `last`. */
  within(first: number, last: number): number[] {
    const from = this.firstThat((stretch) => stretch.last >= first);
    const end = this.firstThat((stretch) => stretch.first > last);
    return this.stretches.slice(from, end).flatMap((stretch) => {
      const least = Math.max(first, stretch.first);
      const length = Math.min(last, stretch.last) - least + 1;
      return Array.from({ length }, (_, i) => least + i);
    });
  }

  /** The index of the first stretch for which `holds`, as it does for all behind it; their number where it never does. */
  private firstThat(holds: (stretch: Stretch) => boolean): number {
    let [low, high] = [0, this.stretches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.stretches[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** How many numbers there are before one. */
function placeOf(number: number, { first, before }: Stretch): number {
  return before + number - first;
}
