// Where kept trainings write their stderr: a file each in `.cover/logs`, so that their last words are found by a later window
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
  const logs = readdirSync(folder).filter((name) => /^training-.*\.log$/.test(name));
  const byAge = logs
    .map((name) => ({ name, time: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { name } of byAge.slice(keptLogs)) rmSync(join(folder, name), { force: true });
}
