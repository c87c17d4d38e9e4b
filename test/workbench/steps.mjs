// What the tests in the real workbench share: whether they can run here, one server and window over a workspace, and the
// loop over steps that build on each other, as a person's session does. Screenshots: test-results/workbench/*.png.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { installWorkbench, obstacle, projectRoot } from './install.mjs';
import { startServer } from './server.mjs';
import { findChromium, openBrowser, Window } from './window.mjs';

export const results = join(projectRoot, 'test-results', 'workbench');

/**
 * What is needed, installed; undefined where it cannot be had, which it says. Ends the process where dist/ is missing.
 * @returns {{node: string, entry: string} | undefined}
 */
export function prepareTools() {
  // So that the clean-ups registered for `exit` run.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
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

/**
 * A server and a browser window over a workspace, as the context of steps. With COVER_VSIX=FILE that package is installed
 * instead of the checkout.
 * @param {{node: string, entry: string}} tools
 * @param {{folder: string, remove(): void}} workspace removed in the end
 */
export async function openWorkbench(tools, workspace) {
  mkdirSync(results, { recursive: true });
  process.once('exit', workspace.remove);
  const server = await startServer(tools, { vsix: process.env.COVER_VSIX });
  const browser = await openBrowser();
  return {
    window: new Window(browser.page),
    server,
    folder: workspace.folder,
    shoot: (name) => browser.page.screenshot({ path: join(results, `${name}.png`) }),
    log: () => extensionLog(server.home),
    close: async () => {
      await browser.close();
      await server.stop();
      workspace.remove();
    },
  };
}

/**
 * Runs steps in their order, each told in a line; one whose `needs` is not in the context fails. `check` is called after
 * each step and throws where something is wrong that no step looks for.
 */
export async function runSteps(context, steps, { until, check = async () => {} } = {}) {
  const counts = { passed: 0, failed: 0 };
  for (const { name, needs, run } of steps) {
    const from = Date.now();
    try {
      if (needs !== undefined && !context[needs]) throw new Error(`needs what an earlier step was to make (${needs})`);
      await run(context);
      await check();
      counts.passed++;
      console.log(`ok    ${name} (${((Date.now() - from) / 1000).toFixed(1)} s)`);
    } catch (error) {
      counts.failed++;
      console.log(`FAIL  ${name}: ${error.message}`);
      await context.shoot(`failed-${name.replace(/\W+/g, '-').slice(0, 60)}`).catch(() => {});
      if (process.env.COVER_WORKBENCH_VERBOSE) console.log(error.stack);
    }
    if (until !== undefined && name.includes(until)) break;
  }
  return counts;
}

/** Ends the process where the test hangs: a hanging step must not hold up a build. */
export function limitTime(ms) {
  const timer = setTimeout(() => {
    console.error(`The workbench test did not end within ${ms / 60_000} minutes.`);
    process.exit(1);
  }, ms);
  return () => clearTimeout(timer);
}

/** The last lines, which scripts/test.mjs reads; the exit code. */
export function tellCounts({ passed, failed }, start) {
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
