// Where weights come from, as one view: a .safetensors file, or a folder with model.safetensors or an index and its
// shards, with the config.json and preprocessor_config.json that lie beside them. Tensors are read one at a time. Nothing
// in it is trusted: an index may only name plain files of its own folder.
import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf, systemCode, UserError } from '../base/errors.ts';
import { hasPickleName, pickleRefused, refusePickle } from './pickle.ts';
import { SafetensorsFile, type Tensor } from './safetensorsFile.ts';
import type { Dtype } from './safetensorsHeader.ts';

export const modelFile = 'model.safetensors';
export const indexFile = 'model.safetensors.index.json';
export const configFile = 'config.json';
export const preprocessorFile = 'preprocessor_config.json';

const maxJsonBytes = 64e6;

export interface WeightsSource {
  /** The file or folder, as it was opened. */
  readonly place: string;
  /** Every tensor's type and shape by its name. */
  readonly tensors: ReadonlyMap<string, { readonly dtype: Dtype; readonly shape: readonly number[] }>;
  readonly metadata: Readonly<Record<string, string>>;
  /** config.json and preprocessor_config.json beside the weights, where they are there: any JSON object. */
  readonly config: Readonly<Record<string, unknown>> | undefined;
  readonly preprocessor: Readonly<Record<string, unknown>> | undefined;
  /** Reads one tensor; nothing is kept. */
  read(name: string): Tensor;
  close(): void;
}

/** Opens a file or folder. Throws a UserError that says what is wrong with it; pickles are refused. */
export function openWeights(place: string): WeightsSource {
  const isFolder = kindOf(place).isDirectory();
  const folder = isFolder ? place : dirname(place);
  const { files, promised } = isFolder ? filesOf(place) : { files: [place], promised: [] };
  const opened: SafetensorsFile[] = [];
  try {
    const owners = new Map<string, SafetensorsFile>();
    const metadata: Record<string, string> = {};
    for (const path of files) {
      refusePickle(path);
      const file = SafetensorsFile.open(path);
      opened.push(file);
      Object.assign(metadata, file.metadata);
      for (const name of file.entries.keys()) {
        if (owners.has(name)) throw invalid(path, `it holds the tensor "${name}", which another shard holds too`);
        owners.set(name, file);
      }
    }
    const missing = promised.find((name) => !owners.has(name));
    if (missing !== undefined)
      throw invalid(join(folder, indexFile), `no shard has its tensor "${missing.slice(0, 200)}"`);
    return {
      place,
      tensors: new Map([...owners].map(([name, file]) => [name, file.entries.get(name)!])),
      metadata,
      config: readJsonObject(join(folder, configFile)),
      preprocessor: readJsonObject(join(folder, preprocessorFile)),
      read: (name) => owners.get(name)!.read(name),
      close: () => {
        for (const file of opened) file.close();
      },
    };
  } catch (error) {
    for (const file of opened) file.close();
    throw error;
  }
}

function kindOf(place: string): Stats {
  try {
    return statSync(place);
  } catch (error) {
    const why = ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '') ? 'there is nothing there' : messageOf(error);
    throw new UserError('weights-unreadable', `The weights ${place} could not be read: ${why}.`, place);
  }
}

/** The .safetensors files of a folder that belong together, and the tensors that an index says are in them. */
function filesOf(folder: string): { files: string[]; promised: string[] } {
  const names = readdirSync(folder);
  const only = (name: string) => ({ files: [join(folder, name)], promised: [] });
  if (names.includes(modelFile)) return only(modelFile);
  if (names.includes(indexFile)) {
    const map = weightMap(join(folder, indexFile));
    return { files: [...new Set(map.values())].sort().map((name) => join(folder, name)), promised: [...map.keys()] };
  }
  const others = names.filter((name) => name.endsWith('.safetensors') && !name.startsWith('.'));
  if (others.length === 1) return only(others[0]!);
  if (others.length > 1)
    throw new UserError(
      'weights-unreadable',
      `${folder} holds ${others.length} .safetensors files and no ${indexFile} that says how they belong together. Name one of the files.`,
      folder,
    );
  const pickle = names.find(hasPickleName);
  if (pickle) throw pickleRefused(join(folder, pickle));
  throw new UserError(
    'weights-unreadable',
    `${folder} holds no weights: neither ${modelFile} nor ${indexFile}.`,
    folder,
  );
}

/** The shards that an index names, each once. */
export function shardsOf(file: string): string[] {
  return [...new Set(weightMap(file).values())].sort();
}

/** Tensor → shard of an index, which may come from anywhere: only plain names are taken. */
function weightMap(file: string): Map<string, string> {
  const map = readJsonObject(file)?.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map) || Object.keys(map).length === 0)
    throw invalid(file, 'it has no "weight_map" that says which file holds which tensor');
  const shards = new Map<string, string>();
  for (const [tensor, name] of Object.entries(map)) {
    if (typeof name !== 'string' || !isPlainName(name)) {
      const told = JSON.stringify(name)?.slice(0, 200);
      throw invalid(file, `it names the shard ${told}, which is no .safetensors file of its folder`);
    }
    shards.set(tensor, name);
  }
  if (new Set(shards.values()).size > 1000) throw invalid(file, 'it names more than 1000 shards');
  return shards;
}

function isPlainName(name: string): boolean {
  return /^[^/\\:\0]+\.safetensors$/.test(name) && !name.startsWith('.') && basename(name) === name;
}

/** A JSON object; undefined where there is no such file. Throws UserError `weights-invalid` for anything else. */
export function readJsonObject(file: string): Record<string, unknown> | undefined {
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > maxJsonBytes) throw invalid(file, `it is ${size} bytes long`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw invalid(file, messageOf(error));
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw invalid(file, 'it is not a JSON object');
}

function invalid(file: string, why: string): UserError {
  return new UserError('weights-invalid', `${file} cannot be used: ${why}.`, file);
}
