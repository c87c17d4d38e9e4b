// Reads cover.json: JSON with comments, checked by the schema and against the disk. Every problem says its line.
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getNodeValue, type JSONPath, type Node } from 'jsonc-parser';
import type { z } from 'zod';
import { messageOf, systemCode } from '../base/errors.ts';
import { regularFile } from '../base/regularFile.ts';
import type { Problem } from '../protocol/events.ts';
import { type ExperimentsFile, experimentsFileSchema, type WorkspaceConfig, workspaceSchema } from './experiment.ts';
import { type Needs, needed } from './needs.ts';
import { parseJson } from './parseJson.ts';
import type { JsonPlaces } from './places.ts';
import { ownerOf, problemsOfIssue } from './schemaProblems.ts';
import { lostKeys, problemsOfExperiments, semanticProblems } from './semanticProblems.ts';

/** What was read. Never throws for what a person wrote. */
export interface LoadedWorkspace {
  /** What of it satisfies the schema, even where the disk does not (see `problems`); undefined where the whole does not. */
  config: WorkspaceConfig | undefined;
  /** Absolute path of cover.json. */
  file: string;
  /** As read; empty where the file is missing. */
  text: string;
  problems: Problem[];
  /** The first experiment and the first study that is written, whether it can be used or not. */
  first: Partial<Record<Section, string>>;
  /** Why a `*.cover.json` could not be read at all: nobody knows which experiments it has. */
  hidden?: Problem | undefined;
}

export type Section = 'experiments' | 'studies';

/** The absolute path of a workspace's configuration. */
export function workspaceFile(folder: string): string {
  return join(resolve(folder), 'cover.json');
}

/**
 * Reads and checks a workspace's cover.json, with the `*.cover.json` beside it. Experiments, studies and datasets that do not satisfy
 * the schema are problems, and left out of `config`.
 */
export async function loadWorkspace(folder: string): Promise<LoadedWorkspace> {
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
    return { config: undefined, file, text: '', problems: [{ severity: 'error', file, message }], first: {} };
  }
  return { file, text, ...(await parseWorkspace(folder, text)) };
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
 * The configuration, where it has what is needed of it; what is not needed and cannot be used is passed over, and handed to `onPassed`
 * as a warning each. Throws UserError `bad-workspace` with the first mistake in what is needed.
 */
export async function requireWorkspace(
  folder: string,
  needs: Needs = {},
  onPassed: (problem: Problem) => void = () => {},
): Promise<WorkspaceConfig> {
  const { config, passed } = needed(await loadWorkspace(folder), needs);
  for (const problem of passed) onPassed(problem);
  return config;
}

type Parsed = Omit<LoadedWorkspace, 'file' | 'text'>;

async function parseWorkspace(folder: string, raw: string): Promise<Parsed> {
  const file = workspaceFile(folder);
  const { root, places, problem } = parseJson(file, raw);
  if (problem) return { config: undefined, problems: [problem], first: {} };
  const { parsed, problems, first, left } = satisfying(workspaceSchema, root, places);
  if (!parsed) return { config: undefined, problems, first };
  const whole = { ...parsed, unreadable: left.datasets };
  const others = await readExperiments(folder, whole);
  problems.push(...(await semanticProblems(folder, parsed, whole, places)), ...others.problems);
  for (const { own, places } of others.files) problems.push(...problemsOfExperiments(folder, own, whole, places));
  return { config: whole, problems, first: { ...others.first, ...first }, hidden: others.hidden };
}

/** What of a text satisfies a schema, without the experiments, studies and datasets that do not; undefined where the rest does not. */
function satisfying<T extends ExperimentsFile>(schema: z.ZodType<T>, root: Node | undefined, places: JsonPlaces) {
  const problems = lostKeys(root, places);
  const value: unknown = root && getNodeValue(root);
  const first: LoadedWorkspace['first'] = {};
  for (const section of ['experiments', 'studies'] as const) {
    const [name] = Object.keys((value as Record<string, object> | undefined)?.[section] ?? {});
    if (name !== undefined) first[section] = name;
  }
  const left: Record<Section | 'datasets', string[]> = { datasets: [], experiments: [], studies: [] };
  const tried = schema.safeParse(value);
  if (tried.success) return { parsed: tried.data, problems, first, left };
  const { issues } = tried.error;
  problems.push(...issues.flatMap((issue) => problemsOfIssue(issue, places)));
  for (const { path } of issues) {
    const { dataset, entry } = ownerOf(path as JSONPath);
    if (dataset === undefined && entry === undefined) return { parsed: undefined, problems, first, left };
    const [section, name] = path as [Section | 'datasets', string];
    delete (value as Record<string, Record<string, unknown>>)[section]![name];
    if (!left[section].includes(name)) left[section].push(name);
  }
  return { parsed: schema.safeParse(value).data, problems, first, left };
}

/**
 * Adds the experiments and studies of every `*.cover.json` in the folder to `whole`. A file that cannot be used, and a name
 * that is taken, are problems.
 */
async function readExperiments(folder: string, whole: WorkspaceConfig) {
  const problems: Problem[] = [];
  const files: { own: ExperimentsFile; places: JsonPlaces }[] = [];
  let first: LoadedWorkspace['first'] = {};
  let hidden: Problem | undefined;
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.cover.json')).sort();
  for (const name of names) {
    const file = join(resolve(folder), name);
    let text: string;
    try {
      text = await readText(file);
    } catch (error) {
      problems.push({ severity: 'error', file, message: `${file} could not be read: ${messageOf(error)}.` });
      hidden ??= problems.at(-1);
      continue;
    }
    const { root, places, problem } = parseJson(file, text);
    const read = problem ? { parsed: undefined, problems: [problem], first: {} } : undefined;
    const { parsed, ...told } = read ?? satisfying(experimentsFileSchema, root, places);
    problems.push(...told.problems);
    if (!hidden) first = { ...told.first, ...first };
    if (!parsed) {
      hidden ??= told.problems.find(({ dataset, entry }) => dataset === undefined && entry === undefined);
      continue;
    }
    /** Those whose names nobody has yet. */
    const added = <T>(section: Section, known: Record<string, T> = {}, own: Record<string, T> = {}) => {
      const free = Object.entries(own).filter(([key]) => !Object.hasOwn(known, key));
      for (const key of Object.keys(own).filter((key) => Object.hasOwn(known, key)))
        problems.push(places.atKey('error', [section, key], `"${key}" is in another file too. Rename one of the two.`));
      return { ...known, ...Object.fromEntries(free) };
    };
    whole.experiments = added('experiments', whole.experiments, parsed.experiments);
    whole.studies = added('studies', whole.studies, parsed.studies);
    files.push({ own: parsed, places });
  }
  return { files, problems, first, hidden };
}
