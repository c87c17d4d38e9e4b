// Reads cover.json: JSON with comments, checked by the schema and against the disk. Every problem says its line.
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getNodeValue } from 'jsonc-parser';
import { messageOf, systemCode, UserError } from '../base/errors.ts';
import { regularFile } from '../base/regularFile.ts';
import type { Problem } from '../protocol/events.ts';
import { type ExperimentsFile, experimentsFileSchema, type WorkspaceConfig, workspaceSchema } from './experiment.ts';
import { parseJson } from './parseJson.ts';
import type { JsonPlaces } from './places.ts';
import { chosenDatasets, type TrainChoice } from './resolve.ts';
import { entryOf, problemsOfIssue } from './schemaProblems.ts';
import { lostKeys, problemsOfExperiments, semanticProblems } from './semanticProblems.ts';

/** What was read. `config` is there when the text satisfies the schema, even where the disk does not (see `problems`). */
export interface LoadedWorkspace {
  config: WorkspaceConfig | undefined;
  /** Absolute path of cover.json. */
  file: string;
  /** As read; empty where the file is missing. */
  text: string;
  problems: Problem[];
  /** The first experiment of cover.json, whether it can be used or not. */
  first?: string | undefined;
}

/** The absolute path of a workspace's configuration. */
export function workspaceFile(folder: string): string {
  return join(resolve(folder), 'cover.json');
}

/**
 * Reads and checks a workspace's cover.json, with the `*.cover.json` beside it. Never throws for what a person wrote: see `problems`.
 * `without`: experiments and studies that do not satisfy the schema are left out of `config`, which is there all the same.
 */
export async function loadWorkspace(folder: string, { without = false } = {}): Promise<LoadedWorkspace> {
  const file = workspaceFile(folder);
  let text: string;
  try {
    text = await readText(file);
  } catch (error) {
    const message =
      systemCode(error) === 'ENOENT'
        ? `There is no cover.json in ${resolve(folder)}. Run \`cover init\` there, or add a dataset in the editor.`
        : systemCode(error) === 'ENOTDIR'
          ? `${resolve(folder)} is a file. Name the folder that holds cover.json.`
          : `${file} could not be read: ${messageOf(error)}.`;
    return { config: undefined, file, text: '', problems: [{ severity: 'error', file, message }] };
  }
  return { file, text, ...(await parseWorkspace(folder, text, without)) };
}

async function readText(file: string): Promise<string> {
  await regularFile(file);
  return readFile(file, 'utf8');
}

/** The problems of a text that would be cover.json in `folder`, as in an unsaved editor. */
export async function checkWorkspaceText(folder: string, text: string): Promise<Problem[]> {
  return (await parseWorkspace(folder, text)).problems;
}

/**
 * The configuration, or a UserError `bad-workspace` that tells the first error with file and line. `lenient` takes
 * whatever satisfies the schema, to index and show what is there although a dataset or an experiment needs mending.
 */
export async function requireWorkspace(folder: string, { lenient = false } = {}): Promise<WorkspaceConfig> {
  const { config, file, problems } = await loadWorkspace(folder);
  const error = problems.find(({ severity }) => severity === 'error');
  if (config && (lenient || !error)) return config;
  throw unusable(file, error);
}

/**
 * The configuration as far as `choice` needs it: errors of other experiments, of studies and of datasets that it leaves out come
 * back as warnings. Throws as `requireWorkspace` does.
 */
export async function requireWorkspaceFor(
  folder: string,
  choice: TrainChoice,
): Promise<{ config: WorkspaceConfig; passed: Problem[] }> {
  const { config, file, problems, first } = await loadWorkspace(folder, { without: true });
  const errors = problems.filter(({ severity }) => severity === 'error');
  const wanted = choice.given ? undefined : (choice.experiment ?? first);
  // Which experiment is the first may be hidden by a mistake in another file.
  const isSure =
    choice.given !== undefined ||
    (wanted === undefined
      ? errors.every(({ file: at }) => at === file)
      : Object.hasOwn(config?.experiments ?? {}, wanted));
  const own = errors.find(({ entry }) => entry === `experiments.${wanted}`);
  if (!config || own || (errors.length > 0 && !isSure)) throw unusable(file, own ?? errors[0]);
  const datasets = chosenDatasets(config, choice);
  const isNeeded = ({ entry, dataset, file: at }: Problem) =>
    entry === undefined && (dataset === undefined ? at === file : datasets.includes(dataset));
  const error = errors.find(isNeeded);
  if (error) throw unusable(file, error);
  return { config, passed: errors.map((problem) => ({ ...problem, severity: 'warning' })) };
}

