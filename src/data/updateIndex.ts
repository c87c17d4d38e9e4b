// Brings a workspace's index up to date with cover.json and the disk. Datasets are scanned with the index closed; it is
// opened for writing only where something changed, and then briefly.
import { stat } from 'node:fs/promises';
import { UserError } from '../base/errors.ts';
import type { WorkspaceConfig } from '../config/experiment.ts';
import type { Problem } from '../protocol/events.ts';
import type { DatasetSummary } from '../protocol/runner.ts';
import { listDatasets } from './datasetIndex.ts';
import {
  forgetDataset,
  indexFile,
  type KeptProblem,
  readIndex,
  removeIndex,
  storeDataset,
  storeProblems,
  writeIndex,
} from './indexFile.ts';
import { type ScannedDataset, scanDataset } from './scanDataset.ts';

export interface IndexProgress {
  dataset: string;
  /** Files looked at, of all that were found. */
  done: number;
  total: number;
}

export interface UpdateOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: IndexProgress) => void) | undefined;
}

/**
 * Scans every dataset of `config` and stores what changed. An index that is damaged or of another version is made
 * again, and a warning among the problems says so. Problems that decoding recorded are kept while their file is the
 * same. Throws UserError (full or read-only disk, index held by another process) and CancelledError, with the index
 * then as it was.
 */
export async function updateIndex(
  workspace: string,
  config: WorkspaceConfig,
  { signal, onProgress }: UpdateOptions = {},
): Promise<DatasetSummary[]> {
  const known = await readStored(workspace, signal).catch((error: unknown) => {
    if (isDamaged(error)) return undefined; // storing finds it as well, and tells
    throw error;
  });
  const scanAll = async (before: Stored | undefined): Promise<ScannedDataset[]> => {
    const scanned: ScannedDataset[] = [];
    for (const [dataset, datasetConfig] of Object.entries(config.datasets)) {
      const report = onProgress && ((done: number, total: number) => onProgress({ dataset, done, total }));
      const options = { signal, onProgress: report, known: before?.known.get(dataset) };
      scanned.push(await scanDataset(workspace, dataset, datasetConfig, options));
    }
    return scanned;
  };
  let scanned = await scanAll(known);
  try {
    await store(workspace, scanned, [], signal);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    await removeIndex(workspace);
    const file = indexFile(workspace);
    const message = `The index was damaged or of another version, and was made again from the datasets.`;
    if (scanned.some(({ unchanged }) => unchanged)) scanned = await scanAll(undefined);
    await store(workspace, scanned, [{ severity: 'warning', file, message }], signal);
  }
  return listDatasets(workspace);
}

function isDamaged(error: unknown): boolean {
  return error instanceof UserError && error.code === 'damaged-database';
}

interface Stored {
  /** Fingerprints by dataset name, in the order of their positions. */
  fingerprints: Map<string, string>;
  /** The same with the number of samples. */
  known: Map<string, { fingerprint: string; samples: number }>;
  decodeProblems: KeptProblem[];
  notices: number;
}

