// Brings a workspace's index up to date with cover.json and the disk. Datasets are scanned with the index closed; what is
// new or changed waits in a staging, and the index is opened for writing only where something changed, and then briefly.
import { stat } from 'node:fs/promises';
import { CancelledError, UserError } from '../base/errors.ts';
import type { WorkspaceConfig } from '../config/experiment.ts';
import type { DatasetSummary } from '../protocol/datasets.ts';
import type { Problem } from '../protocol/events.ts';
import { editsByDataset } from './applyEdits.ts';
import { awayDataset } from './awayDatasets.ts';
import { listDatasets } from './datasetIndex.ts';
import { readEdits } from './editsFile.ts';
import { indexFile, type KeptProblem, readIndex, removeIndex, storeProblems, writeIndex } from './indexFile.ts';
import { scanClasses } from './scanClasses.ts';
import type { ScannedClass } from './scannedClass.ts';
import { Staging } from './staging.ts';
import { type FoundClass, type FoundDataset, storeScans } from './storeScans.ts';

export interface IndexProgress {
  dataset: string;
  /** Files looked at, of all that were found; of class folders, of as many as there seem to be so far. */
  done: number;
  total: number;
}

export interface UpdateOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: IndexProgress) => void) | undefined;
}

/** So often is scanned again where other programs change the index at the same time. */
const mostScans = 5;

/**
 * Scans every dataset of `config` and stores what changed. An index that is damaged or of another version is made
 * again, and a warning among the problems says so. Problems that decoding recorded are kept while their file is the
 * same. Throws UserError (full or read-only disk, index held by another process) and CancelledError, with the index
 * then as it was; what a cancelled scan of many files had found, the next one goes on with. What the index has of datasets that
 * are `unreadable` in cover.json stays as it is: a slip in a line costs no scan. Nor does a disk that is away for a while.
 */
export async function updateIndex(
  workspace: string,
  config: WorkspaceConfig,
  options: UpdateOptions = {},
): Promise<DatasetSummary[]> {
  const notices: Problem[] = [];
  for (let scans = 1; ; scans++) {
    try {
      if (await updateOnce(workspace, config, notices, options)) return await listDatasets(workspace);
      if (scans === mostScans)
        throw new UserError('busy', 'Other programs keep changing the index. End them, and try again.');
    } catch (error) {
      if (!isDamaged(error) || notices.length > 0) throw error;
      await removeIndex(workspace);
      const message = 'The index was damaged or of another version, and was made again from the datasets.';
      notices.push({ severity: 'warning', file: indexFile(workspace), message });
    }
  }
}

function isDamaged(error: unknown): boolean {
  return error instanceof UserError && error.code === 'damaged-database';
}

async function updateOnce(
  workspace: string,
  config: WorkspaceConfig,
  notices: readonly Problem[],
  { signal, onProgress }: UpdateOptions,
): Promise<boolean> {
  const stored = await readStored(workspace, signal);
  const kept = new Set(config.unreadable);
  const names = [...Object.keys(config.datasets), ...kept];
  const { edits, problems } = editsByDataset(await readEdits(workspace, signal), names);
  const staging = await Staging.open(workspace);
  let goOn = false;
  try {
    const found: FoundDataset[] = [];
    for (const [name, datasetConfig] of Object.entries(config.datasets)) {
      const ifAway = () => (stored ? awayDataset(workspace, name, datasetConfig) : undefined);
      const away = await ifAway();
      if (away) {
        found.push(away);
        continue;
      }
      const classes: FoundClass[] = [];
      const take = async (scanned: ScannedClass) => {
        const { split, label, fingerprint } = scanned;
        classes.push({ split, label, fingerprint });
        if (!stored?.classes.has(`${name}\0${fingerprint}`)) await staging.add(name, scanned);
      };
      const report = onProgress && ((done: number, total: number) => onProgress({ dataset: name, done, total }));
      const options = { signal, onProgress: report, edits: edits.get(name) };
      const scan = await scanClasses(workspace, name, datasetConfig, take, options);
      // A disk that went meanwhile has not been seen to its end.
      found.push((await ifAway()) ?? { ...scan, classes });
    }
    const same =
      stored?.notices === 0 &&
      notices.length === 0 &&
      stored.edits === JSON.stringify(problems.map(({ message, line }) => [message, line])) &&
      JSON.stringify(stored.datasets.filter(([name]) => !kept.has(name))) ===
        JSON.stringify(found.map(({ name, fingerprint }) => [name, fingerprint]));
    return same || (await storeScans(workspace, { found, kept }, staging, { index: notices, edits: problems }, signal));
  } catch (error) {
    goOn = error instanceof CancelledError;
    throw error;
  } finally {
    await staging.close(goOn);
  }
}

interface Stored {
  /** Name and fingerprint of each, in their order. */
  datasets: [string, string][];
  /** Of every class: its dataset's name and its fingerprint. */
  classes: Set<string>;
  notices: number;
  /** The problems of the file of edits, as JSON. */
  edits: string;
}

async function readStored(workspace: string, signal: AbortSignal | undefined): Promise<Stored | undefined> {
  try {
    return await readIndex(
      workspace,
      async (database) => {
        const datasets = await database.all<{ name: string; fingerprint: string }>(
          'SELECT name, fingerprint FROM datasets ORDER BY position',
        );
        const classes = await database.all<{ dataset: string; fingerprint: string }>(
          'SELECT dataset, fingerprint FROM classes',
        );
        const [notices] = await database.all<{ rows: number }>(
          "SELECT count(*) AS rows FROM problems WHERE source = 'index'",
        );
        const edits = await database.all<{ message: string; line: number | null }>(
          "SELECT message, line FROM problems WHERE source = 'edits' ORDER BY position",
        );
        return {
          datasets: datasets.map(({ name, fingerprint }) => [name, fingerprint]),
          classes: new Set(classes.map(({ dataset, fingerprint }) => `${dataset}\0${fingerprint}`)),
          notices: notices?.rows ?? 0,
          edits: JSON.stringify(edits.map(({ message, line }) => [message, line ?? undefined])),
        };
      },
      { signal },
    );
  } catch (error) {
    if (!(error instanceof UserError && error.code === 'missing-database')) throw error;
    return undefined;
  }
}

/**
 * Keeps problems that decoding found (an unreadable video), by file: a new one replaces the file's earlier ones. They
 * are shown until the file's size or time changes. Of a file that is not there the next update of the index tells. `dataset` of each
 * should be set.
 */
export async function recordProblems(workspace: string, problems: readonly Problem[]): Promise<void> {
  const kept: KeptProblem[] = [];
  for (const problem of problems) {
    const now = await stat(problem.file).catch(() => undefined);
    if (now) kept.push({ problem, size: now.size, mtime: now.mtimeMs });
  }
  if (kept.length === 0) return;
  await writeIndex(workspace, async (database) => {
    for (const file of new Set(kept.map(({ problem }) => problem.file)))
      await database.run("DELETE FROM problems WHERE source = 'decode' AND file = $file", { file });
    await storeProblems(database, 'decode', kept);
  });
}
