// Reads one dataset from the disk: format → files looked at → splits → problems of the whole. The result is what the
// index stores.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { DatasetConfig } from '../config/experiment.ts';
import type { Problem } from '../protocol/events.ts';
import type { Sample } from '../protocol/runner.ts';
import { readClassFolders } from './classFolders.ts';
import { count, type Entry, type FoundSample, failure, type SplitName, warning } from './entries.ts';
import { byCodeUnit } from './folders.ts';
import { listFormats } from './formats.ts';
import { lookAtFiles, type Seen } from './look.ts';
import { readManifest } from './manifest.ts';
import { type ClassMapping, mapClasses, readMapping } from './mapping.ts';
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
  /** How many samples the dataset's lists name for each split; none where it has no list, or one without splits. */
  expected: Partial<Record<SplitName, number>>;
  /** Equal for two scans that found the same. */
  fingerprint: string;
  /** The fingerprint is the one that was known: then `samples` and `problems` are not made again, and empty. */
  unchanged: boolean;
}

export interface ScanOptions {
  signal?: AbortSignal | undefined;
  /** Files looked at so far, of all that were found. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** The fingerprint of the last scan: an equal one saves the work after it. */
  known?: string | undefined;
}

/** Everything about a dataset on the disk. Throws only when aborted: what is wrong is in `problems`. */
export async function scanDataset(
  workspace: string,
  name: string,
  config: DatasetConfig,
  { signal, onProgress, known }: ScanOptions = {},
): Promise<ScannedDataset> {
  const root = resolve(workspace, config.path);
  const problems: Problem[] = [];
  let found = await collect(readDataset(workspace, config, signal), problems);
  if (config.format !== 'classFolders' && config.format !== 'manifest') found = withoutRepeats(found, problems);
  if (config.mapping !== undefined) found = await mapped(resolve(workspace, config.mapping), found, problems, signal);
  const usable = await lookAtFiles(found, problems, { root, signal, onProgress });
  const fingerprint = fingerprintOf(config, root, usable, problems);
  const result = { name, config, root, fingerprint };
  if (fingerprint === known) return { ...result, samples: [], problems: [], expected: {}, unchanged: true };
  const expected = expectedOf(config, found);
  // Splits that the dataset names stay as they are, even where none of their files is there: else the accuracy would
  // quietly be one on other samples.
  const namesHeldOut = found.some(({ split }) => split === 'val' || split === 'test');
  const samples = finish(name, namesHeldOut ? { ...config, holdOut: 0 } : config, usable);
  for (const { excluded, split } of samples) {
    const number = expected[split as SplitName];
    if (excluded && number !== undefined) expected[split as SplitName] = number - 1;
  }
  // Where nothing could be read at all, that has been said.
  const unread = found.length === 0 && problems.some(({ severity }) => severity === 'error');
  if (!unread) problems.push(...datasetProblems(name, config, root, samples));
  for (const problem of problems) problem.dataset = name;
  return { ...result, samples, problems, expected, unchanged: false };
}

/** What a dataset of cover.json names, in the order of its format. Throws only when aborted. */
export function readDataset(workspace: string, config: DatasetConfig, signal?: AbortSignal): AsyncGenerator<Entry> {
  const { kind, format, fold = 1, column } = config;
  const root = resolve(workspace, config.path);
  if (format === 'classFolders') return readClassFolders(root, kind, signal);
  const media = config.media === undefined ? undefined : resolve(workspace, config.media);
  if (format === 'manifest') return readManifest(root, kind, signal, { labelColumn: column, media });
  return listFormats[format].read({ root, media: media ?? root, kind, fold, column, signal });
}

async function collect(entries: AsyncIterable<Entry>, problems: Problem[]): Promise<FoundSample[]> {
  const found: FoundSample[] = [];
  for await (const { sample, problem } of entries) {
    if (sample) found.push(sample);
    else if (problem) problems.push(problem);
  }
  return found;
}

async function mapped(
  file: string,
  found: FoundSample[],
  problems: Problem[],
  signal?: AbortSignal,
): Promise<FoundSample[]> {
  const drain = async <T>(entries: AsyncGenerator<Entry, T> | Generator<Entry, T>): Promise<T> => {
    for (;;) {
      const { done, value } = await entries.next();
      if (done) return value;
      if (value.problem) problems.push(value.problem);
    }
  };
  const mapping: ClassMapping = await drain(readMapping(file, signal));
  return drain(mapClasses(file, mapping, found));
}

