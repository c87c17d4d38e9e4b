// Tags of samples: words that people put on them to find them again. Whoever takes one from a person or a file asks here what
// may be one, so that a tag is the same text everywhere.

/** Characters of a tag, and tags of a sample, at most. */
export const longestTag = 64;
export const mostTags = 32;

/** The text as it is kept and compared. */
export function asTag(text: string): string {
  return text.normalize('NFC').trim();
}

/** What is wrong with a text made by `asTag`, as a sentence; undefined where it may be a tag. */
export function wrongTag(tag: string): string | undefined {
  if (tag === '') return 'A tag is empty.';
  if ([...tag].length > longestTag)
    return `A tag has at most ${longestTag} characters: "${[...tag].slice(0, 24).join('')}…" has more.`;
  return undefined;
}

/** Each once, in the order in which they are kept. */
export function sortedTags(tags: Iterable<string>): string[] {
  return [...new Set(tags)].sort();
}
