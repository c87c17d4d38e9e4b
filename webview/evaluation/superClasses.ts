// Classes put together: by the first word of their names, or by a file that says which group each belongs to. The matrix of the
// groups is the sum of its classes' cells, so that what is confused within a group counts as recognised. Pure.
import { UserError } from '../../src/base/errors.ts';
import type { Matrix } from './confusion.ts';

/** Class → group, by name. */
export type Groups = Readonly<Record<string, string>>;

/** The sums over groups. A class without a group stays as it is; groups come in the order of their first class. */
export function aggregated(matrix: Matrix, groupOf: (label: string) => string | undefined): Matrix {
  const n = matrix.labels.length;
  const names: string[] = [];
  const places = new Map<string, number>();
  const members: number[][] = [];
  const place = matrix.labels.map((label, index) => {
    const group = groupOf(label);
    // A group may be called like a class that is in none: they are kept apart.
    const key = group === undefined ? `class ${index}` : `group ${group}`;
    const known = places.get(key);
    const at = known ?? names.length;
    if (known === undefined) {
      places.set(key, at);
      names.push(group ?? label);
      members.push([]);
    }
    members[at]!.push(...matrix.members[index]!);
    return at;
  });
  const size = names.length;
  const values = new Float64Array(size * size);
  const sums = new Float64Array(size);
  for (let truth = 0; truth < n; truth++) {
    sums[place[truth]!]! += matrix.sums[truth]!;
    for (let predicted = 0; predicted < n; predicted++)
      values[place[truth]! * size + place[predicted]!]! += matrix.values[truth * n + predicted]!;
  }
  return { labels: names, values, sums, members };
}

/** "playing violin" → "playing …"; "sports/archery" → "sports". Classes whose first word nobody shares stay alone. */
export function byFirstWord(labels: readonly string[]): (label: string) => string | undefined {
  const times = new Map<string, number>();
  for (const label of labels) times.set(wordOf(label), (times.get(wordOf(label)) ?? 0) + 1);
  return (label) => {
    const word = wordOf(label);
    return word !== '' && times.get(word)! > 1 ? `${word} …` : undefined;
  };
}

function wordOf(label: string): string {
  return /^[^\s/_:,.-]+/.exec(label.trim())?.[0]?.toLowerCase() ?? '';
}

/**
 * Reads groups from JSON ({"class": "group"} or {"group": ["class", …]}) or from lines "class,group" (CSV, also with tabs or
 * semicolons; a first line that names the columns is passed over). Throws UserError `bad-groups`.
 */
export function readGroups(text: string, labels: readonly string[]): { groups: Groups; found: number } {
  const pairs = /^\s*[{[]/.test(text) ? pairsOfJson(text) : pairsOfLines(text);
  const known = new Map(labels.map((label) => [plain(label), label]));
  const groups: Record<string, string> = Object.create(null);
  let found = 0;
  for (const [name, group] of pairs) {
    const label = known.get(plain(name));
    if (label === undefined || group.trim() === '' || groups[label] !== undefined) continue;
    groups[label] = group.trim();
    found++;
  }
  if (found === 0)
    throw new UserError(
      'bad-groups',
      'The file names none of the classes. It needs lines "class,group", or JSON such as {"group": ["class", "class"]}.',
    );
  return { groups: { ...groups }, found };
}

function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, ' ');
}

function pairsOfJson(text: string): [string, string][] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(
      'bad-groups',
      `The file of class groups is no JSON: ${error instanceof Error ? error.message : ''}`,
    );
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, other]): [string, string][] => {
    if (typeof other === 'string') return [[key, other]];
    if (!Array.isArray(other)) return [];
    return other.flatMap((name: unknown): [string, string][] => (typeof name === 'string' ? [[name, key]] : []));
  });
}

function pairsOfLines(text: string): [string, string][] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line): [string, string][] => {
      const fields = fieldsOf(line);
      return fields.length < 2 ? [] : [[fields[0]!, fields[1]!]];
    });
}

/** The fields of a line; in double quotes a field may hold anything, a quote itself doubled. */
function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  const field = /("(?:[^"]|"")*"|[^,;\t]*)([,;\t]|$)/g;
  for (let match = field.exec(line); match; match = field.exec(line)) {
    const text = match[1]!;
    fields.push(text.startsWith('"') && text.length > 1 ? text.slice(1, -1).replaceAll('""', '"') : text);
    if (match[2] === '') break;
  }
  return fields;
}