/** A clip that a dataset's lists name twice is used once. */
function withoutRepeats(found: readonly FoundSample[], problems: Problem[]): FoundSample[] {
  const seen = new Map<string, FoundSample>();
  return found.filter((sample) => {
    const key = sample.path + partOf(sample);
    const earlier = seen.get(key);
    if (!earlier) {
      seen.set(key, sample);
      return true;
    }
    const place = earlier.list === sample.list ? `line ${earlier.line}` : `${earlier.list}:${earlier.line}`;
    const labels = earlier.label === sample.label ? '' : `, there with label "${earlier.label}"`;
    const told = `"${sample.path}" stands in ${place} already${labels}; this line is left out.`;
    problems.push(warning(sample.list ?? sample.file, told, sample.line).problem);
    return false;
  });
}

function expectedOf({ format }: DatasetConfig, found: readonly FoundSample[]): ScannedDataset['expected'] {
  const expected: ScannedDataset['expected'] = {};
  if (format === 'classFolders') return expected;
  for (const { split } of found) {
    if (split === null) return {};
    expected[split] = (expected[split] ?? 0) + 1;
  }
  return expected;
}

/** The end of a sample's id where it is a part of its file: seconds, or the numbers of frames. */
function partOf({ start, end, frames }: FoundSample): string {
  if (frames?.first !== undefined) {
    const last = frames.count === undefined ? '' : `,${frames.first + frames.count - 1}`;
    return `#f=${frames.first}${last}`;
  }
  return start === null && end === null ? '' : `#t=${start ?? 0}${end === null ? '' : `,${end}`}`;
}

function finish(dataset: string, { kind, exclude, holdOut }: DatasetConfig, usable: readonly Seen[]): ScannedSample[] {
  const excluded = new Set(exclude);
  // Excluded samples take part, so that leaving one out never moves another between training and evaluation.
  const splits = assignSplits(
    usable.map(({ sample }) => sample),
    holdOut,
  );
  return usable
    .map(({ sample, size, mtime, frames }, index): ScannedSample => {
      const { path, file, label, start, end } = sample;
      const part = partOf(sample);
      const id = `${dataset}/${path}${part}`;
      const out = excluded.size > 0 && (excluded.has(path) || excluded.has(path + part));
      const split = splits[index]!;
      const scanned = { id, dataset, split, label, file, kind, start, end, size, mtime, excluded: out };
      return frames ? { ...scanned, frames } : scanned;
    })
    .sort(
      (a, b) => splitOrder(a.split) - splitOrder(b.split) || byCodeUnit(a.label, b.label) || byCodeUnit(a.id, b.id),
    );
}

const splitNames = ['train', 'val', 'test'];

/** train, val, test: the order in which splits are shown. */
export function splitOrder(split: string): number {
  return splitNames.indexOf(split);
}

function datasetProblems(
  name: string,
  { exclude = [], kind }: DatasetConfig,
  root: string,
  samples: readonly ScannedSample[],
): Problem[] {
  const problems: Problem[] = [];
  const all = new Set(exclude.length > 0 ? samples.flatMap(({ id }) => [id, id.replace(/#[tf]=[\d.,e+-]*$/, '')]) : []);
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

/** Of everything that the result follows from: the same gives the same samples and problems. */
function fingerprintOf(
  config: DatasetConfig,
  root: string,
  usable: readonly Seen[],
  problems: readonly Problem[],
): string {
  const hash = createHash('sha256').update(JSON.stringify([scanVersion, config, root]));
  let lines = '';
  for (const [index, { sample, size, mtime, frames }] of usable.entries()) {
    const { path, label, split, start, end } = sample;
    lines += `${path}\0${label}\0${split}\0${start}\0${end}\0${size}\0${mtime}\n`;
    if (frames) lines += JSON.stringify(frames);
    if (index % 1024 === 0) {
      hash.update(lines);
      lines = '';
    }
  }
  hash.update(lines);
  for (const problem of problems) hash.update(JSON.stringify(problem));
  return hash.digest('hex');
}

/** Raise it when a scan of the same files comes to another result. */
const scanVersion = 2;
