// Reads one dataset from the disk: format → files looked at → splits → problems of the whole. The result is what the
// index stores.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { throwIfAborted } from '../base/errors.ts';
import type { DatasetConfig } from '../config/experiment.ts';
import type { Problem } from '../protocol/events.ts';
import type { Sample } from '../protocol/runner.ts';
import { readClassFolders } from './classFolders.ts';
import { count, type FoundSample, failure, readingFailed, type SplitName, warning } from './entries.ts';
import { byCodeUnit } from './folders.ts';
import { readManifest } from './manifest.ts';
import { assignSplits } from './splits.ts';

/** A usable sample with what tells whether its file changed. `mtime` in milliseconds, `size` in bytes. */
export interface ScannedSample extends Sample {
  size: number;
  mtime: number;
  /** Listed in the dataset's `exclude`: kept, but neither trained on nor judged. */
  excluded: boolean;
}

export interface ScannedDataset {
  name: string;
  config: DatasetConfig;
  /** The dataset folder or manifest, absolute. */
  root: string;
  samples: ScannedSample[];
  problems: Problem[];
  /** Equal for two scans that found the same. */
  fingerprint: string;
}

export interface ScanOptions {
  signal?: AbortSignal | undefined;
  /** Files looked at so far, of all that were found. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

const filesAtOnce = 64;

/** Everything about a dataset on the disk. Throws only when aborted: what is wrong is in `problems`. */
export async function scanDataset(
  workspace: string,
  name: string,
  config: DatasetConfig,
  { signal, onProgress }: ScanOptions = {},
): Promise<ScannedDataset> {
  const root = resolve(workspace, config.path);
  const found: FoundSample[] = [];
  const problems: Problem[] = [];
  const read = config.format === 'manifest' ? readManifest : readClassFolders;
  for await (const { sample, problem } of read(root, config.kind, signal)) {
    if (sample) found.push(sample);
    else if (problem) problems.push(problem);
  }
  const usable: { sample: FoundSample; size: number; mtime: number }[] = [];
  for (let start = 0; start < found.length; start += filesAtOnce) {
    throwIfAborted(signal, 'Indexing');
    const batch = found.slice(start, start + filesAtOnce);
    const looks = await Promise.all(batch.map((sample) => look(sample, root)));
    for (const [index, seen] of looks.entries()) {
      if (seen.problem) problems.push(seen.problem);
      else usable.push({ sample: batch[index]!, ...seen });
    }
    onProgress?.(start + batch.length, found.length);
  }
  const samples = finish(name, config, usable);
  // Where nothing could be read at all, that has been said.
  const unread = found.length === 0 && problems.some(({ severity }) => severity === 'error');
  if (!unread) problems.push(...datasetProblems(name, config, root, samples));
  for (const problem of problems) problem.dataset = name;
  return { name, config, root, samples, problems, fingerprint: fingerprintOf(config, root, samples, problems) };
}

type Look = { size: number; mtime: number; problem?: never } | { problem: Problem };

/** Whether a sample's file is there and has something in it. A manifest's line is to blame, or else the file. */
async function look({ path, file, line }: FoundSample, root: string): Promise<Look> {
  const blame = line === undefined ? file : root;
  try {
    const found = await stat(file);
    const { size, mtimeMs } = found;
    if (!found.isFile()) return failure(blame, `"${path}" is not a file; it is left out.`, line);
    if (size === 0) return failure(blame, `"${path}" is empty (0 bytes); it is left out.`, line);
    return { size, mtime: mtimeMs };
  } catch (error) {
    return failure(blame, `"${path}" cannot be read: ${readingFailed(error)}; it is left out.`, line);
  }
}

function finish(
  dataset: string,
  { kind, exclude, holdOut }: DatasetConfig,
  usable: readonly { sample: FoundSample; size: number; mtime: number }[],
): ScannedSample[] {
  const excluded = new Set(exclude);
  // Excluded samples take part, so that leaving one out never moves another between training and evaluation.
  const splits = assignSplits(
    usable.map(({ sample }) => sample),
    holdOut,
  );
  return usable
    .map(({ sample: { path, file, label, start, end }, size, mtime }, index): ScannedSample => {
      const part = start === null && end === null ? '' : `#t=${start ?? 0}${end === null ? '' : `,${end}`}`;
      const id = `${dataset}/${path}${part}`;
      const out = excluded.has(path) || excluded.has(path + part);
      return { id, dataset, split: splits[index]!, label, file, kind, start, end, size, mtime, excluded: out };
    })
    .sort(
      (a, b) => splitOrder(a.split) - splitOrder(b.split) || byCodeUnit(a.label, b.label) || byCodeUnit(a.id, b.id),
    );
}

/** train, val, test: the order in which splits are shown. */
export function splitOrder(split: string): number {
  return ['train', 'val', 'test'].indexOf(split);
}

function datasetProblems(
  name: string,
  { exclude = [], kind }: DatasetConfig,
  root: string,
  samples: readonly ScannedSample[],
): Problem[] {
  const problems: Problem[] = [];
  const all = new Set(samples.flatMap(({ id }) => [id, id.replace(/#t=[\d.,e+-]*$/, '')]));
  for (const path of exclude)
    if (!all.has(`${name}/${path}`))
      problems.push(warning(root, `cover.json excludes "${path}", but the dataset has no such sample.`).problem);
  const kept = samples.filter(({ excluded }) => !excluded);
  if (kept.length === 0) {
    problems.push(failure(root, `Dataset "${name}" has no usable ${kind}; see its other problems.`).problem);
    return problems;
  }
  const splitsOfLabel = new Map<string, Map<string, number>>();
  for (const { label, split } of kept) {
    const splits = splitsOfLabel.get(label) ?? new Map<string, number>();
    splits.set(split, (splits.get(split) ?? 0) + 1);
    splitsOfLabel.set(label, splits);
  }
  if (splitsOfLabel.size === 1)
    problems.push(
      warning(
        root,
        `Dataset "${name}" has one class only ("${kept[0]!.label}"): nothing can be learned from one class.`,
      ).problem,
    );
  if (!kept.some(({ split }) => split === 'train')) {
    problems.push(failure(root, `Dataset "${name}" has no training samples: all are in ${kept[0]!.split}.`).problem);
    return problems;
  }
  for (const [label, splits] of splitsOfLabel) {
    if (splits.has('train' satisfies SplitName)) continue;
    const where = [...splits].map(([split, number]) => `${split} (${count(number, 'sample')})`).join(' and ');
    problems.push(warning(root, `Class "${label}" is in ${where} but not in train: it cannot be learned.`).problem);
  }
  return problems;
}

function fingerprintOf(
  config: DatasetConfig,
  root: string,
  samples: readonly ScannedSample[],
  problems: readonly Problem[],
): string {
  const hash = createHash('sha256').update(JSON.stringify([config, root]));
  for (const sample of samples) hash.update(JSON.stringify(sample));
  for (const problem of problems) hash.update(JSON.stringify(problem));
  return hash.digest('hex');
}
