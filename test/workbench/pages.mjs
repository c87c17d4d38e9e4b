// The test of each page in the real workbench, over a workspace that has been trained in already (prepared.mjs): what it
// shows, in three themes, for screen readers, without errors on the console. A page's steps: pages/<page>Steps.mjs, which
// exports `steps`: {name, run(context)}. The context has `window`, `folder` (the workspace), `cli(args)`, `shoot(name)`,
// and what inspect.mjs gives. Screenshots: test-results/workbench/<page>-<theme>.png.
// `node test/workbench/pages.mjs [PAGE…]` runs these pages only. Exit codes as run.mjs.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspecting } from './inspect.mjs';
import { preparedWorkspace, runCli } from './prepared.mjs';
import { limitTime, openWorkbench, prepareTools, runSteps, tellCounts } from './steps.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'pages');
/** What changes nothing comes first; pages that are not named here come after, and at the end the other workspace. */
const order = ['evaluation', 'run', 'clip', 'dataset', 'explorer', 'actions', 'train', 'inline'];
const last = ['hostile'];

const tools = prepareTools();
if (tools) process.exit(await test());

function pagesToTest() {
  const present = readdirSync(folder).flatMap((name) => /^(.+)Steps\.mjs$/.exec(name)?.[1] ?? []);
  const asked = process.argv.slice(2);
  return asked.length > 0
    ? asked
    : [...new Set([...order, ...present.filter((page) => !last.includes(page)).toSorted(), ...last])];
}

async function test() {
  const start = Date.now();
  const unlimited = limitTime(20 * 60_000);
  const total = { passed: 0, failed: 0 };
  const context = await openWorkbench(tools, await preparedWorkspace(console.log));
  Object.assign(context, inspecting(context), { cli: (args) => runCli(args, context.folder) });
  await context.window.open(context.server.url, context.folder);
  for (const page of pagesToTest()) {
    const file = join(folder, `${page}Steps.mjs`);
    if (!existsSync(file)) {
      console.log(`skipped: ${page}, of which there are no steps yet`);
      continue;
    }
    console.log(`— ${page}`);
    await context.tidy();
    const { steps } = await import(pathToFileURL(file).href);
    const counts = await runSteps(context, steps, { check: context.noConsoleErrors });
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  if (total.failed > 0) console.log(`The extension's log ends with:\n${context.log().slice(-3000)}`);
  unlimited();
  await context.close();
  return tellCounts(total, start);
}
