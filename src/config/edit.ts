// Changes cover.json the way a careful person would: only the lines concerned, comments and layout kept, and the whole
// file replaced at once.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { applyEdits, type FormattingOptions, findNodeAtLocation, type JSONPath, modify, parseTree } from 'jsonc-parser';
import { unwritable, writeFileAtomic } from '../base/atomicFile.ts';
import { systemCode, UserError } from '../base/errors.ts';
import type { DatasetConfig } from './experiment.ts';
import { cleanName, uniqueName } from './names.ts';
import { parseJson } from './parseJson.ts';
import { workspaceFile } from './workspace.ts';

/** What is written for a new dataset. `path` is relative to the workspace folder (or absolute). */
export type NewDataset = { name: string } & Pick<DatasetConfig, 'kind' | 'path' | 'format'>;

const emptyWorkspace = '{\n  "datasets": {}\n}\n';

/**
 * Adds datasets to cover.json, which is made if missing, and returns the names they got: a taken name gets "-2", "-3", ….
 * Throws UserError `bad-workspace` where the file cannot be read as JSON, so that a slip in it is never overwritten.
 */
export async function addDatasets(folder: string, datasets: readonly NewDataset[]): Promise<string[]> {
  const names: string[] = [];
  await editWorkspace(folder, (text) => {
    const taken = keysAt(text, ['datasets']);
    for (const { name: wanted, kind, path, format } of datasets) {
      const name = uniqueName(cleanName(wanted), taken);
      taken.push(name);
      names.push(name);
      text = change(text, ['datasets', name], { kind, path, format });
    }
    return text;
  });
  return names;
}

/** Leaves a sample out of its dataset from now on: adds its path to the dataset's `exclude`. `id` is a Sample's id. */
export async function excludeSample(folder: string, id: string): Promise<void> {
  const slash = id.indexOf('/');
  const dataset = id.slice(0, slash);
  const path = id.slice(slash + 1);
  await editWorkspace(folder, (text) => {
    if (!keysAt(text, ['datasets']).includes(dataset))
      throw new UserError('unknown-dataset', `cover.json has no dataset "${dataset}".`, workspaceFile(folder));
    const place = ['datasets', dataset, 'exclude'];
    const root = parseTree(text);
    const list = root && findNodeAtLocation(root, place);
    if (list?.type !== 'array') return change(text, place, [path]);
    if (list.children?.some((entry) => entry.value === path)) return text;
    return change(text, [...place, list.children?.length ?? 0], path);
  });
}

async function editWorkspace(folder: string, edit: (text: string) => string): Promise<void> {
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
  await mkdir(dirname(file), { recursive: true }).catch((error) => {
    throw unwritable('file-unwritable', error, file);
  });
  await writeFileAtomic(file, [after]);
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

function keysAt(text: string, path: JSONPath): string[] {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const node = root && findNodeAtLocation(root, path);
  return node?.children?.map((property) => String(property.children?.[0]?.value)) ?? [];
}

function change(text: string, path: JSONPath, value: unknown): string {
  const isEntry = typeof path.at(-1) === 'number';
  return applyEdits(
    text,
    modify(text, path, value, { formattingOptions: layoutOf(text), ...(isEntry && { isArrayInsertion: true }) }),
  );
}

/** The indentation and line ends that the file already has. */
function layoutOf(text: string): FormattingOptions {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}
