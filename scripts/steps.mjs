// Runs this project's own tools as child processes, without a shell, on every platform.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs a Node script with everything shown, and resolves to its exit code (128 + n after a signal). Ctrl-C reaches the
 * child by the terminal; this process waits for it to put its work down.
 * @param {string[]} args script and arguments
 * @param {(text: string) => void} [onOutput] also receives what the child writes to stdout
 * @returns {Promise<number>}
 */
export function runNode(args, onOutput) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['inherit', onOutput ? 'pipe' : 'inherit', 'inherit'],
    });
    const wait = () => {};
    const pass = () => child.kill('SIGTERM');
    process.on('SIGINT', wait);
    process.on('SIGTERM', pass);
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      process.stdout.write(text);
      onOutput?.(text);
    });
    const settle = (code) => {
      process.off('SIGINT', wait);
      process.off('SIGTERM', pass);
      resolve(code);
    };
    child.once('error', (error) => {
      console.error(error.message);
      settle(1);
    });
    child.once('close', (code, signal) => settle(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

/** @param {string[]} parts path of a file inside this project */
export const inProject = (...parts) => join(root, ...parts);
