// Names of datasets and experiments: made from folder names, made unique, and guessed at when misspelt.
import { nameSchema } from './stage.ts';

/** A valid name made from any text, such as a folder's name; `otherwise` where nothing of it can stand in one. */
export function cleanName(text: string, otherwise = 'dataset'): string {
  const name = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/-+$/, '')
    .slice(0, 64);
  return nameSchema.safeParse(name).success ? name : otherwise;
}

/** `name`, or `name-2`, `name-3`, … where it is taken. Case does not tell names apart, as on many disks. */
export function uniqueName(name: string, taken: Iterable<string>): string {
  const used = new Set([...taken].map((other) => other.toLowerCase()));
  for (let count = 1; ; count++) {
    const ending = count === 1 ? '' : `-${count}`;
    const candidate = name.slice(0, 64 - ending.length) + ending;
    if (!used.has(candidate.toLowerCase())) return candidate;
  }
}

/** The one of `choices` that was probably meant by `word`, if any is near enough. */
export function nearest(word: string, choices: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const choice of choices) {
    const distance = editDistance(word.toLowerCase(), choice.toLowerCase());
    if (distance < bestDistance) {
      best = choice;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` (did you mean "x"?)` or nothing, to be put before the full stop of a sentence. */
export function didYouMean(word: string, choices: readonly string[]): string {
  const guess = nearest(word, choices);
  return guess === undefined ? '' : ` (did you mean "${guess}"?)`;
}

/** Levenshtein distance over UTF-16 units. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