async function store(
  workspace: string,
  scanned: readonly ScannedDataset[],
  notices: readonly Problem[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const before = await readStored(workspace, signal);
  const order = [...before.fingerprints.keys()];
  // Two programs may update at once: what the other stored meanwhile counts, unless this scan relied on what was before.
  const changed = scanned.map(
    ({ name, fingerprint, unchanged }) => !unchanged && before.fingerprints.get(name) !== fingerprint,
  );
  const moved = scanned.map(({ name }, position) => order[position] !== name);
  const gone = order.filter((name) => !scanned.some((dataset) => dataset.name === name));
  const valid = await validProblems(before.decodeProblems, scanned, gone);
  const decodeChanged = valid.length !== before.decodeProblems.length;
  const nothing = !changed.includes(true) && !moved.includes(true) && gone.length === 0 && !decodeChanged;
  if (nothing && before.notices === 0 && notices.length === 0 && (order.length > 0 || scanned.length === 0)) return;
  await writeIndex(
    workspace,
    async (database) => {
      for (const name of gone) await forgetDataset(database, name);
      for (const [position, dataset] of scanned.entries())
        if (changed[position]) await storeDataset(database, dataset, position);
        else if (moved[position])
          await database.run('UPDATE datasets SET position = $position WHERE name = $name', {
            position,
            name: dataset.name,
          });
      await database.run("DELETE FROM problems WHERE source = 'index'");
      await storeProblems(
        database,
        'index',
        notices.map((problem) => ({ problem, size: null, mtime: null })),
      );
      if (!decodeChanged) return;
      await database.run("DELETE FROM problems WHERE source = 'decode'");
      await storeProblems(database, 'decode', valid);
    },
    { signal },
  );
}

/** Problems that decoding found and that still hold: their file belongs to a dataset and is as it was. */
async function validProblems(
  kept: readonly KeptProblem[],
  scanned: readonly ScannedDataset[],
  gone: readonly string[],
): Promise<KeptProblem[]> {
  if (kept.length === 0) return [];
  const known = new Set<string>();
  for (const { samples } of scanned) for (const { file } of samples) known.add(file);
  const unchanged = new Set(scanned.filter((one) => one.unchanged).map(({ name }) => name));
  const valid: KeptProblem[] = [];
  for (const one of kept) {
    const { dataset = '', file } = one.problem;
    const belongs = known.has(file) || (unchanged.has(dataset) && !gone.includes(dataset));
    if (belongs && (await stillHolds(one))) valid.push(one);
  }
  return valid;
}

async function readStored(workspace: string, signal: AbortSignal | undefined): Promise<Stored> {
  try {
    return await readIndex(
      workspace,
      async (database) => {
        const datasets = await database.all<{ name: string; fingerprint: string }>(
          'SELECT name, fingerprint FROM datasets ORDER BY position',
        );
        const decode = await database.all<{ size: number | null; mtime: number | null } & Problem>(
          "SELECT dataset, severity, file, message, size, mtime FROM problems WHERE source = 'decode' ORDER BY file",
        );
        const [notices] = await database.all<{ rows: number }>(
          "SELECT count(*) AS rows FROM problems WHERE source = 'index'",
        );
        const sizes = await database.all<{ dataset: string; samples: number }>(
          'SELECT dataset, CAST(sum(samples) AS BIGINT) AS samples FROM classes GROUP BY dataset',
        );
        const sizeOf = (name: string) => sizes.find(({ dataset }) => dataset === name)?.samples ?? 0;
        return {
          known: new Map(datasets.map(({ name, fingerprint }) => [name, { fingerprint, samples: sizeOf(name) }])),
          fingerprints: new Map(datasets.map(({ name, fingerprint }) => [name, fingerprint])),
          decodeProblems: decode.map(({ size, mtime, ...problem }) => ({ problem, size, mtime })),
          notices: notices?.rows ?? 0,
        };
      },
      { signal },
    );
  } catch (error) {
    if (!(error instanceof UserError && error.code === 'missing-database')) throw error;
    return { known: new Map(), fingerprints: new Map(), decodeProblems: [], notices: 0 };
  }
}

async function stillHolds({ problem, size, mtime }: KeptProblem): Promise<boolean> {
  const now = await stat(problem.file).catch(() => undefined);
  return now !== undefined && now.size === size && now.mtimeMs === mtime;
}

/**
 * Keeps problems that decoding found (an unreadable video), by file: a new one replaces the file's earlier ones. They
 * are shown until the file's size or time changes. `dataset` of each should be set.
 */
export async function recordProblems(workspace: string, problems: readonly Problem[]): Promise<void> {
  if (problems.length === 0) return;
  const kept: KeptProblem[] = [];
  for (const problem of problems) {
    const now = await stat(problem.file).catch(() => undefined);
    kept.push({ problem, size: now?.size ?? null, mtime: now?.mtimeMs ?? null });
  }
  await writeIndex(workspace, async (database) => {
    for (const file of new Set(problems.map((problem) => problem.file)))
      await database.run("DELETE FROM problems WHERE source = 'decode' AND file = $file", { file });
    await storeProblems(database, 'decode', kept);
  });
}
