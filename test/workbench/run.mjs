// The test in the real workbench of a first day: code-server in Chromium, this checkout as the extension, real runners, a
// real small training. Steps build on each other, as a person's session does.
// `node test/workbench/run.mjs WORDS` ends after the step whose name has these words.
// With COVER_VSIX=FILE it tests that package, installed, instead of the checkout.
// Exit 0: all passed, or skipped where the tools cannot be had (said so); 1: something failed.
import { rmSync } from 'node:fs';
import { datasetSteps } from './datasetSteps.mjs';
import { failureSteps } from './failureSteps.mjs';
import { limitTime, openWorkbench, prepareTools, results, runSteps, tellCounts } from './steps.mjs';
import { trainingSteps } from './trainingSteps.mjs';
import { viewSteps } from './viewSteps.mjs';
import { makeWorkspace } from './workspace.mjs';

const tools = prepareTools();
if (tools) process.exit(await test());

async function test() {
  const start = Date.now();
  const unlimited = limitTime(20 * 60_000);
  rmSync(results, { recursive: true, force: true });
  const context = await openWorkbench(tools, await makeWorkspace());
  const steps = [...datasetSteps, ...trainingSteps, ...viewSteps, ...failureSteps];
  const counts = await runSteps(context, steps, { until: process.argv[2] });
  if (counts.failed > 0) console.log(`The extension's log ends with:\n${context.log().slice(-3000)}`);
  unlimited();
  await context.close();
  return tellCounts(counts, start);
}
