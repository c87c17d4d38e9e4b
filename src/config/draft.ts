// An experiment as a person is changing it: edits over what cover.json, a *.cover.json or a template says, checked like the
// files themselves, and written back into the file that has it.
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findNodeAtLocation, findNodeAtOffset, getNodePath, getNodeValue } from 'jsonc-parser';
import { behindLink, writeFileAtomic } from '../base/atomicFile.ts';
import { UserError } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import type { Draft, SettingEdit, SettingProblem } from '../protocol/trainPlan.ts';
import { changeJson } from './changeJson.ts';
import { changingAlone } from './edit.ts';
import { type ExperimentConfig, experimentSchema, experimentsFileSchema, type WorkspaceConfig } from './experiment.ts';
import { cleanName, didYouMean, uniqueName } from './names.ts';
import { parseJson } from './parseJson.ts';
import { problemsOfIssue } from './schemaProblems.ts';
import { problemsOfExperiments } from './semanticProblems.ts';
import { nameSchema } from './stage.ts';
import { templateOf } from './templates.ts';
import { workspaceFile } from './workspace.ts';

type Written = Record<string, unknown>;

interface ExperimentsText {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  /** As written, by name. */
  readonly experiments: Readonly<Record<string, Written>>;
}

export interface ReadDraft {
  /** What it is called, or would be. */
  readonly name: string;
  /** The file that has the experiment. */
  readonly file: string | undefined;
  /** As it is written now. */
  readonly base: Written;
  /** As it would be written. */
  readonly written: Written;
  /** The experiments that are there and satisfy the schema. */
  readonly names: readonly string[];
  /** Also those that do not. */
  readonly all: readonly string[];
}

/** Throws UserError where its experiment or template is not there. */
export async function readDraft(folder: string, draft: Draft): Promise<ReadDraft> {
  return draftIn(await readTexts(folder), draft);
}

function draftIn(texts: readonly ExperimentsText[], { experiment, template, edits, device }: Draft): ReadDraft {
  const all = [...new Set(texts.flatMap((text) => Object.keys(text.experiments)))];
  const find = (name: string) => texts.find(({ experiments }) => Object.hasOwn(experiments, name));
  const isUsable = (name: string) =>
    nameSchema.safeParse(name).success && experimentSchema.safeParse(find(name)!.experiments[name]).success;
  const names = all.filter(isUsable);
  const changes = device === undefined ? edits : [...edits, { path: ['device'], value: device }];
  if (template !== undefined) {
    const { name, value } = templateOf(template);
    return {
      name: uniqueName(name, all),
      file: undefined,
      base: applied(value, []),
      written: applied(value, changes),
      names,
      all,
    };
  }
  const name = experiment ?? names[0];
  if (name === undefined)
    return {
      name: uniqueName('cover', all),
      file: undefined,
      base: {},
      written: applied({}, changes),
      names,
      all,
    };
  const found = find(name);
  const base = found?.experiments[name];
  if (found && base) return { name, file: found.file, base, written: applied(base, changes), names, all };
  throw new UserError(
    'no-experiment',
    `cover.json has no experiment "${name}"${didYouMean(name, all)}. It has: ${all.join(', ') || 'none'}.`,
  );
}

/** What is wrong with an experiment as written, in the words of the Problems panel; the experiment where it can be used. */
export function checkWritten(
  folder: string,
  config: WorkspaceConfig,
  { name, written }: Pick<ReadDraft, 'name' | 'written'>,
): { experiment: ExperimentConfig | undefined; problems: SettingProblem[] } {
  const text = JSON.stringify({ experiments: { [name]: written } }, undefined, 1);
  const { root, places } = parseJson(workspaceFile(folder), text);
  const starts = [0];
  for (let i = 0; i < text.length; i++) if (text[i] === '\n') starts.push(i + 1);
  const settingProblem = ({ severity, message, line = 1, column = 1 }: Problem): SettingProblem => {
    const node = root && findNodeAtOffset(root, starts[line - 1]! + column - 1);
    // Which experiment it is, is known where its settings are shown.
    const short = message.replaceAll(`"experiments.${name}.`, '"');
    return { path: node ? getNodePath(node).slice(2).map(String) : [], severity, message: short };
  };
  const parsed = experimentsFileSchema.safeParse({ experiments: { [name]: written } });
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => problemsOfIssue(issue, places));
    return { experiment: undefined, problems: problems.map(settingProblem) };
  }
  const experiment = parsed.data.experiments![name]!;
  const whole = { ...config, experiments: { ...config.experiments, [name]: experiment } };
  const problems = problemsOfExperiments(folder, { experiments: { [name]: experiment } }, whole, places);
  const isUsable = problems.every(({ severity }) => severity !== 'error');
  return { experiment: isUsable ? experiment : undefined, problems: problems.map(settingProblem) };
}

