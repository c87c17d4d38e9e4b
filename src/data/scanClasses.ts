// Reads one dataset from the disk, class by class: format → files looked at → splits → problems of the whole. What lies
// in class folders is read, looked at and handed on one class at a time, so that a million files are never in the memory at
// once; lists are read whole first, since a class may stand anywhere in them.
import { createHash } from 'node:crypto';
import { relative, resolve, sep } from 'node:path';
import type { DatasetConfig } from '../config/experiment.ts';
import type { Problem } from '../protocol/events.ts';
import { AppliedEdits, type DatasetEdits, type FoundClass, type SampleTags } from './applyEdits.ts';
import { type Rename, readClassFolders } from './classFolders.ts';
import { DatasetCounts, missingAsOne } from './datasetProblems.ts';
import { type Batch, type Entry, type FoundSample, type SplitName, warning } from './entries.ts';
import { listFormats } from './formats.ts';
import { FrameFolders } from './frameFolders.ts';
import { type LookOptions, lookAtFiles, Pace, type Seen } from './look.ts';
import { readManifest } from './manifest.ts';
import { Renaming, readMapping } from './mapping.ts';
import { ProblemList } from './problemList.ts';
import { byClass, classOf, partOf, type ScannedClass, scanContext } from './scannedClass.ts';
import { assignSplits } from './splits.ts';

/** What a scan found, beside the classes that it handed on. */
export interface DatasetScan {
  name: string;
  config: DatasetConfig;
  /** The dataset folder or manifest, absolute. */
  root: string;
  problems: Problem[];
  /** How many samples the dataset's lists name for each split; none where it has no list, or one without splits. */
  expected: Partial<Record<SplitName, number>>;
  /** Of the samples that have some. No class knows of them: a tag changes nothing that is trained on. */
  tags: SampleTags[];
  /** Equal for two scans that found the same. */
  fingerprint: string;
}

export interface ScanOptions {
  signal?: AbortSignal | undefined;
  /** Files looked at so far, of all that were found, or of as many as there seem to be. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** What people changed of single samples. */
  edits?: DatasetEdits | undefined;
}

/**
 * Everything about a dataset on the disk. Each class goes to `take`, in no particular order. Throws only when aborted, and
 * what `take` throws: what is wrong is in `problems`.
 */
export async function scanClasses(
  workspace: string,
  name: string,
  config: DatasetConfig,
  take: (scanned: ScannedClass) => Promise<void> | void,
  { signal, onProgress, edits }: ScanOptions = {},
): Promise<DatasetScan> {
  const root = resolve(workspace, config.path);
  const exclude = new Set(config.exclude);
  const counts = new DatasetCounts(exclude);
  const context = scanContext(root, config);
  const fingerprints: { split: string; label: string; fingerprint: string }[] = [];
  const scan: Scan = {
    workspace,
    root,
    config,
    signal,
    onProgress,
    reading: new ProblemList(),
    looking: new ProblemList(),
    missing: new ProblemList(),
    pace: new Pace(),
    folders: new FrameFolders(),
    found: 0,
    listed: 0,
    isUnsplit: false,
    expected: {},
  };
  const edited = new AppliedEdits(edits);
  const give = async ({ split, label, seen }: FoundClass) => {
    const scanned = classOf(context, split, label, seen, exclude);
    counts.add(scanned);
    fingerprints.push({ split, label, fingerprint: scanned.fingerprint });
    await take(scanned);
  };
  for await (const found of classesOf(scan)) for (const one of edited.apply(found)) await give(one);
  for (const one of edited.rest()) await give(one);
  const { reading, looking, missing, expected } = scan;
  for (const [split, number] of counts.excluded) {
    const listed = expected[split];
    if (listed !== undefined) expected[split] = listed - number;
  }
  const media = config.media === undefined ? undefined : resolve(workspace, config.media);
  const notThere = missingAsOne(config, root, media, missing, scan.listed);
  if (!notThere) looking.join(missing);
  // What lists name is told in their order, whatever the order of the labels.
  const problems = [...reading.problems(), ...(notThere ? [notThere] : []), ...looking.problems(scan.listed > 0)];
  // Where nothing could be read at all, or nothing is there, that has been said.
  const unread = scan.found === 0 && reading.hasErrors;
  if (!unread) {
    for (const problem of counts.problems(name, config, root, notThere !== undefined)) problems.push(problem);
    for (const problem of edited.problems()) problems.push(problem);
  }
  for (const problem of problems) problem.dataset = name;
  const hash = createHash('sha256').update(JSON.stringify([context, expected]));
  for (const { fingerprint } of fingerprints.sort(byClass)) hash.update(fingerprint);
  for (const problem of problems) hash.update(JSON.stringify(problem));
  const tags = edited.tags();
  for (const one of tags) hash.update(JSON.stringify(one));
  return { name, config, root, problems, expected, tags, fingerprint: hash.digest('base64url') };
}

interface Scan {
  workspace: string;
  root: string;
  config: DatasetConfig;
  signal: AbortSignal | undefined;
  onProgress: ScanOptions['onProgress'];
  /** Problems of reading what the dataset names, and of looking at the files. */
  reading: ProblemList;
  looking: ProblemList;
  /** Of files that lists name and that are not there. */
  missing: ProblemList;
  pace: Pace;
  folders: FrameFolders;
  /** Samples named, usable or not. */
  found: number;
  /** Those of them that a line names. */
  listed: number;
  /** A sample has no split: then none is expected of any. */
  isUnsplit: boolean;
  expected: DatasetScan['expected'];
}

