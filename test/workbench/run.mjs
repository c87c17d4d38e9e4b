// The test in the real workbench: code-server in Chromium, this checkout as the extension, real runners, a real small
// training. Steps build on each other, as a person's session does. Screenshots: test-results/workbench/*.png.
// `node test/workbench/run.mjs WORDS` ends after the step whose name has these words.
// With COVER_VSIX=FILE it tests that package, installed, instead of the checkout.
// Exit 0: all passed, or skipped where the tools cannot be had (said so); 1: something failed.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { datasetSteps } from './datasetSteps.mjs';
import { failureSteps } from './failureSteps.mjs';
import { installWorkbench, obstacle, projectRoot } from './install.mjs';
import { startServer } from './server.mjs';
import { trainingSteps } from './trainingSteps.mjs';
import { viewSteps } from './viewSteps.mjs';
import { findChromium, openBrowser, Window } from './window.mjs';
import { makeWorkspace } from './workspace.mjs';

const results = join(projectRoot, 'test-results', 'workbench');
/** Of the whole test, in ms: a hanging step must not hold up a build. */
const limit = 8 * 60_000;

// So that the clean-ups registered for `exit` run.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

const tools = prepare();
if (tools) process.exit(await test(tools));

function prepare() {
  const why =
    findChromium() === undefined ? 'Chromium is not installed (Debian: apt-get install chromium).' : obstacle();
  if (why) return skip(why);
  if (!existsSync(join(projectRoot, 'dist', 'runner.js'))) {
    console.error('dist/ is not built: run `npm run build` first.');
    process.exit(1);
  }
  try {
    return installWorkbench(console.log);
  } catch (error) {
    return skip(error.message);
  }
}

function skip(why) {
  console.log(`skipped: the workbench test. ${why}`);
  return undefined;
}

async function test(tools) {
  const start = Date.now();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const timer = setTimeout(() => {
    console.error(`The workbench test did not end within ${limit / 60_000} minutes.`);
    process.exit(1);
  }, limit);
  const workspace = await makeWorkspace();
  process.once('exit', workspace.remove);
  const server = await startServer(tools, { vsix: process.env.COVER_VSIX });
  const browser = await openBrowser();
  const window = new Window(browser.page);
  const context = {
    window,
    server,
    folder: workspace.folder,
    shoot: (name) => browser.page.screenshot({ path: join(results, `${name}.png`) }),
    log: () => extensionLog(server.home),
  };
  let passed = 0;
  let failed = 0;
  let ended = false;
  for (const { name, needs, run } of [...datasetSteps, ...trainingSteps, ...viewSteps, ...failureSteps]) {
    const from = Date.now();
    if (ended) break;
    ended = process.argv[2] !== undefined && name.includes(process.argv[2]);
    try {
      if (needs !== undefined && !context[needs]) throw new Error(`needs what an earlier step was to make (${needs})`);
      await run(context);
      passed++;
      console.log(`ok    ${name} (${((Date.now() - from) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed++;
      console.log(`FAIL  ${name}: ${error.message}`);
      await context.shoot(`failed-${failed}`).catch(() => {});
      if (process.env.COVER_WORKBENCH_VERBOSE) console.log(error.stack);
    }
  }
  if (failed > 0) console.log(`The extension's log ends with:\n${context.log().slice(-3000)}`);
  clearTimeout(timer);
  await browser.close();
  await server.stop();
  workspace.remove();
  console.log(`Workbench: ${passed} passed, ${failed} failed in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** What the extension wrote to its output channel, over all windows in their order. */
function extensionLog(home) {
  const logs = join(home, 'data', 'logs');
  const files = readdirSync(logs, { recursive: true }).filter((name) => name.endsWith('CoVeR.log'));
  files.sort((a, b) => statSync(join(logs, a)).birthtimeMs - statSync(join(logs, b)).birthtimeMs);
  return files.map((name) => readFileSync(join(logs, name), 'utf8')).join('');
}
