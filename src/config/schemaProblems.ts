// What the schema finds wrong in cover.json, as one plain sentence each: what, where, and what to write instead.
import type { JSONPath } from 'jsonc-parser';
import type { z } from 'zod';
import type { Problem } from '../protocol/events.ts';
import { knownKeys } from './jsonSchema.ts';
import { didYouMean } from './names.ts';
import type { JsonPlaces } from './places.ts';

type Issue = z.core.$ZodIssue;

/** The problems of one issue: an unknown setting gives one for each. */
export function problemsOfIssue(issue: Issue, places: JsonPlaces): Problem[] {
  const owner = ownerOf(issue.path as JSONPath);
  return problemsOf(issue, places).map((problem) => ({ ...problem, ...owner }));
}

/** The experiment, study or dataset in which a path of keys lies, as a problem names it. */
export function ownerOf([section, name]: JSONPath): Pick<Problem, 'dataset' | 'entry'> {
  if (typeof name !== 'string') return {};
  if (section === 'datasets') return { dataset: name };
  return section === 'experiments' || section === 'studies' ? { entry: `${section}.${name}` } : {};
}

function problemsOf(issue: Issue, places: JsonPlaces): Problem[] {
  const path = issue.path as JSONPath;
  const meant = issue.code === 'invalid_union' ? meantBranch(issue.errors) : undefined;
  if (meant) return meant.flatMap((each) => problemsOf({ ...each, path: [...path, ...each.path] }, places));
  const where = path.length === 0 ? places.name : `"${path.join('.')}"`;
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(path);
    return issue.keys.map((key) => {
      const advice = didYouMean(key, known) || `: remove it, or use one of ${known.join(', ')}`;
      return places.atKey('error', [...path, key], `"${key}" is not a setting of ${where}${advice}.`);
    });
  }
  if (issue.code === 'invalid_key')
    return [
      places.atKey(
        'error',
        path,
        `"${String(path.at(-1))}" cannot be a name: use 1 to 64 letters, digits, ".", "_" or "-", a letter or digit first.`,
      ),
    ];
  const node = places.find(path);
  if (!node && path.length > 0) {
    const owner = path.length === 1 ? places.name : `"${path.slice(0, -1).join('.')}"`;
    return [places.atValue('error', path, `${owner} needs "${String(path.at(-1))}": ${expectation(issue)}.`)];
  }
  return [places.atValue('error', path, `${where} must be ${expectation(issue)}${suggestion(issue, node?.value)}.`)];
}

/** The issues of the choice that was surely meant: what is wrong is inside it. An unknown setting hints at another choice. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const unknown = (branch: readonly Issue[]) => branch.filter(({ code }) => code === 'unrecognized_keys').length;
  return branches
    .filter((branch) => branch.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'))
    .toSorted((a, b) => unknown(a) - unknown(b))[0];
}

const types: Record<string, string> = {
  string: 'text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list in [ ]',
  tuple: 'a list in [ ]',
  object: 'an object in { }',
  record: 'an object in { }',
};

/** What should stand there: the end of a sentence that began "… must be". */
function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return types[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return alternatives(issue.values.map((value) => JSON.stringify(value)));
    case 'invalid_union':
      return alternatives([...new Set(issue.errors.flatMap((branch) => branch.slice(0, 1).map(expectation)))]);
    case 'too_small':
      if (issue.origin === 'string') return 'text that is not empty';
      if (issue.origin === 'array') return `a list of at least ${issue.minimum}`;
      return issue.inclusive ? `${issue.minimum} or more` : `more than ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'array') return `a list of at most ${issue.maximum}`;
      return issue.inclusive ? `${issue.maximum} or less` : `less than ${issue.maximum}`;
    case 'invalid_format':
      return issue.message;
    default:
      return `right (${issue.message})`;
  }
}

function alternatives(choices: readonly string[]): string {
  return choices.length < 2 ? (choices[0] ?? '') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}

function suggestion(issue: Issue, value: unknown): string {
  if (issue.code !== 'invalid_value' || typeof value !== 'string') return '';
  return didYouMean(
    value,
    issue.values.filter((choice) => typeof choice === 'string'),
  );
}
