// Damaged annotation lists and media, a thousand of them: node scripts/fuzz.mjs annotations|media [NUMBER] [--seed S]
// [--only NUMBER], after `npm run build`. Bundles test/fuzz, which says more, below dist/fuzz and starts it.
import { runBundled } from './bundled.mjs';

await runBundled('test/fuzz/main.ts', 'fuzz/fuzz.js', {
  external: ['@duckdb/node-api', 'sharp', '@ffmpeg/core', '@ffmpeg/core/wasm'],
  mainFields: ['module', 'main'],
});
