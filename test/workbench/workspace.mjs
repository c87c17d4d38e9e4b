// The small workspace that the test trains in: the project's own procedural clips and images, few of each class, drawn
// anew into a temporary folder.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import esbuild from 'esbuild';
import { projectRoot } from './install.mjs';

/** Three datasets: two of video, of which shapes-mini has AVI files too, and one of images. No cover.json. */
export async function makeWorkspace() {
  // Bundled where the project's packages are found.
  const bundle = join(projectRoot, '.cache', 'workbench', 'samples.cjs');
  mkdirSync(join(projectRoot, '.cache', 'workbench'), { recursive: true });
  await esbuild.build({
    entryPoints: [join(projectRoot, 'src/samples/workspace.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['sharp', '@ffmpeg/core'],
    logLevel: 'warning',
  });
  const { createSampleWorkspace } = createRequire(import.meta.url)(bundle);
  const folder = mkdtempSync(join(tmpdir(), 'cover-clips-'));
  await createSampleWorkspace(folder, {
    motion: { train: 36, val: 12 },
    shapes: { train: 36, val: 18 },
    textures: { train: 36, val: 12 },
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
