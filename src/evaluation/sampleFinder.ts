// Finds a dataset's sample by whatever another program calls it: its id, its path inside the dataset or on the disk, the end of
// that path, or the file's name with or without its ending, where only one sample has that name.
import { basename } from 'node:path';
import { endsOf, slashed, withoutEnding } from '../base/pathText.ts';
import type { Sample } from '../protocol/datasets.ts';

/** What a sample is called in one way. */
type Naming = (sample: Sample) => readonly string[];
/** Undefined: several samples have the name. Made when a name is first looked up, since most files need few of them. */
type Names = () => ReadonlyMap<string, Sample | undefined>;

/**
 * The more exact name wins; a name that several samples have finds none. `others` are those of the dataset that are not meant:
 * what is the path of one of them is not the name of a sample.
 */
export function sampleFinder(
  samples: readonly Sample[],
  others: readonly Sample[] = [],
): (name: string) => Sample | undefined {
  const exactly = (naming: Naming) => lazily(() => ownFirst(namesOf(samples, naming), namesOf(others, naming)));
  const ofSamples = (naming: Naming) => lazily(() => namesOf(samples, naming));
  const ofAll = (naming: Naming) => lazily(() => namesOf([...samples, ...others], naming));
  const [paths, barePaths] = [exactly(path), exactly(bare(path))];
  const exact = [exactly(({ id }) => [id]), paths, exactly(({ file }) => [slashed(file)]), barePaths];
  const [ends, bareEnds] = [ofSamples(endings), ofSamples(bare(endings))];
  const [lasts, bareLasts] = [ofAll(last), ofAll(bare(last))];
  const isOther = lazily(() => new Set(others));

  const find = (name: string): Sample | undefined =>
    among(exact, name) ??
    // A path of another machine: what stands before the path inside the dataset is not looked at.
    first(endsOf(name).slice(1, -1), (end) => among([paths, barePaths], end)) ??
    // Less than a path: the split that is meant tells the rest.
    among([ends, bareEnds], name) ??
    among([bareEnds], withoutEnding(name)) ??
    // Another folder: all that is left is the file's name.
    among([lasts], basename(name)) ??
    among([bareLasts], withoutEnding(basename(name)));
  return (name) => {
    const found = find(slashed(name).replace(/^\.\//, ''));
    return found && isOther().has(found) ? undefined : found;
  };
}

const path: Naming = ({ id, dataset }) => [id.startsWith(`${dataset}/`) ? id.slice(dataset.length + 1) : id];
const last: Naming = ({ file }) => [basename(file)];
const endings: Naming = (sample) => [...endsOf(path(sample)[0]!), ...last(sample)];
const bare =
  (naming: Naming): Naming =>
  (sample) =>
    naming(sample).map(withoutEnding);

/** Names may also be composed in another way than on the disk ("é" as one sign or two): the very name on the disk wins. */
function namesOf(samples: readonly Sample[], naming: Naming): Map<string, Sample | undefined> {
  const names = new Map<string, Sample | undefined>();
  const composed = new Map<string, Sample | undefined>();
  for (const sample of samples)
    for (const name of naming(sample)) {
      put(names, name, sample);
      const other = name.normalize('NFC');
      if (other !== name) put(composed, other, sample);
    }
  return ownFirst(names, composed);
}

function put(names: Map<string, Sample | undefined>, name: string, sample: Sample): void {
  names.set(name, names.has(name) && names.get(name) !== sample ? undefined : sample);
}

/** A list may have one file in several splits. */
function ownFirst(
  own: Map<string, Sample | undefined>,
  others: ReadonlyMap<string, Sample | undefined>,
): Map<string, Sample | undefined> {
  for (const [name, sample] of others) if (!own.has(name)) own.set(name, sample);
  return own;
}

function among(tables: readonly Names[], name: string): Sample | undefined {
  return first(tables, (names) => names().get(name) ?? names().get(name.normalize('NFC')));
}

function first<T, R>(values: readonly T[], find: (value: T) => R | undefined): R | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
