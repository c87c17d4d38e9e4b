// Where the files of this program lie, both when bundled into dist/ and when run from source by the tests.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that holds this program's package.json. */
export function packageRoot(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) throw new Error(`No package.json above ${__dirname}.`);
  }
}

/** This program's version. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** A built file, for example `distFile('ffmpegCoreWorker.js')`. */
export function distFile(name: string): string {
  return join(packageRoot(), 'dist', name);
}
