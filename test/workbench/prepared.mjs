// A workspace that is past its first day: the small samples with a cover.json, and two short runs trained by the real
// command line. It is made once for a build and kept in .cache/workbench; each call gets a copy of its own.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './install.mjs';
import { bundleSamples, makeSamples } from './workspace.mjs';

const cache = join(projectRoot, '.cache', 'workbench', 'prepared');
const cliFile = join(projectRoot, 'dist', 'cli.js');

/** Runs of the prepared workspace, in the order they were trained. */
export const preparedRuns = ['short-1', 'longer-1'];

const stage = { batchSize: 8, optimizer: { learningRate: 0.001 } };
const config = {
  datasets: {
    'motion-mini': { kind: 'video', path: 'motion-mini', format: 'classFolders' },
    'shapes-mini': { kind: 'video', path: 'shapes-mini', format: 'classFolders' },
    'textures-mini': { kind: 'image', path: 'textures-mini', format: 'classFolders' },
  },
  experiments: {
    short: {
      model: { preset: 'nano' },
      imagePretraining: { epochs: 1, ...stage },
      coTraining: { epochs: 1, ...stage },
    },
    longer: {
      model: { preset: 'nano' },
      imagePretraining: { epochs: 1, ...stage },
      coTraining: { epochs: 2, ...stage },
    },
  },
};

/**
 * Runs the built command line.
 * @param {string[]} args
 * @param {string} cwd
 * @returns {string} its stdout; throws with its last words where it fails
 */
export function runCli(args, cwd) {
  const done = spawnSync(process.execPath, [cliFile, ...args], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.status === 0) return done.stdout;
  throw new Error(`cover ${args.join(' ')}: ${(done.stderr || done.stdout || String(done.error)).trim().slice(-800)}`);
}

/**
 * The prepared workspace as it was made, in a folder of its own. Runs hold absolute paths, so that it lies at one path for
 * a build: one caller at a time.
 * @param {(line: string) => void} tell
 * @returns {Promise<{folder: string, remove(): void}>}
 */
export async function preparedWorkspace(tell) {
  const key = await keyOfBuild();
  const kept = join(cache, key);
  const folder = join(tmpdir(), `cover-pages-${key}`);
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  remove(); // of a test that was killed
  if (existsSync(kept)) copy(kept, folder);
  else {
    const from = Date.now();
    try {
      await prepare(folder);
    } catch (error) {
      remove();
      throw error;
    }
    rmSync(cache, { recursive: true, force: true }); // of older builds
    copy(folder, `${kept}.partial`);
    renameSync(`${kept}.partial`, kept);
    tell(`The workspace with two runs was made in ${((Date.now() - from) / 1000).toFixed(0)} s.`);
  }
  return { folder, remove };
}

async function prepare(folder) {
  await makeSamples(folder);
  writeFileSync(join(folder, 'cover.json'), `${JSON.stringify(config, null, 2)}\n`);
  for (const experiment of Object.keys(config.experiments)) runCli(['train', '--experiment', experiment], folder);
}

function copy(from, to) {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
}

/** Of everything that the workspace is made by. */
async function keyOfBuild() {
  const hash = createHash('sha256').update(JSON.stringify([config, projectRoot]));
  for (const file of [cliFile, await bundleSamples()]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}
