// Watches what other programs (an editor elsewhere, the CLI) change: cover.json and its like, edits of samples, and the run
// folders.
import { type Disposable, RelativePattern, workspace } from 'vscode';
import { configName, editsName, experimentsSuffix } from './workspaceFolder.ts';

/** An editor writes a file in several steps, and "Add Dataset" is followed by its own update. */
const settleMs = 400;

export function watchFiles(told: { configChanged(): void; runsChanged(): void }): Disposable {
  let watchers: Disposable[] = [];
  const release = () => {
    for (const one of watchers) one.dispose();
  };
  const renew = () => {
    release();
    watchers = (workspace.workspaceFolders ?? []).flatMap((folder) => [
      watch(
        new RelativePattern(folder, `{${configName},*${experimentsSuffix},${editsName}}`),
        told.configChanged,
        true,
      ),
      // Of a run only its coming and going: while it trains, its folder changes all the time.
      watch(new RelativePattern(folder, '.cover/runs/*'), told.runsChanged, false),
    ]);
  };
  renew();
  const folders = workspace.onDidChangeWorkspaceFolders(renew);
  return {
    dispose: () => {
      folders.dispose();
      release();
    },
  };
}

function watch(pattern: RelativePattern, changed: () => void, contents: boolean): Disposable {
  const watcher = workspace.createFileSystemWatcher(pattern, false, !contents, false);
  let timer: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, settleMs);
  };
  watcher.onDidCreate(soon);
  watcher.onDidChange(soon);
  watcher.onDidDelete(soon);
  return {
    dispose: () => {
      clearTimeout(timer);
      watcher.dispose();
    },
  };
}
