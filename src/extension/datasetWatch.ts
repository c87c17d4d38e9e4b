// Watches the datasets' folders and lists, and has the index follow them. The editor's own watcher does the work: below the
// workspace's folders it watches everything anyway, outside a folder is added to it unless there are too many below: then
// only the folder itself is watched, and "Refresh Index" is for the rest.
import { isAbsolute, relative, sep } from 'node:path';
import { type Disposable, RelativePattern, Uri, workspace } from 'vscode';
import { messageOf } from '../base/errors.ts';
import { plural } from '../base/format.ts';
import type { Indexing } from './indexing.ts';
import { Quietly } from './quietly.ts';
import type { Runners } from './runners.ts';
import { Watchers, type WatchTarget, watchTargets } from './watchers.ts';
import { findWorkspace } from './workspaceFolder.ts';

/** Folders outside the workspace that are watched at most, of all datasets together. Old kernels have 8,192 watches in all. */
const mostFolders = 4096;
const quietMs = 2000;
const latestMs = 30_000;

export class DatasetWatch implements Disposable {
  private readonly watchers = new Watchers(
    () => this.plan(),
    (target) => this.watch(target),
  );
  private planned = false;
  private readonly refresh: Quietly;
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly runners: Runners,
    private readonly indexing: Indexing,
    private readonly log: (line: string) => void,
  ) {
    this.refresh = new Quietly(() => this.update(), { quietMs, latestMs });
    this.subscriptions = [
      indexing.onUpdated(() => void this.rewatch()),
      indexing.onKnown(() => !this.planned && void this.rewatch()),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('cover.watchDatasets')) void this.rewatch();
      }),
    ];
  }

  dispose(): void {
    this.refresh.dispose();
    for (const one of [...this.subscriptions, this.watchers]) one.dispose();
  }

  private async rewatch(): Promise<void> {
    try {
      await this.watchers.update();
      this.planned = true;
    } catch (error) {
      this.log(`The datasets' folders are not watched: ${messageOf(error)}`);
    }
  }

  private async plan(): Promise<WatchTarget[]> {
    const folder = findWorkspace();
    const wanted = workspace.getConfiguration('cover').get<boolean>('watchDatasets', true);
    if (folder === undefined || !wanted || !workspace.isTrusted) return [];
    const paths = await this.runners.ask('index/watchPlan', { workspace: folder });
    return watchTargets(paths, (path) => !isInWorkspace(path), mostFolders);
  }

  private watch({ folder, pattern, tooMany }: WatchTarget): Disposable {
    if (tooMany !== undefined)
      this.log(
        `${folder} has ${plural(tooMany, 'folder')}, too many to watch: refresh the index by hand when files in them change.`,
      );
    const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(folder), pattern));
    const changed = ({ fsPath }: Uri) => {
      if (!isHidden(relative(folder, fsPath))) this.refresh.changed();
    };
    watcher.onDidCreate(changed);
    watcher.onDidChange(changed);
    watcher.onDidDelete(changed);
    return watcher;
  }

  private async update(): Promise<void> {
    try {
      await this.indexing.follow();
    } catch (error) {
      this.log(`Indexing after a change on the disk failed: ${messageOf(error)}`);
    }
  }
}

function isInWorkspace(folder: string): boolean {
  return (workspace.workspaceFolders ?? []).some(({ uri }) => {
    const path = relative(uri.fsPath, folder);
    return uri.scheme === 'file' && !isAbsolute(path) && path.split(sep)[0] !== '..';
  });
}

/** The index reads no hidden files, and writes its own into such a folder. */
function isHidden(path: string): boolean {
  return path.split(sep).some((part) => part.startsWith('.') || part === 'node_modules');
}
