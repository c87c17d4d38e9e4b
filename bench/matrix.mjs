// node bench/matrix.mjs [CLASSES…]: bundles and runs bench/matrix.ts, which times the evaluation page's matrix in Chromium. The pages
// have to be built before (npm run build).
import { runBundled } from '../scripts/bundled.mjs';

await runBundled('bench/matrix.ts', 'bench/matrix.js', { external: ['playwright-core'] });
