// Folders of numbered frames: how their images are called, and how fast they are shown. There are no times in such a folder.

/** Of a folder that says nothing: what Something-Something and Jester, which come as such folders, were recorded at. */
const usualRate = 12;

/**
 * Frames a second of a folder of frames, by its dataset's `frameRate`. Places in a folder are told in seconds at this rate, so
 * that a player, its timeline and the heat map speak of the same frame.
 */
export function rateOf({ rate }: { rate?: number | undefined }): number {
  return rate ?? usualRate;
}

/** Names of a folder that are alike up to their numbers, of which these are the digits. */
export interface FrameSeries {
  readonly before: string;
  readonly after: string;
  readonly digits: string[];
}

/**
 * Which of the images of a folder, by their names, are the frames of a clip: those of which there are most. Beside them often
 * lie pictures of its optical flow, as many or twice as many; they are a clip only where there is nothing else.
 */
export function mainSeries(names: readonly string[]): FrameSeries | undefined {
  const all = new Map<string, FrameSeries>();
  for (const name of names) {
    const [, before, digits, after] = /^(.*?)(\d+)(\D*)$/.exec(name) ?? [];
    if (before === undefined || digits === undefined || after === undefined || name.startsWith('.')) continue;
    const key = `${before}*${after}`;
    const series = all.get(key) ?? { before, after, digits: [] };
    all.set(key, series);
    series.digits.push(digits);
  }
  return [...all.values()].sort((a, b) => isFlow(a) - isFlow(b) || b.digits.length - a.digits.length)[0];
}

function isFlow({ before }: FrameSeries): number {
  return /^(flow|[xyuv]_$)/i.test(before) ? 1 : 0;
}

/** How the frames of a series are called, as in printf: "img_%05d.jpg". */
export function framePattern({ before, after, digits }: FrameSeries): string {
  // Names filled up with zeros are of one width, or longer where a number is.
  const width = digits.reduce((least, { length }) => Math.min(least, length), Number.POSITIVE_INFINITY);
  const number = width > 1 ? `%0${width}d` : '%d';
  return `${before.replaceAll('%', '%%')}${number}${after.replaceAll('%', '%%')}`;
}

/** "img_%05d.jpg" and 7 → "img_00007.jpg". */
export function frameName(pattern: string, number: number): string {
  const { before, width, after } = parts(pattern);
  return `${before}${String(number).padStart(width, '0')}${after}`;
}

/** What stands before and behind the number. */
export function frameEnds(pattern: string): { before: string; after: string } {
  const { before, after } = parts(pattern);
  return { before, after };
}

function parts(pattern: string): { before: string; width: number; after: string } {
  const [, before = '', width = '', after = ''] = /^((?:[^%]|%%)*)%(\d*)d(.*)$/s.exec(pattern) ?? [];
  return { before: before.replaceAll('%%', '%'), width: Number(width), after: after.replaceAll('%%', '%') };
}

/** The digits in the names of those frames of a clip that are among `names`, in the order of their numbers. */
export function frameDigits(
  names: readonly string[],
  { pattern, first, count }: { pattern: string; first: number; count: number },
): string[] {
  const { before, after } = frameEnds(pattern);
  const digits = names.flatMap((name) => {
    const inner = name.slice(before.length, name.length - after.length);
    const isFrame = name.startsWith(before) && name.endsWith(after) && /^\d+$/.test(inner);
    return isFrame && Number(inner) >= first && Number(inner) < first + count ? [inner] : [];
  });
  return digits.sort((a, b) => Number(a) - Number(b) || a.length - b.length);
}
