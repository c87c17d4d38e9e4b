// Which folder of the window is the CoVeR workspace: the one with a cover.json, else the first.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Uri, workspace } from 'vscode';
import { UserError } from '../base/errors.ts';

export const configName = 'cover.json';
/** Edits of single samples. */
export const editsName = 'cover.edits.jsonl';
/** Experiments in files of their own. */
export const experimentsSuffix = '.cover.json';

/** Absolute path of the CoVeR workspace; undefined where the window has no folder on this machine. */
export function findWorkspace(): string | undefined {
  const folders = (workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === 'file')
    .map((folder) => folder.uri.fsPath);
  return folders.find(hasConfig) ?? folders[0];
}

/** As `findWorkspace`, or a UserError that says what to do. */
export function requireWorkspace(): string {
  const folder = findWorkspace();
  if (folder !== undefined) return folder;
  throw new UserError('no-workspace', 'CoVeR works in a folder: open one first (File: Open Folder…).');
}

export function hasConfig(folder: string): boolean {
  return existsSync(join(folder, configName));
}

/** Whether a file is read as a part of the folder's configuration. */
export function isConfig(folder: string, file: string): boolean {
  return dirname(file) === folder && (basename(file) === configName || file.endsWith(experimentsSuffix));
}

export function configUri(folder: string): Uri {
  return Uri.file(join(folder, configName));
}
