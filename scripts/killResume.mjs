// Kills 20 training runs at random moments (kill -9, up to three times each, also while a checkpoint is written), resumes
// each until it is done, and compares what they made with an uninterrupted run: "20 of 20 identical". Needs a build.
//   node scripts/killResume.mjs [runs] [seed]
import { inProject, runNode } from './steps.mjs';

const [runs = '20', seed = String(Date.now() % 2 ** 32)] = process.argv.slice(2);
process.env.COVER_KILLS = runs;
process.env.COVER_SEED = seed;
console.log(`${runs} runs, seed ${seed}`);
process.exitCode = await runNode([
  inProject('node_modules/vitest/vitest.mjs'),
  'run',
  inProject('test/training/resume.test.ts'),
]);
