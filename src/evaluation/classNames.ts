// The names of a foreign model's or file's classes, in the order of its scores: from a file, from itself, or assumed to be the
// dataset's own order, which is told.
import { UserError } from '../base/errors.ts';
import { readingFailed } from '../data/entries.ts';
import { readText } from '../data/lines.ts';
import { type ClassRef, isWhole } from './importedRow.ts';
import { plain } from './published.ts';

export interface ClassChoice {
  classes: string[];
  /** For a person: "from classes.txt". */
  from: string;
  /** For each class the place of its score, where that is not its own. */
  order?: number[];
  warning?: string;
}

export interface ClassSources {
  /** A file with a name a line ("name" or "index name"), or a JSON list. */
  file?: string | undefined;
  /** As the model says itself. */
  named?: readonly string[] | undefined;
  /** As the columns of the scores are called. */
  columns?: readonly string[] | undefined;
  /** The dataset's. */
  dataset?: readonly string[] | undefined;
  /** How many there must be, where scores tell. */
  needed?: number | undefined;
  /** Every class that is mentioned, for when nothing else names them. */
  refs(): ClassRef[];
  /** The file that the classes are of, for messages. */
  about: string;
}

/** A larger index is a mistake: the confusion matrix has the square of it. */
const mostIndex = 10_000;

/** Throws UserError `bad-classes`. */
export async function chooseClasses(sources: ClassSources): Promise<ClassChoice> {
  const { needed, about } = sources;
  const choice = await choose(sources);
  const seen = new Set<string>();
  const twice = choice.classes.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) throw new UserError('bad-classes', `Two classes are called "${twice}" (${choice.from}).`);
  if (needed !== undefined && needed !== choice.classes.length)
    throw new UserError(
      'bad-classes',
      `${about} has ${needed} scores a sample, but there are ${choice.classes.length} classes (${choice.from}). Name the classes in the order of the scores with --classes FILE.`,
      about,
    );
  return choice;
}

async function choose({ file, named, columns, dataset, needed, refs, about }: ClassSources): Promise<ClassChoice> {
  if (file !== undefined) {
    const classes = await readClasses(file);
    return { classes, from: `from ${file}`, ...(columns && { order: placesOf(classes, columns, file, about) }) };
  }
  const own = columns ?? named;
  if (own) return { classes: [...own], from: 'named by the file itself' };
  if (dataset) {
    const isNumbered = dataset.every(isWhole);
    const classes = isNumbered ? [...dataset].sort((a, b) => Number(a) - Number(b)) : [...dataset];
    const choice = { classes, from: `the dataset's, sorted ${isNumbered ? 'as numbers' : 'by name'}` };
    const isNamed = (ref: ClassRef) =>
      indexOf(ref) === undefined || (isNumbered && namesOf(classes).exact.has(String(ref)));
    if (needed === undefined && refs().every(isNamed)) return choice;
    const warning = `nothing names the classes of the scores, so they are taken to be in the order of the dataset's names, sorted${isNumbered ? ' as numbers' : ''}. If another order was used, give it with --classes FILE.`;
    return { ...choice, warning };
  }
  const mentioned = refs();
  const indices = mentioned.map(indexOf);
  if (needed !== undefined || indices.every((index) => index !== undefined)) {
    const most = indices.reduce<number>((max, index) => Math.max(max, index ?? 0), 0);
    if (most > mostIndex) throw new UserError('bad-classes', `A class has the index ${most}: that is no class.`);
    const names = Array.from({ length: needed ?? most + 1 }, (_, index) => String(index));
    return { classes: names, from: 'numbered, since nothing names them' };
  }
  return { classes: [...new Set(mentioned.map(String))].sort(), from: 'all that the file mentions, sorted by name' };
}

/** For each class the place of the column that is called like it. */
function placesOf(classes: readonly string[], columns: readonly string[], file: string, about: string): number[] {
  const order: number[] = [];
  const refused = (what: string) =>
    new UserError('bad-classes', `${what}. Leave out --classes: the columns name the classes themselves.`, file);
  for (const [place, name] of columns.entries()) {
    const index = indexOfClass(classes, name);
    if (index === undefined) throw refused(`${about} has a column "score:${name}", and ${file} no such class`);
    order[index] = place;
  }
  const lost = classes.find((_, index) => order[index] === undefined);
  if (lost !== undefined) throw refused(`${file} has the class "${lost}", and ${about} no column of its scores`);
  return order;
}

/**
 * A class by its name, or where none is called so, by its index, or by a name that is only written in another way. A number is
 * an index before it is a name, unless all names are numbers.
 */
export function indexOfClass(classes: readonly string[], ref: ClassRef): number | undefined {
  const { exact, written, areNumbers } = namesOf(classes);
  const named = typeof ref === 'string' || areNumbers ? exact.get(String(ref)) : undefined;
  if (named !== undefined) return named;
  const index = indexOf(ref);
  if (index !== undefined) return index < classes.length ? index : undefined;
  // Signs alone are no way of writing: "-1" stands for no class.
  return typeof ref === 'string' && /\p{L}/u.test(ref) ? written.get(plain(ref)) : undefined;
}

interface Names {
  exact: ReadonlyMap<string, number>;
  /** By what all ways of writing have in common; undefined where that is so of several. */
  written: ReadonlyMap<string, number | undefined>;
  areNumbers: boolean;
}

const tables = new WeakMap<readonly string[], Names>();

function namesOf(classes: readonly string[]): Names {
  const known = tables.get(classes);
  if (known) return known;
  const written = new Map<string, number | undefined>();
  for (const [index, name] of classes.entries()) written.set(plain(name), written.has(plain(name)) ? undefined : index);
  const exact = new Map(classes.map((name, index) => [name, index]));
  const names = { exact, written, areNumbers: classes.every(isWhole) };
  tables.set(classes, names);
  return names;
}

function indexOf(ref: ClassRef): number | undefined {
  if (typeof ref === 'number') return Number.isInteger(ref) && ref >= 0 ? ref : undefined;
  return isWhole(ref) ? Number(ref) : undefined;
}

const wanted = 'Name a text file with the class names in the order of the scores, one a line.';

async function readClasses(file: string): Promise<string[]> {
  let text: string;
  try {
    text = await readText(file);
  } catch (error) {
    throw new UserError('bad-classes', `${file} could not be read: ${readingFailed(error)}. ${wanted}`, file);
  }
  if (text.trim() === '') throw new UserError('bad-classes', `${file} is empty. ${wanted}`, file);
  if (text.trimStart().startsWith('[')) {
    const list = jsonList(text);
    if (list) return list;
    throw new UserError('bad-classes', `${file} is no JSON list of class names.`, file);
  }
  const lines = text
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim().normalize('NFC'))
    .filter((line) => line !== '');
  // "0 abseiling", "1,air drumming": where every line begins with its own number, that is no part of the names.
  const numbered = lines.map((line) => /^(\d+)[\s,;:]+(\S.*)$/.exec(line));
  const inOrder = lines.length > 1 && numbered.every((match, index) => match !== null && Number(match[1]) === index);
  return inOrder ? numbered.map((match) => match![2]!) : lines;
}

function jsonList(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}