/** Classes that come as a whole are looked at and handed on at once, the others when all of the lists has been read. */
async function* classesOf(scan: Scan): AsyncGenerator<FoundClass> {
  const { workspace, root, config, signal, onProgress, reading } = scan;
  const renaming = config.mapping === undefined ? undefined : await readRenaming(scan, config.mapping);
  let listed: FoundSample[] = [];
  for await (const entry of readDataset(workspace, config, signal, renaming?.rename)) {
    if (entry.problem) reading.add(entry.problem);
    else if (entry.sample) listed.push(entry.sample);
    else {
      const { samples, share, holdsOut } = entry;
      const before = scan.found;
      scan.found += samples.length;
      if (config.format !== 'classFolders') expect(scan, samples);
      const total = Math.max(scan.found, Math.round(scan.found / share));
      const report = onProgress && ((done: number) => onProgress(before + done, total));
      const usable = await look(scan, samples, report);
      yield* inClasses(usable, holdsOut ? 0 : config.holdOut);
    }
  }
  if (config.format !== 'manifest') listed = withoutRepeats(root, listed, reading);
  if (renaming) listed = renaming.renamed(listed);
  for (const problem of renaming?.problems() ?? []) reading.add(problem);
  expect(scan, listed);
  for (const { line } of listed) if (line !== undefined) scan.listed++;
  // Splits that the dataset names stay as they are, even where none of their files is there: else the accuracy would
  // quietly be one on other samples.
  const namesHeldOut = listed.some(({ split }) => split === 'val' || split === 'test');
  const labels = byLabel(listed);
  listed = []; // from here on each label's samples are let go when they have been handed on
  yield* fromLists(scan, labels, namesHeldOut ? 0 : config.holdOut);
}

async function* fromLists(
  scan: Scan,
  labels: Map<string, FoundSample[]>,
  holdOut: number | undefined,
): AsyncGenerator<FoundClass> {
  const { onProgress } = scan;
  let before = scan.found;
  for (const samples of labels.values()) scan.found += samples.length;
  const total = scan.found;
  for (const [label, samples] of labels) {
    const done = before;
    const report = onProgress && ((looked: number) => onProgress(done + looked, total));
    yield* inClasses(await look(scan, samples, report), holdOut);
    before += samples.length;
    labels.delete(label);
  }
}

function look(scan: Scan, samples: readonly FoundSample[], onProgress: LookOptions['onProgress']): Promise<Seen[]> {
  const { root, signal, pace, folders } = scan;
  return lookAtFiles(samples, scan, { root, frameRate: scan.config.frameRate, signal, onProgress, pace, folders });
}

function byLabel(found: readonly FoundSample[]): Map<string, FoundSample[]> {
  const labels = new Map<string, FoundSample[]>();
  for (const sample of found) {
    const known = labels.get(sample.label);
    if (known) known.push(sample);
    else labels.set(sample.label, [sample]);
  }
  return labels;
}

/** Gives every sample its split. Excluded samples take part, so that leaving one out never moves another. */
function* inClasses(usable: readonly Seen[], holdOut: number | undefined): Generator<FoundClass> {
  const splits = assignSplits(
    usable.map(({ sample }) => sample),
    holdOut,
  );
  const classes = new Map<string, FoundClass>();
  for (const [index, seen] of usable.entries()) {
    const split = splits[index]!;
    const { label } = seen.sample;
    const key = `${split}/${label}`;
    const known = classes.get(key);
    if (known) known.seen.push(seen);
    else classes.set(key, { split, label, seen: [seen] });
  }
  yield* classes.values();
}

/** What a dataset of cover.json names, in the order of its format; `rename` is of batches. Throws only when aborted. */
export function readDataset(
  workspace: string,
  config: DatasetConfig,
  signal?: AbortSignal,
  rename?: Rename,
): AsyncGenerator<Entry | Batch> {
  const { kind, format, fold = 1, column } = config;
  const root = resolve(workspace, config.path);
  if (format === 'classFolders') return readClassFolders(root, kind, signal, rename);
  const media = config.media === undefined ? undefined : resolve(workspace, config.media);
  if (format === 'manifest') return readManifest(root, kind, signal, { labelColumn: column, media });
  return listFormats[format].read({ root, media: media ?? root, kind, fold, column, rename, signal });
}

async function readRenaming({ workspace, reading, signal }: Scan, mapping: string): Promise<Renaming> {
  const file = resolve(workspace, mapping);
  const entries = readMapping(file, signal);
  for (;;) {
    const { done, value } = await entries.next();
    if (done) return new Renaming(file, value);
    if (value.problem) reading.add(value.problem);
  }
}

/** A clip that a dataset's lists name twice is used once, however they write its path. */
function withoutRepeats(root: string, found: readonly FoundSample[], problems: ProblemList): FoundSample[] {
  const seen = new Map<string, FoundSample>();
  return found.filter((sample) => {
    const key = sample.file + partOf(sample);
    const earlier = seen.get(key);
    if (!earlier) {
      seen.set(key, sample);
      return true;
    }
    const list = relative(root, earlier.list ?? '').replaceAll(sep, '/');
    const place = earlier.list === sample.list ? `line ${earlier.line}` : `"${list}", line ${earlier.line},`;
    const labels = earlier.label === sample.label ? '' : `, there with label "${earlier.label}"`;
    const told = `"${sample.path}" stands in ${place} already${labels}; this line is left out.`;
    problems.add(warning(sample.list ?? sample.file, told, sample.line).problem);
    return false;
  });
}

/** Counts what a dataset names of each split; where a sample has no split, nothing is expected. */
function expect(scan: Scan, found: readonly FoundSample[]): void {
  for (const { split } of found)
    if (split === null) scan.isUnsplit = true;
    else scan.expected[split] = (scan.expected[split] ?? 0) + 1;
  if (scan.isUnsplit) scan.expected = {};
}
