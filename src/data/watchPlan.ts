// Which folders and files an editor should watch so that the index follows the disk: the datasets' folders and lists. A
// watched folder costs the system a handle for each folder below it (Linux: an inotify watch), and frames lie in a folder a
// clip; so it is counted how many there are, and whoever watches decides how many are too many.
import { basename, dirname, resolve } from 'node:path';
import { UserError } from '../base/errors.ts';
import type { WorkspaceConfig } from '../config/experiment.ts';
import type { WatchedPath } from '../protocol/datasets.ts';
import { readIndex } from './indexFile.ts';

/** What to watch, by the datasets of cover.json; counts are the index's. */
export async function watchPlan(workspace: string, config: WorkspaceConfig): Promise<WatchedPath[]> {
  const counts = await folderCounts(workspace);
  return Object.entries(config.datasets).flatMap(([dataset, { path, format, media, mapping }]): WatchedPath[] => {
    const folders = counts.get(dataset) ?? 0;
    const root = resolve(workspace, path);
    const list = (file: string): WatchedPath => ({ dataset, folder: dirname(file), name: basename(file), folders: 0 });
    return [
      format === 'manifest' ? list(root) : { dataset, folder: root, folders },
      // The files of a manifest without "media" lie beside it, or below.
      ...(media !== undefined || format === 'manifest'
        ? [{ dataset, folder: resolve(workspace, media ?? dirname(root)), folders }]
        : []),
      ...(mapping === undefined ? [] : [list(resolve(workspace, mapping))]),
    ];
  });
}

/** How many folders the files of each dataset lie in. */
async function folderCounts(workspace: string): Promise<Map<string, number>> {
  try {
    return await readIndex(workspace, async (database) => {
      const rows = await database.all<{ dataset: string; folders: number }>(
        `SELECT dataset, count(DISTINCT CASE WHEN frames IS NULL THEN parse_dirpath(file) ELSE file END) AS folders
         FROM samples JOIN classes ON id = class GROUP BY dataset`,
      );
      return new Map(rows.map(({ dataset, folders }) => [dataset, folders]));
    });
  } catch (error) {
    if (error instanceof UserError && error.code === 'missing-database') return new Map();
    throw error;
  }
}
