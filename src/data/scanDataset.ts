// One dataset from the disk with all its samples in the memory: for what looks at a dataset once, without an index.
// `updateIndex.ts` takes the classes as they come instead.
import type { DatasetConfig } from '../config/experiment.ts';
import { type DatasetScan, type ScanOptions, scanClasses } from './scanClasses.ts';
import { byClass, idPath, type ScannedClass, type ScannedSample } from './scannedClass.ts';

export interface ScannedDataset extends DatasetScan {
  /** By split, label and path. */
  samples: ScannedSample[];
}

/** Everything about a dataset on the disk. Throws only when aborted: what is wrong is in `problems`. */
export async function scanDataset(
  workspace: string,
  name: string,
  config: DatasetConfig,
  options?: ScanOptions,
): Promise<ScannedDataset> {
  const classes: ScannedClass[] = [];
  const scan = await scanClasses(workspace, name, config, (scanned) => void classes.push(scanned), options);
  const samples = classes.sort(byClass).flatMap(({ split, label, seen, samples: used }) =>
    seen.map(({ sample, size, mtime, frames }, position): ScannedSample => {
      const { file, start, end } = sample;
      const { kind } = config;
      const id = `${name}/${idPath(sample)}`;
      const row = { id, dataset: name, split, label, file, kind, start, end, size, mtime, excluded: position >= used };
      return frames ? { ...row, frames } : row;
    }),
  );
  return { ...scan, samples };
}
