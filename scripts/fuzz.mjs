// Damaged annotation lists and media, a thousand of them: node scripts/fuzz.mjs annotations|media [NUMBER] [--seed S]
// [--only NUMBER], after `npm run build`. Bundles test/fuzz, which says more, below dist/fuzz and starts it.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = join(root, 'dist', 'fuzz', 'fuzz.js');
await esbuild.build({
  entryPoints: [join(root, 'test', 'fuzz', 'main.ts')],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['@duckdb/node-api', 'sharp', '@ffmpeg/core', '@ffmpeg/core/wasm'],
  mainFields: ['module', 'main'],
  sourcemap: true,
  logLevel: 'warning',
});
const child = spawn(process.execPath, ['--enable-source-maps', bundle, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
