// Stopping a run that another process trains: a request lies as a file in the run's folder, which works on every platform and
// over a shared disk. The trainer looks for it between two steps and then stops as if it had been interrupted.
import { execFile, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, win32 } from 'node:path';
import { promisify } from 'node:util';
import { unwritable } from '../base/atomicFile.ts';
import { UserError } from '../base/errors.ts';
import { openRun } from './runFolder.ts';
import { unwritableCode } from './runWritable.ts';
import { stopFileName } from './stopFile.ts';

/** How often the trainer looks, in ms; a step blocks its thread, so that it looks after every longer one. */
const lookMs = 250;

/**
 * Asks the process that works on a run to stop after its step, keeping what it has. `now` ends it at once with all that it
 * started, where it is a process of this computer: its newest checkpoint remains. Throws UserError `not-training`.
 */
export async function stopRun(workspace: string, name: string, now = false): Promise<void> {
  const run = await openRun(workspace, name);
  const { state, pid, host } = run.current;
  if (state !== 'running') throw new UserError('not-training', `No process is training "${run.id}".`, run.folder);
  const file = join(run.folder, stopFileName);
  try {
    await writeFile(file, '');
  } catch (error) {
    throw unwritable(unwritableCode, error, file);
  }
  if (!now || pid === process.pid) return;
  if (host !== hostname())
    throw new UserError(
      'elsewhere',
      `"${run.id}" is trained on ${host}; it was asked to stop after its step.`,
      run.folder,
    );
  if (!(await isTrainer(pid)))
    throw new UserError(
      'not-training',
      `Process ${pid}, which state.json names, is no training of CoVeR's; it was not ended.`,
      run.folder,
    );
  endProcess(pid);
}

/**
 * Whether the process runs one of this program's scripts. A run's folder may come from anywhere, and with it the number that
 * it says to be its process; 1 would stand for every process there is, once it is taken for a group's.
 */
async function isTrainer(pid: number): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  const asked: Partial<Record<NodeJS.Platform, [string, string[]]>> = {
    darwin: ['ps', ['-ww', '-o', 'args=', '-p', String(pid)]],
    // Only the program's name is to be had there: Node, or the editor that stands in for it.
    win32: ['tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']],
  };
  const [program, args] = asked[process.platform] ?? [];
  const told = program
    ? await promisify(execFile)(program, args, { windowsHide: true }).then(
        ({ stdout }) => stdout,
        () => '',
      )
    : await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return namesTrainer(told, process.platform, process.execPath);
}

/** Whether what the system tells of a process is that of a trainer. `execPath`: the program that runs this one. */
export function namesTrainer(told: string, platform: NodeJS.Platform, execPath: string): boolean {
  if (platform !== 'win32') return /[/\\\0 ](?:runner\.js|cli\.js|cover)(?=[\0\s]|$)/.test(told);
  // Editors made of the same parts have names of their own.
  const own = `"${win32.basename(execPath)}"`.toLowerCase();
  return /"(node|code|electron)[^"]*\.exe"/i.test(told) || told.toLowerCase().includes(own);
}

/** Aborts its signal when a stop is asked for, until it is closed, which takes the request away. Does not keep the process alive. */
export function watchForStop(folder: string): { signal: AbortSignal; close(): void } {
  const controller = new AbortController();
  const file = join(folder, stopFileName);
  // At once, not by a callback: between two steps there is one turn of the event loop.
  const timer = setInterval(() => {
    if (existsSync(file)) controller.abort();
  }, lookMs);
  timer.unref();
  const close = () => {
    clearInterval(timer);
    rmSync(file, { force: true });
  };
  return { signal: controller.signal, close };
}

function endProcess(pid: number): void {
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' }).on(
      'error',
      () => undefined,
    );
    return;
  }
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
      return;
    } catch {
      // no group of its own, or gone meanwhile
    }
  }
}