function unusable(file: string, error: Problem | undefined): UserError {
  const at = error?.file ?? file;
  const place = error?.line === undefined ? '' : `${at}:${error.line}: `;
  return new UserError('bad-workspace', `${place}${error?.message ?? `${file} cannot be used.`}`, at);
}

type Parsed = Pick<LoadedWorkspace, 'config' | 'problems' | 'first'>;

async function parseWorkspace(folder: string, raw: string, without = false): Promise<Parsed> {
  const file = workspaceFile(folder);
  const { root, places, problem } = parseJson(file, raw);
  if (problem) return { config: undefined, problems: [problem] };
  const problems = lostKeys(root, places);
  const value = root && getNodeValue(root);
  let parsed = workspaceSchema.safeParse(value);
  const first = Object.keys(value?.experiments ?? {})[0];
  if (!parsed.success) {
    const { issues } = parsed.error;
    problems.push(...issues.flatMap((issue) => problemsOfIssue(issue, places)));
    const entries = issues.map(entryOf);
    if (!without || entries.includes(undefined)) return { config: undefined, problems };
    for (const [section, name] of entries.filter((entry) => entry !== undefined)) delete value[section][name];
    parsed = workspaceSchema.safeParse(value);
    if (!parsed.success) return { config: undefined, problems };
  }
  const whole = { ...parsed.data };
  const others = await readExperiments(folder, whole);
  problems.push(...(await semanticProblems(folder, parsed.data, whole, places)), ...others.problems);
  for (const { own, places } of others.files) problems.push(...problemsOfExperiments(folder, own, whole, places));
  return { config: whole, problems, first };
}

/**
 * Adds the experiments and studies of every `*.cover.json` in the folder to `whole`. A file that cannot be used, and a name
 * that is taken, are problems.
 */
async function readExperiments(folder: string, whole: WorkspaceConfig) {
  const problems: Problem[] = [];
  const files: { own: ExperimentsFile; places: JsonPlaces }[] = [];
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.cover.json')).sort();
  for (const name of names) {
    const file = join(resolve(folder), name);
    let text: string;
    try {
      text = await readText(file);
    } catch (error) {
      problems.push({ severity: 'error', file, message: `${file} could not be read: ${messageOf(error)}.` });
      continue;
    }
    const { root, places, problem } = parseJson(file, text);
    problems.push(...(problem ? [problem] : lostKeys(root, places)));
    if (problem) continue;
    const parsed = experimentsFileSchema.safeParse(root && getNodeValue(root));
    if (!parsed.success) {
      problems.push(...parsed.error.issues.flatMap((issue) => problemsOfIssue(issue, places)));
      continue;
    }
    /** Those whose names nobody has yet. */
    const added = <T>(
      section: 'experiments' | 'studies',
      known: Record<string, T> = {},
      own: Record<string, T> = {},
    ) => {
      const free = Object.entries(own).filter(([key]) => !Object.hasOwn(known, key));
      for (const key of Object.keys(own).filter((key) => Object.hasOwn(known, key)))
        problems.push(places.atKey('error', [section, key], `"${key}" is in another file too. Rename one of the two.`));
      return { ...known, ...Object.fromEntries(free) };
    };
    whole.experiments = added('experiments', whole.experiments, parsed.data.experiments);
    whole.studies = added('studies', whole.studies, parsed.data.studies);
    files.push({ own: parsed.data, places });
  }
  return { files, problems };
}
