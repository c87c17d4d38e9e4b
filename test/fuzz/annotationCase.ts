// One case of the annotation fuzzer: a workspace with a damaged dataset, indexed as `cover index` does, and what must hold
// of the result whatever was damaged.
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { Random } from '../../src/base/random.ts';
import type { DatasetConfig } from '../../src/config/experiment.ts';
import { requireWorkspace } from '../../src/config/workspace.ts';
import { listProblems, readSamples } from '../../src/data/datasetIndex.ts';
import { discoverDatasets } from '../../src/data/discover.ts';
import { mediaKind } from '../../src/data/mediaFiles.ts';
import { readDataset } from '../../src/data/scanClasses.ts';
import { updateIndex } from '../../src/data/updateIndex.ts';
import type { Sample } from '../../src/protocol/datasets.ts';
import type { Problem } from '../../src/protocol/events.ts';
import { hasRows, type Read, readAll, rowLists, unaccounted } from './accounting.ts';
import type { AnnotationSeed } from './annotationSeeds.ts';
import { mutate, odd, pick } from './mutate.ts';

export interface CaseResult {
  what: string;
  failures: string[];
  samples: number;
  problems: number;
}

const isList = (path: string) => /\.(csv|txt|jsonl?|parquet|mat)$/i.test(path);

