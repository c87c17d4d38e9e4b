// The small workspace that the test trains in: the project's own procedural clips and images, few of each class, drawn
// anew into a temporary folder.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import esbuild from 'esbuild';
import { projectRoot } from './install.mjs';

const bundle = join(projectRoot, '.cache', 'workbench', 'samples.cjs');

/** Bundles the code that draws the samples, where the project's packages are found. Resolves with the bundle's path. */
export async function bundleSamples() {
  mkdirSync(dirname(bundle), { recursive: true });
  await esbuild.build({
    entryPoints: [join(projectRoot, 'src/samples/workspace.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['sharp', '@ffmpeg/core'],
    logLevel: 'warning',
  });
  return bundle;
}

/** Three datasets: two of video, of which shapes-mini has AVI files too, and one of images. No cover.json. */
export async function makeSamples(folder) {
  const { createSampleWorkspace } = createRequire(import.meta.url)(await bundleSamples());
  await createSampleWorkspace(folder, {
    motion: { train: 36, val: 12 },
    shapes: { train: 36, val: 18 },
    textures: { train: 36, val: 12 },
  });
}

/** The samples in a temporary folder of their own. */
export async function makeWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), 'cover-clips-'));
  await makeSamples(folder);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
