// node bench/evaluation.mjs [ROUNDS]: bundles and runs bench/evaluation.ts, which times the figures of stored predictions.
import { runBundled } from '../scripts/bundled.mjs';

await runBundled('bench/evaluation.ts', 'bench/evaluation.js', {
  external: ['onnxruntime-node', 'sharp', '@duckdb/node-api'],
});
