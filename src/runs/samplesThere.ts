// Whether the files of a run's samples are where they were when it froze them. A disk that is away would make every sample of a
// dataset one that cannot be read, in a report that takes the place of a good one.
import { dirname, sep } from 'node:path';
import { ifAway } from '../base/away.ts';
import { UserError } from '../base/errors.ts';
import type { Sample } from '../protocol/datasets.ts';

/** Throws UserError `dataset-away` where the folder of all samples of a dataset, or of one of its splits, is gone or empty. */
export async function requireThere(samples: readonly Sample[]): Promise<void> {
  const folders = new Map<string, { dataset: string; folder: string }>();
  for (const { dataset, split, file } of samples) {
    const key = `${dataset}\0${split}`;
    let folder = folders.get(key)?.folder ?? dirname(file);
    while (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep) && folder !== dirname(folder))
      folder = dirname(folder);
    folders.set(key, { dataset, folder });
  }
  for (const { dataset, folder } of folders.values()) {
    const away = await ifAway(folder);
    if (away)
      throw new UserError(
        'dataset-away',
        `The dataset "${dataset}" is not there: ${away.why}. Mount its disk, or put its files back, and do it again.`,
        folder,
      );
  }
}