/** A draft as a choice of training: an experiment that need not be in cover.json. Throws UserError with the first thing to mend. */
export async function choiceOf(folder: string, config: WorkspaceConfig, draft: Draft) {
  const read = await readDraft(folder, draft);
  const { experiment, problems } = checkWritten(folder, config, read);
  if (!experiment) {
    const error = problems.find(({ severity }) => severity === 'error');
    throw new UserError('bad-experiment', error?.message ?? `The experiment "${read.name}" cannot be used.`);
  }
  return { given: { name: read.name, experiment, beside: [] }, flips: draft.flips };
}

/**
 * Writes a draft as the experiment `wanted`: its edits into the file that has that experiment, if it is the one that was changed,
 * else the whole of it into cover.json, where a taken name gets "-2", "-3", …
 */
export function saveDraft(folder: string, draft: Draft, wanted: string): Promise<SavedDraft> {
  return changingAlone(folder, () => save(folder, draft, wanted));
}

interface SavedDraft {
  name: string;
  files: { file: string; before: string }[];
}

async function save(folder: string, draft: Draft, wanted: string): Promise<SavedDraft> {
  const texts = await readTexts(folder);
  const read = draftIn(texts, draft);
  const own = texts.find(({ file }) => file === read.file);
  const inPlace = own !== undefined && wanted === read.name;
  const name = inPlace ? wanted : uniqueName(cleanName(wanted), read.all);
  const main = workspaceFile(folder);
  const target = inPlace ? own.file : main;
  const changes = new Map<string, string>();
  const change = (file: string, path: string[], value: unknown) => {
    const text = changes.get(file) ?? texts.find((each) => each.file === file)!.text;
    changes.set(file, changeJson(text, path, value));
  };
  for (const [dataset, flip] of Object.entries(draft.flips))
    change(main, ['datasets', dataset, 'horizontalFlip'], flip);
  const edits = draft.device === undefined ? draft.edits : [...draft.edits, { path: ['device'], value: draft.device }];
  if (inPlace) for (const { path, value } of edits) change(target, ['experiments', name, ...path], value);
  else change(target, ['experiments', name], read.written);
  const files: { file: string; before: string }[] = [];
  for (const [file, text] of [...changes].sort(([a], [b]) => Number(a === target) - Number(b === target))) {
    const before = texts.find((each) => each.file === file)!.text;
    if (text === before) continue;
    await writeFileAtomic(await behindLink(file), [text]);
    files.push({ file, before });
  }
  return { name, files };
}

/** Sets values by their paths in a copy. */
function applied(value: object, edits: readonly SettingEdit[]): Written {
  const copy = structuredClone(value) as Written;
  for (const { path, value } of edits) {
    const last = path.at(-1);
    if (last === undefined) continue;
    let at = copy;
    for (const key of path.slice(0, -1)) {
      const inner = Object.hasOwn(at, key) ? at[key] : undefined;
      const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
      if (!isObject && value === undefined) break;
      if (!isObject) Object.defineProperty(at, key, { value: {}, ...plain });
      at = at[key] as Written;
    }
    if (value === undefined) delete at[last];
    else Object.defineProperty(at, last, { value, ...plain });
  }
  return copy;
}

/** Not by assignment, to which a key "__proto__" is no key. */
const plain = { enumerable: true, writable: true, configurable: true };

/** cover.json and every `*.cover.json` beside it. Throws UserError where one of them is no JSON. */
async function readTexts(folder: string): Promise<ExperimentsText[]> {
  const others = (await readdir(folder)).filter((name) => name.endsWith('.cover.json')).sort();
  return Promise.all(
    [workspaceFile(folder), ...others.map((name) => join(resolve(folder), name))].map(async (file) => {
      const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
      const { root, problem } = parseJson(file, text);
      if (problem)
        throw new UserError('bad-workspace', `${file}:${problem.line}: ${problem.message} Mend it first.`, file);
      const section = root && findNodeAtLocation(root, ['experiments']);
      const value: unknown = section && getNodeValue(section);
      return { file, text, experiments: objectsIn(value) };
    }),
  );
}

function objectsIn(value: unknown): Record<string, Written> {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).filter(
    (entry): entry is [string, Written] => typeof entry[1] === 'object' && entry[1] !== null,
  );
  return Object.fromEntries(entries);
}
