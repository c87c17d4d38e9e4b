// Reads one dataset from the disk: format → files looked at → splits → problems of the whole. The result is what the
// index stores.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { DatasetConfig } from '../config/experiment.ts';
import type { Problem } from '../protocol/events.ts';
import type { Sample } from '../protocol/runner.ts';
import { readClassFolders } from './classFolders.ts';
import { type Batch, count, type Entry, type FoundSample, failure, type SplitName, warning } from './entries.ts';
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
  /** How many samples there are, and those from `start` to before `end`, which are made when they are asked for. */
  size: number;
  rows(start: number, end: number): ScannedSample[];
  /** All of them. */
  readonly samples: ScannedSample[];
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
  /** The fingerprint and size of the last scan: an equal one saves the work after it. */
  known?: { fingerprint: string; samples: number } | undefined;
}

/** Everything about a dataset on the disk. Throws only when aborted: what is wrong is in `problems`. */
export async function scanDataset(
  workspace: string,
  name: string,
  config: DatasetConfig,
  { signal, onProgress, known }: ScanOptions = {},
): Promise<ScannedDataset> {
  const root = resolve(workspace, config.path);
  const unchanged = (fingerprint: string): ScannedDataset => ({
    ...{ name, config, root, fingerprint, size: 0, rows: () => [], samples: [] },
    ...{ problems: [], expected: {}, unchanged: true },
  });
  const total = known?.samples ?? 0;
  if (known && config.format === 'classFolders' && config.mapping === undefined && total > smallEnough) {
    const report = onProgress && ((done: number) => onProgress(done, Math.max(done, total)));
    const fingerprint = await fingerprintOnly(root, config, { signal, onProgress: report });
    if (fingerprint === known.fingerprint) return unchanged(fingerprint);
  }
  const problems: Problem[] = [];
  let found = await collect(readDataset(workspace, config, signal), problems);
  if (config.format !== 'classFolders' && config.format !== 'manifest') found = withoutRepeats(found, problems);
  if (config.mapping !== undefined) found = await mapped(resolve(workspace, config.mapping), found, problems, signal);
  const usable = await lookAtFiles(found, problems, { root, signal, onProgress });
  const hash = new Fingerprint(config, root);
  hash.add(usable);
  const fingerprint = hash.digest(problems);
  if (fingerprint === known?.fingerprint) return unchanged(fingerprint);
  const expected = expectedOf(config, found);
  // Splits that the dataset names stay as they are, even where none of their files is there: else the accuracy would
  // quietly be one on other samples.
  const namesHeldOut = found.some(({ split }) => split === 'val' || split === 'test');
  // Where nothing could be read at all, that has been said.
  const unread = found.length === 0 && problems.some(({ severity }) => severity === 'error');
  found = [];
  sortSamples(usable, namesHeldOut ? 0 : config.holdOut);
  const summary = summarise(config, usable);
  for (const [split, number] of summary.excluded) {
    const listed = expected[split];
    if (listed !== undefined) expected[split] = listed - number;
  }
  if (!unread) problems.push(...datasetProblems(name, config, root, summary));
  for (const problem of problems) problem.dataset = name;
  const size = usable.length;
  const rows = rowsOf(name, config, usable);
  return {
    ...{ name, config, root, fingerprint, size, rows, problems, expected, unchanged: false },
    get samples() {
      return rows(0, size);
    },
  };
}

/** What a dataset of cover.json names, in the order of its format. Throws only when aborted. */
export function readDataset(
  workspace: string,
  config: DatasetConfig,
  signal?: AbortSignal,
): AsyncGenerator<Entry | Batch> {
  const { kind, format, fold = 1, column } = config;
  const root = resolve(workspace, config.path);
  if (format === 'classFolders') return readClassFolders(root, kind, signal);
  const media = config.media === undefined ? undefined : resolve(workspace, config.media);
  if (format === 'manifest') return readManifest(root, kind, signal, { labelColumn: column, media });
  return listFormats[format].read({ root, media: media ?? root, kind, fold, column, signal });
}

async function collect(entries: AsyncIterable<Entry | Batch>, problems: Problem[]): Promise<FoundSample[]> {
  const found: FoundSample[] = [];
  for await (const entry of entries) {
    if (entry.problem) problems.push(entry.problem);
    else if ('samples' in entry) for (const sample of entry.samples) found.push(sample);
    else found.push(entry.sample);
  }
  return found;
}

/** Below this a second reading costs nothing that a person would notice. */
const smallEnough = 5000;

