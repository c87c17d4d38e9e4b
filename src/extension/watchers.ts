// What is watched on the disk, and how it follows a plan that changes: what stays the same goes on being watched, so that no
// change is missed meanwhile. Pure: it knows no editor.
import type { WatchedPath } from '../protocol/datasets.ts';

export interface WatchTarget {
  readonly folder: string;
  /** A glob below the folder. */
  readonly pattern: string;
  /** There are so many folders below, too many to watch: only the folder itself is. */
  readonly tooMany?: number;
}

/** Of the folders below paths `outside` no more than `most` are watched in all. */
export function watchTargets(
  paths: readonly WatchedPath[],
  outside: (folder: string) => boolean,
  most: number,
): WatchTarget[] {
  let left = most;
  return paths.map(({ folder, name, folders }) => {
    if (name !== undefined) return { folder, pattern: escaped(name) };
    if (!outside(folder)) return { folder, pattern: '**' };
    if (folders > left) return { folder, pattern: '*', tooMany: folders };
    left -= folders;
    return { folder, pattern: '**' };
  });
}

export class Watchers {
  private watched = new Map<string, { dispose(): void }>();
  private serial = 0;
  private disposed = false;

  /** `plan`: what should be watched now. `watch`: begins with it. */
  constructor(
    private readonly plan: () => Promise<readonly WatchTarget[]>,
    private readonly watch: (target: WatchTarget) => { dispose(): void },
  ) {}

  /** Follows the plan as it is now. Of calls that overlap the last one counts. Rejects as `plan` does. */
  async update(): Promise<void> {
    const serial = ++this.serial;
    const targets = await this.plan();
    if (this.disposed || serial !== this.serial) return;
    const before = this.watched;
    this.watched = new Map();
    for (const target of targets) {
      const key = JSON.stringify([target.folder, target.pattern]);
      if (!this.watched.has(key)) this.watched.set(key, before.get(key) ?? this.watch(target));
    }
    for (const [key, watcher] of before) if (!this.watched.has(key)) watcher.dispose();
  }

  dispose(): void {
    this.disposed = true;
    for (const watcher of this.watched.values()) watcher.dispose();
    this.watched.clear();
  }
}

/** A name in which no character means more than itself in a pattern. */
function escaped(name: string): string {
  return name.replace(/[[\]{}*?]/g, '?');
}
