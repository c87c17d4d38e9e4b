// A disk of a few kilobytes, to see what happens when it is full. Needs the right to mount; else the test is skipped.
import { execFileSync } from 'node:child_process';
import { onTestFinished, type TestContext } from 'vitest';
import { tree } from './tree.ts';

/** The folder of a fresh disk that holds `size` (as for `mount -o size=`); skips the test where none can be had. */
export function tinyDisk(context: TestContext, size: string): string {
  const folder = tree({});
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    context.skip('this account may not mount a small disk');
  }
  onTestFinished(() => void execFileSync('umount', [folder], { stdio: 'ignore' }));
  return folder;
}
