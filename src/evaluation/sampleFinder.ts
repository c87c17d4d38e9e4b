// Finds a dataset's sample by whatever another program calls it: its id, its path inside the dataset or on the disk, or the
// file's name with or without its ending, where only one sample has that name.
import { basename, extname } from 'node:path';
import type { Sample } from '../protocol/datasets.ts';

/** The more exact name wins; a name that several samples have finds none. */
export function sampleFinder(samples: readonly Sample[]): (name: string) => Sample | undefined {
  const namings: ((sample: Sample) => string)[] = [
    ({ id }) => id,
    (sample) => inside(sample),
    ({ file }) => slashed(file),
    (sample) => withoutEnding(inside(sample)),
    ({ file }) => basename(file),
    ({ file }) => withoutEnding(basename(file)),
  ];
  const tables = namings.map((naming) => {
    const table = new Map<string, Sample | undefined>();
    for (const sample of samples) {
      const key = naming(sample);
      table.set(key, table.has(key) ? undefined : sample);
    }
    return table;
  });
  return (name) => {
    const written = slashed(name).replace(/^\.\//, '');
    for (const table of tables) {
      const found = table.get(written);
      if (found) return found;
    }
    // A path of another machine: its last part alone.
    return tables[4]!.get(basename(written)) ?? tables[5]!.get(withoutEnding(basename(written)));
  };
}

function inside({ id, dataset }: Sample): string {
  return id.startsWith(`${dataset}/`) ? id.slice(dataset.length + 1) : id;
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

function withoutEnding(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}
