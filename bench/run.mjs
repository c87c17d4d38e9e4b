// npm run bench: bundles the benchmark and starts it. The bundle lies below dist/bench, which no package of the extension
// holds (.vscodeignore takes dist/*.js only).
import { runBundled } from '../scripts/bundled.mjs';

await runBundled('bench/main.ts', 'bench/bench.js', { external: ['onnxruntime-node', 'sharp'] });
