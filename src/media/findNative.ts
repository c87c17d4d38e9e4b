// Finds the machine's own ffmpeg, and starts it once to see whether it is one. What was found is known to the rest of the process, and
// to the threads that it begins after that: a check before a run is not made again where the run decodes.
import { spawn } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

export interface NativeProgram {
  path: string;
  /** Before 5.1 the option to keep every frame as it is had another name. */
  passThrough: readonly [string, string];
}

/** Of a thread and of those that it begins. */
const known = 'cover-ffmpeg';

/** The program that is `given` (default: the first ffmpeg of PATH); undefined where it does not start as an ffmpeg. */
export async function findNative(given?: string): Promise<NativeProgram | undefined> {
  const path = given === undefined || given === 'ffmpeg' ? await onPath() : resolve(given);
  if (path === undefined) return undefined;
  // Another one may be put in its place while the editor is open; and one that did not start may be mended.
  const now = await stat(path).catch(() => undefined);
  const key = now && `${path} ${now.dev} ${now.ino} ${now.size} ${now.mtimeMs}`;
  const before = getEnvironmentData(known) as { key: string; program: NativeProgram } | undefined;
  if (key !== undefined && before?.key === key) return before.program;
  const program = await started(path);
  if (key !== undefined && program) setEnvironmentData(known, { key, program });
  return program;
}

/**
 * The first ffmpeg of the folders of PATH. Searched here because Windows would look into the current folder before,
 * which may be a workspace that nobody trusts yet.
 */
async function onPath(): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const path = join(folder, process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg');
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return undefined;
}

function started(path: string): Promise<NativeProgram | undefined> {
  return new Promise((settle) => {
    const child = spawn(path, ['-hide_banner', '-version'], { stdio: ['ignore', 'pipe', 'ignore'], timeout: 15_000 });
    let text = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      if (text.length < 10_000) text += chunk;
    });
    child.on('error', () => settle(undefined));
    child.on('close', (code) => {
      if (code !== 0 || !text.startsWith('ffmpeg version')) return settle(undefined);
      const [, major, minor] = /^ffmpeg version \D{0,2}(\d+)\.(\d+)/.exec(text) ?? [];
      const old = major !== undefined && (Number(major) < 5 || (Number(major) === 5 && Number(minor) < 1));
      settle({ path, passThrough: old ? ['-vsync', '0'] : ['-fps_mode', 'passthrough'] });
    });
  });
}
