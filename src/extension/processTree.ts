// Ends a child process together with everything it started (a runner has ffmpeg children), on every platform.
import { type ChildProcess, spawn } from 'node:child_process';

/**
 * How a child must be started for `endProcessTree` to reach its children: in a process group of its own where there
 * are such groups. It still ends with its parent, because it ends when its stdin does.
 */
export const treeSpawnOptions = { detached: process.platform !== 'win32', windowsHide: true } as const;

/** Kills the child and its children at once. Does nothing where it has ended already. */
export function endProcessTree(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' }).on('error', () =>
      child.kill(),
    );
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // no group of its own, or gone between the check and the call
  }
}
