// Changes cover.json the way a careful person would: only the lines concerned, comments and layout kept, and the whole
// file replaced at once.
import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { findNodeAtLocation, type JSONPath, type Node, parseTree } from 'jsonc-parser';
import { behindLink, unwritable, writeFileAtomic } from '../base/atomicFile.ts';
import { whileChanged, withClaim } from '../base/claim.ts';
import { systemCode, UserError } from '../base/errors.ts';
import type { DatasetConfig } from './experiment.ts';
import { insertEntry } from './insertJson.ts';
import { cleanName, uniqueName } from './names.ts';
import { parseJson } from './parseJson.ts';
import { workspaceFile } from './workspace.ts';

/** What is written for a new dataset. `path` is relative to the workspace folder (or absolute). */
export type NewDataset = { name: string } & Pick<DatasetConfig, 'kind' | 'path' | 'format' | 'fold' | 'column'>;

const emptyWorkspace = '{\n  "datasets": {}\n}\n';

/**
 * Adds datasets to cover.json, which is made if missing, and returns the names they got: a taken name gets "-2", "-3", ….
 * Throws UserError `bad-workspace` where the file cannot be read as JSON, so that a slip in it is never overwritten.
 */
export async function addDatasets(folder: string, datasets: readonly NewDataset[]): Promise<string[]> {
  if (datasets.length === 0) return []; // also where nothing can be written
  const file = workspaceFile(folder);
  const names: string[] = [];
  await editWorkspace(folder, (text) => {
    if (!nodeAt(text, ['datasets'])) text = addKey(file, text, [], 'datasets', {});
    const taken = keysAt(text, ['datasets']);
    for (const { name: wanted, kind, path, format, fold, column } of datasets) {
      const name = uniqueName(cleanName(wanted), taken);
      taken.push(name);
      names.push(name);
      text = addKey(file, text, ['datasets'], name, {
        kind,
        path,
        format,
        ...(fold !== undefined && { fold }),
        ...(column !== undefined && { column }),
      });
    }
    return text;
  });
  return names;
}

/**
 * Adds an experiment or a study to cover.json, and returns the name it got: a taken one gets "-2", "-3", …. `taken` are the names in
 * other files.
 */
export async function addEntry(
  folder: string,
  section: 'experiments' | 'studies',
  wanted: string,
  value: object,
  taken: readonly string[] = [],
): Promise<string> {
  const file = workspaceFile(folder);
  let name = '';
  await editWorkspace(folder, (text) => {
    if (!nodeAt(text, [section])) text = addKey(file, text, [], section, {});
    name = uniqueName(cleanName(wanted), [...keysAt(text, [section]), ...taken]);
    return addKey(file, text, [section], name, value);
  });
  return name;
}

/**
 * Reads cover.json, or files beside it, changes and writes them while no other process does: else what one has written
 * meanwhile would be lost. Throws UserError `workspace-busy`, `file-unwritable`.
 */
export async function changingAlone<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const file = workspaceFile(folder);
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw unwritable('file-unwritable', error, file);
  });
  const target = await behindLink(file);
  const taken = () =>
    new UserError(
      'workspace-busy',
      `Another process has been writing ${file} for long. Wait for it, and try again.`,
      file,
    );
  const claim = { file: join(dirname(target), `.${basename(target)}.claim`), protects: file, taken, ...whileChanged };
  return withClaim({ ...claim, unwritableCode: 'file-unwritable' }, work);
}

function editWorkspace(folder: string, edit: (text: string) => string): Promise<void> {
  return changingAlone(folder, () => rewrite(folder, edit));
}

async function rewrite(folder: string, edit: (text: string) => string): Promise<void> {
  const file = workspaceFile(folder);
  const before = await readOrEmpty(file);
  const { root, problem } = parseJson(file, before);
  if (problem || root?.type !== 'object')
    throw new UserError(
      'bad-workspace',
      `${file}:${problem?.line ?? 1}: ${problem?.message ?? 'cover.json must be an object in { }.'} Mend it first.`,
      file,
    );
  const after = edit(before);
  if (after === before) return;
  await writeFileAtomic(await behindLink(file), [after]);
}

async function readOrEmpty(file: string): Promise<string> {
  try {
    const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
    return text.trim() === '' ? emptyWorkspace : text;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return emptyWorkspace;
    throw new UserError('bad-workspace', `${file} could not be read. Check its permissions.`, file);
  }
}

function nodeAt(text: string, path: JSONPath): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  return root && findNodeAtLocation(root, path);
}

function keysAt(text: string, path: JSONPath): string[] {
  return nodeAt(text, path)?.children?.map((property) => String(property.children?.[0]?.value)) ?? [];
}

/** Adds a key to the object at `path`. */
function addKey(file: string, text: string, path: JSONPath, key: string, value: unknown): string {
  const node = nodeAt(text, path);
  if (node?.type !== 'object')
    throw new UserError('bad-workspace', `${file}: "${path.join('.')}" must be an object in { }. Mend it first.`, file);
  return insertEntry(text, node, value, key);
}
