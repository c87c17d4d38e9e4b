// Where trainings write their stderr: a file each in `.cover/logs`, so that their last words are found by a later window
// and no closed pipe can end them.
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const keptLogs = 50;

export interface JobLog {
  file: string;
  /** Handed to the process, and to be closed once it has it. */
  descriptor: number;
}

/** A new log; undefined where the workspace cannot be written, which training itself will tell better. */
export function openJobLog(workspace: string, now = new Date()): JobLog | undefined {
  const folder = join(workspace, '.cover', 'logs');
  try {
    mkdirSync(folder, { recursive: true });
    removeOld(folder);
    const name = `training-${now.toISOString().replace(/[:.]/g, '-')}-${process.pid}.log`;
    const file = join(folder, name);
    return { file, descriptor: openSync(file, 'ax') };
  } catch {
    return undefined;
  }
}

export function closeJobLog({ descriptor }: JobLog): void {
  closeSync(descriptor);
}

function removeOld(folder: string): void {
  const byAge = readdirSync(folder)
    .filter((name) => /^training-.*\.log$/.test(name))
    .map((name) => join(folder, name))
    // Another window may remove one meanwhile.
    .flatMap((file) => {
      const time = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      return time === undefined ? [] : [{ file, time }];
    })
    .sort((a, b) => b.time - a.time);
  for (const { file } of byAge.slice(keptLogs)) {
    try {
      rmSync(file, { force: true });
    } catch {
      // Some systems remove nothing that is written to: it is as well gone the next time.
    }
  }
}