/** Mutates one of the seeds, indexes it and judges. `keep` says where the damaged dataset stays if something is wrong. */
export async function annotationCase(
  seeds: readonly AnnotationSeed[],
  seed: number,
  number: number,
): Promise<CaseResult & { folder: string }> {
  const random = new Random(seed, number);
  const from = pick(seeds, random);
  const workspace = mkdtempSync(join(tmpdir(), 'cover-fuzz-'));
  const place = join(workspace, 'ws');
  const folder = join(place, 'data');
  plant(folder, from.files);
  const whole = rowLists(await readAll(readDataset(place, below('data', from.config))));
  const told = damage(folder, from, random);
  const config = below('data', from.config);
  writeFileSync(join(place, 'cover.json'), JSON.stringify({ datasets: { d: config } }));
  const before = snapshot(workspace);
  const result: CaseResult = { what: `${from.name}: ${told.join('; ')}`, failures: [], samples: 0, problems: 0 };
  const fail = (text: string) => result.failures.push(text);
  try {
    const read = await readAll(readDataset(place, config));
    await updateIndex(place, await requireWorkspace(place));
    const problems = await listProblems(place, Number.POSITIVE_INFINITY);
    const samples = await readSamples(place, 'd');
    result.samples = samples.length;
    result.problems = problems.length;
    for (const problem of problems) checkProblem(problem, workspace, fail);
    checkSamples(samples, read, folder, config, fail);
    checkFound(read, samples, problems, config, fail);
    for (const list of whole) {
      const path = list.slice(folder.length + 1);
      if (!hasRows(folder, path) || isTwin(list, read)) continue;
      const wrong = await unaccounted(list, read);
      if (wrong !== undefined) fail(wrong);
    }
    // Every third case, since opening the index takes most of the time.
    if (number % 3 === 0) {
      const [again] = await updateIndex(place, await requireWorkspace(place));
      if (again?.samples !== samples.length || again.problems !== problems.length)
        fail(`indexed again: ${again?.samples} samples and ${again?.problems} problems`);
    }
    await discoverDatasets(place);
  } catch (error) {
    fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  for (const changed of differences(before, snapshot(workspace))) fail(`changed outside of .cover: ${changed}`);
  if (result.failures.length === 0) rmSync(workspace, { recursive: true, force: true });
  return { ...result, folder: workspace };
}

function below(folder: string, config: DatasetConfig): DatasetConfig {
  return {
    ...config,
    path: join(folder, config.path),
    ...(config.mapping !== undefined && { mapping: join(folder, config.mapping) }),
  };
}

function plant(folder: string, files: ReadonlyMap<string, Buffer>): void {
  for (const [path, bytes] of files) {
    mkdirSync(path.endsWith('/') ? join(folder, path) : dirname(join(folder, path)), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(join(folder, path), bytes);
  }
}

/** Changes one to three things on the disk; returns what. */
function damage(folder: string, { files }: AnnotationSeed, random: Random): string[] {
  const paths = [...files.keys()].filter((path) => !path.endsWith('/'));
  const lists = paths.filter(isList);
  const told: string[] = [];
  for (let i = random.below(3); i >= 0; i--) {
    const path = pick(random.below(12) === 0 || lists.length === 0 ? paths : lists, random);
    const file = join(folder, path);
    if (random.below(12) === 0) {
      told.push(`${path} ${replace(file, random)}`);
    } else if (lstatSync(file, { throwIfNoEntry: false })?.isFile()) {
      const { how, bytes } = mutate(path, readFileSync(file), random);
      writeFileSync(file, bytes);
      told.push(`${path} ${how}`);
    }
  }
  return told;
}

/** Something else stands where a file was. */
function replace(file: string, random: Random): string {
  rmSync(file, { recursive: true, force: true });
  const targets = { 'is a broken link': 'nowhere', 'is a link to itself': file, 'is a link to its folder': '.' };
  const links = { ...targets, 'is an endless device': '/dev/zero', 'is a link out of the dataset': '/etc/passwd' };
  const [how, target] = pick(
    [
      ...Object.entries(links),
      ['is gone', ''],
      ['is a folder', '/'],
      ['has another name', odd[random.below(odd.length)]!],
    ],
    random,
  ) as [string, string];
  if (how === 'is a folder') mkdirSync(file, { recursive: true });
  else if (how === 'has another name') {
    const name = target.replace(/[/\0]/g, '_').slice(0, 100);
    if (!/^\.{0,2}$/.test(name)) writeFileSync(join(dirname(file), name), 'x');
  } else if (how !== 'is gone') symlinkSync(target, file);
  return how;
}

function checkProblem({ file, line, message }: Problem, workspace: string, fail: (text: string) => void): void {
  if (!/[.?)]$/.test(message)) fail(`no sentence: ${message}`);
  if (message.length > 5000) fail(`a problem of ${message.length} characters: ${message.slice(0, 100)}`);
  if (!isAbsolute(file)) fail(`a problem of a relative file: ${file}`);
  if (!file.startsWith(workspace) && !isAbsolute(file)) fail(`a problem of a strange file: ${file}`);
  if (line !== undefined && !(Number.isInteger(line) && line >= 1)) fail(`a problem in line ${line}`);
  if (/undefined|\[object|NaN samples|TypeError|Cannot read prop|is not iterable/.test(message.replace(/"[^"]*"/g, '')))
    fail(`a problem that leaks: ${message}`);
}

function checkSamples(
  samples: readonly Sample[],
  { samples: found }: Read,
  folder: string,
  { kind, format }: DatasetConfig,
  fail: (text: string) => void,
): void {
  const ids = new Set(samples.map(({ id }) => id));
  if (ids.size !== samples.length) fail(`${samples.length} samples, but ${ids.size} ids`);
  for (const { file, label, start, end, split } of samples) {
    if (label.trim() !== label || label === '' || label.length > 1000)
      fail(`label ${JSON.stringify(label.slice(0, 50))}`);
    if (!['train', 'val', 'test'].includes(split)) fail(`split ${split}`);
    if (![start, end].every((second) => second === null || (Number.isFinite(second) && second >= 0)))
      fail(`times ${start} … ${end}`);
    if (start !== null && end !== null && start >= end) fail(`times ${start} … ${end}`);
    if (!lstatSync(file).isSymbolicLink() && lstatSync(file).isFile() && mediaKind(file) === undefined)
      fail(`a sample that is no ${kind}: ${file}`);
  }
  // Who writes a manifest, or a list for mmaction2, may name files anywhere; the lists of public datasets may not.
  if (format === 'manifest' || format === 'mmaction2') return;
  for (const { file } of found) if (!file.startsWith(`${folder}/`)) fail(`a sample outside of the dataset: ${file}`);
}

/** Every sample that was read is in the index, or a problem tells of it. */
function checkFound(
  { samples: found }: Read,
  samples: readonly Sample[],
  problems: readonly Problem[],
  { mapping }: DatasetConfig,
  fail: (text: string) => void,
): void {
  if (mapping !== undefined) return;
  const known = new Set(samples.map(({ file }) => file));
  const told = new Set(problems.map(({ file, line }) => `${file}:${line}`));
  const files = new Set(problems.map(({ file }) => file));
  // Where all or most are missing, that is one problem.
  const inOne = problems.some(({ message }) => /^None of the|were not found below/.test(message));
  // Of one sort of problem only so many are kept, and the rest is a number.
  const more = problems.reduce((sum, { message }) => {
    const number = /^And ([\d,]+) more of this sort/.exec(message)?.[1] ?? '0';
    return sum + Number(number.replaceAll(',', ''));
  }, 0);
  const lost = found.filter(({ file, list, line }) => {
    const isTold = line === undefined ? files.has(file) : told.has(`${list}:${line}`);
    return !known.has(file) && !isTold && !(inOne && !existsSync(file)) && !(list === undefined && line !== undefined);
  });
  for (const { file, line } of lost.slice(more)) fail(`lost: ${file} (line ${line})`);
}

/** Kinetics has its lists as CSV and as JSON: one of the two is read. */
function isTwin(list: string, { samples, problems }: Read): boolean {
  const twin = /\.json$/.test(list) ? list.replace(/\.json$/, '.csv') : list.replace(/\.csv$/, '.json');
  return twin !== list && [...samples.map((sample) => sample.list), ...problems.map(({ file }) => file)].includes(twin);
}

/** Every file outside of .cover with what is in it. */
function snapshot(root: string, inside = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(join(root, inside), { withFileTypes: true })) {
    const path = join(inside, entry.name);
    if (path === join('ws', '.cover')) continue;
    const file = join(root, path);
    if (entry.isDirectory()) for (const [name, hash] of snapshot(root, path)) found.set(name, hash);
    else if (entry.isSymbolicLink()) found.set(path, `→ ${readlinkSync(file)}`);
    else found.set(path, createHash('sha1').update(readFileSync(file)).digest('hex'));
  }
  return found;
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path));
}