/** The fingerprint of class folders, folder by folder, so that a million files are never in the memory at once. */
async function fingerprintOnly(
  root: string,
  config: DatasetConfig,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: ((done: number) => void) | undefined },
): Promise<string> {
  const hash = new Fingerprint(config, root);
  const [reading, looking]: [Problem[], Problem[]] = [[], []];
  let done = 0;
  for await (const entry of readClassFolders(root, config.kind, signal)) {
    if (entry.problem) {
      reading.push(entry.problem);
      continue;
    }
    hash.add(await lookAtFiles(entry.samples, looking, { root, signal }));
    done += entry.samples.length;
    onProgress?.(done);
  }
  return hash.digest([...reading, ...looking]);
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

/** Gives every sample its split, and sorts them by split, label and path. */
function sortSamples(usable: Seen[], holdOut: number | undefined): void {
  // Excluded samples take part, so that leaving one out never moves another between training and evaluation.
  const splits = assignSplits(
    usable.map(({ sample }) => sample),
    holdOut,
  );
  for (const [index, seen] of usable.entries()) seen.split = splits[index]!;
  usable.sort(
    (a, b) =>
      splitOrder(a.split) - splitOrder(b.split) ||
      byCodeUnit(a.sample.label, b.sample.label) ||
      byCodeUnit(a.sample.path + partOf(a.sample), b.sample.path + partOf(b.sample)),
  );
}

function rowsOf(dataset: string, { kind, exclude }: DatasetConfig, sorted: readonly Seen[]): ScannedDataset['rows'] {
  const excluded = new Set(exclude);
  return (from, to) =>
    sorted.slice(from, to).map(({ sample, split, size, mtime, frames }): ScannedSample => {
      const { path, file, label, start, end } = sample;
      const part = partOf(sample);
      const id = `${dataset}/${path}${part}`;
      const out = excluded.size > 0 && (excluded.has(path) || excluded.has(path + part));
      const row = { id, dataset, split, label, file, kind, start, end, size, mtime, excluded: out };
      return frames ? { ...row, frames } : row;
    });
}

interface Summary {
  /** Samples that are not excluded, by label and split, in their order. */
  labels: Map<string, Map<SplitName, number>>;
  excluded: Map<SplitName, number>;
  /** The entries of `exclude` that a sample has. */
  matched: Set<string>;
}

function summarise({ exclude }: DatasetConfig, sorted: readonly Seen[]): Summary {
  const wanted = new Set(exclude);
  const summary: Summary = { labels: new Map(), excluded: new Map(), matched: new Set() };
  const addTo = (counts: Map<SplitName, number>, split: SplitName) => counts.set(split, (counts.get(split) ?? 0) + 1);
  for (const { sample, split } of sorted) {
    if (wanted.size > 0) {
      const out = [sample.path, sample.path + partOf(sample)].filter((path) => wanted.has(path));
      for (const path of out) summary.matched.add(path);
      if (out.length > 0) {
        addTo(summary.excluded, split);
        continue;
      }
    }
    const splits = summary.labels.get(sample.label) ?? new Map<SplitName, number>();
    summary.labels.set(sample.label, splits);
    addTo(splits, split);
  }
  return summary;
}

const splitNames: readonly string[] = ['train', 'val', 'test'];

/** train, val, test: the order in which splits are shown. */
export function splitOrder(split: string): number {
  return splitNames.indexOf(split);
}

function datasetProblems(
  name: string,
  { exclude = [], kind }: DatasetConfig,
  root: string,
  { labels, matched }: Summary,
): Problem[] {
  const problems: Problem[] = [];
  for (const path of exclude)
    if (!matched.has(path))
      problems.push(warning(root, `cover.json excludes "${path}", but the dataset has no such sample.`).problem);
  const [first] = labels;
  if (!first) {
    problems.push(failure(root, `Dataset "${name}" has no usable ${kind}; see its other problems.`).problem);
    return problems;
  }
  if (labels.size === 1)
    problems.push(
      warning(root, `Dataset "${name}" has one class only ("${first[0]}"): nothing can be learned from one class.`)
        .problem,
    );
  if (![...labels.values()].some((splits) => splits.has('train'))) {
    const [split] = [...first[1].keys()];
    problems.push(failure(root, `Dataset "${name}" has no training samples: all are in ${split}.`).problem);
    return problems;
  }
  for (const [label, splits] of labels) {
    if (splits.has('train' satisfies SplitName)) continue;
    const where = [...splits].map(([split, number]) => `${split} (${count(number, 'sample')})`).join(' and ');
    problems.push(warning(root, `Class "${label}" is in ${where} but not in train: it cannot be learned.`).problem);
  }
  return problems;
}

/** Of everything that the result follows from: the same gives the same samples and problems. */
class Fingerprint {
  private readonly hash = createHash('sha256');

  constructor(config: DatasetConfig, root: string) {
    this.hash.update(JSON.stringify([scanVersion, config, root]));
  }

  add(usable: readonly Seen[]): void {
    let lines = '';
    for (const { sample, size, mtime, frames } of usable) {
      const { path, label, split, start, end } = sample;
      lines += `${path}\0${label}\0${split}\0${start}\0${end}\0${size}\0${mtime}\n`;
      if (frames) lines += JSON.stringify(frames);
      if (lines.length > 1 << 16) {
        this.hash.update(lines);
        lines = '';
      }
    }
    this.hash.update(lines);
  }

  digest(problems: readonly Problem[]): string {
    for (const problem of problems) this.hash.update(JSON.stringify(problem));
    return this.hash.digest('hex');
  }
}

/** Raise it when a scan of the same files comes to another result. */
const scanVersion = 3;
