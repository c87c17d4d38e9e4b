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

/** "img_%05d.jpg" and 7 → "img_00007.jpg". */
export function frameName(pattern: string, number: number): string {
  const { before, after } = frameEnds(pattern);
  const width = /%0?(\d+)d/.exec(pattern)?.[1];
  return `${before}${String(number).padStart(Number(width ?? 1), '0')}${after}`;
}

/** What stands before and behind the number. */
export function frameEnds(pattern: string): { before: string; after: string } {
  const [before = '', after = ''] = pattern.split(/%\d*d/).map((part) => part.replaceAll('%%', '%'));
  return { before, after };
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
