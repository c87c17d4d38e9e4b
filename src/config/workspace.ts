// Reads cover.json: JSON with comments, checked by the schema and against the disk. Every problem says its line.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getNodeValue } from 'jsonc-parser';
import { messageOf, systemCode, UserError } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import { type WorkspaceConfig, workspaceSchema } from './experiment.ts';
import { parseJson } from './parseJson.ts';
import { problemsOfIssue } from './schemaProblems.ts';
import { lostKeys, semanticProblems } from './semanticProblems.ts';

/** What was read. `config` is there when the text satisfies the schema, even where the disk does not (see `problems`). */
export interface LoadedWorkspace {
  config: WorkspaceConfig | undefined;
  /** Absolute path of cover.json. */
  file: string;
  /** As read; empty where the file is missing. */
  text: string;
  problems: Problem[];
}

/** The absolute path of a workspace's configuration. */
export function workspaceFile(folder: string): string {
  return join(resolve(folder), 'cover.json');
}

/** Reads and checks a workspace's cover.json. Never throws for what a person wrote: see `problems`. */
export async function loadWorkspace(folder: string): Promise<LoadedWorkspace> {
  const file = workspaceFile(folder);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const message =
      systemCode(error) === 'ENOENT'
        ? `There is no cover.json in ${resolve(folder)}. Run \`cover init\` there, or add a dataset in the editor.`
        : `${file} could not be read: ${messageOf(error)}.`;
    return { config: undefined, file, text: '', problems: [{ severity: 'error', file, message }] };
  }
  return { file, text, ...(await parseWorkspace(folder, text)) };
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
  const place = error?.line === undefined ? '' : `${file}:${error.line}: `;
  throw new UserError('bad-workspace', `${place}${error?.message ?? `${file} cannot be used.`}`, file);
}

async function parseWorkspace(folder: string, raw: string): Promise<Pick<LoadedWorkspace, 'config' | 'problems'>> {
  const file = workspaceFile(folder);
  const { root, places, problem } = parseJson(file, raw);
  if (problem) return { config: undefined, problems: [problem] };
  const problems = lostKeys(root, places);
  const parsed = workspaceSchema.safeParse(root && getNodeValue(root));
  if (!parsed.success)
    return {
      config: undefined,
      problems: [...problems, ...parsed.error.issues.flatMap((issue) => problemsOfIssue(issue, places))],
    };
  problems.push(...(await semanticProblems(folder, parsed.data, places)));
  return { config: parsed.data, problems };
}
