// "Stop now" ends the process that a run's folder names. The folder may come from anywhere: what it names is ended only if
// it is a training.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRun } from '../../src/runs/runFolder.ts';
import { namesTrainer, stopRun } from '../../src/runs/stopRun.ts';

let workspace: string;
beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'cover-stop-'));
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

/** A run that says to be trained by this process. */
async function runOf(pid: number): Promise<string> {
  const run = await createRun(workspace, 'quick', {});
  const file = join(run.folder, 'state.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), pid }));
  return run.id;
}

test.skipIf(process.platform === 'win32')('a process that is no training is not ended', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
  try {
    const run = await runOf(other.pid!);
    await expect(stopRun(workspace, run, true)).rejects.toThrow(
      `Process ${other.pid}, which state.json names, is no training`,
    );
    expect(other.exitCode ?? other.signalCode).toBeNull();
    process.kill(other.pid!, 0); // throws where it is gone
  } finally {
    other.kill('SIGKILL');
  }
});

test.skipIf(process.platform === 'win32')('one that is, is ended with what it started', async () => {
  const script = join(workspace, 'runner.js');
  writeFileSync(script, 'setInterval(() => {}, 1000)\n');
  const trainer = spawn(process.execPath, [script], { stdio: 'ignore', detached: true });
  const ended = new Promise((resolve) => trainer.once('exit', (_, signal) => resolve(signal)));
  await new Promise((resolve) => trainer.once('spawn', resolve));
  await stopRun(workspace, await runOf(trainer.pid!), true);
  expect(await ended).toBe('SIGKILL');
});

test.skipIf(process.platform === 'win32')('the first process of all is none, and stands for no group', async () => {
  const run = await runOf(1);
  await expect(stopRun(workspace, run, true)).rejects.toThrow('Process 1, which state.json names, is no training');
});

const listed = (name: string) => `"${name}","4242","Console","1","52,000 K"\r\n`;
test.each([
  ['win32', listed('node.exe'), 'C:\\nodejs\\node.exe', true],
  ['win32', listed('Code - Insiders.exe'), 'C:\\x\\Code.exe', true],
  ['win32', listed('Cursor.exe'), 'C:\\x\\cursor.exe', true],
  ['win32', listed('VSCodium.exe'), 'C:\\x\\VSCodium.exe', true],
  ['win32', listed('VSCodium.exe'), 'C:\\x\\Cursor.exe', false],
  ['win32', listed('explorer.exe'), 'C:\\x\\Cursor.exe', false],
  ['win32', 'INFO: No tasks are running which match the specified criteria.', 'C:\\x\\Cursor.exe', false],
  ['linux', '/opt/cursor\0/x/dist/runner.js\0', '/opt/cursor', true],
  ['linux', '/opt/cursor\0/x/other.js\0', '/opt/cursor', false],
  ['darwin', '/Applications/Cursor.app/Cursor /x/dist/cli.js train', '/Applications/Cursor.app/Cursor', true],
] as const)('on %s, %j where %j runs this one: a trainer is %j', (platform, told, execPath, expected) =>
  expect(namesTrainer(told, platform, execPath)).toBe(expected),
);
