// npm test: build, lint with the import table, types, unit tests, and the workbench tests where they can run. Every
// part runs even when one before it failed; the last line counts all of them.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProject, runNode } from './steps.mjs';

const total = { passed: 0, failed: 0, skipped: 0 };
const folder = mkdtempSync(join(tmpdir(), 'cover-test-'));
try {
  await check('build', [inProject('esbuild.mjs')]);
  await check('lint', [inProject('node_modules/@biomejs/biome/bin/biome'), 'check', '--error-on-warnings']);
  await check('types', [inProject('node_modules/typescript/bin/tsc'), '--noEmit']);
  await unitTests();
  await workbenchTest('run.mjs');
  await workbenchTest('pages.mjs');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function check(name, args) {
  const passed = (await runNode(args)) === 0;
  total[passed ? 'passed' : 'failed'] += 1;
  console.log(`${name}: ${passed ? 'passed' : 'FAILED'}`);
}

async function unitTests() {
  const report = join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await runNode([inProject('node_modules/vitest/vitest.mjs'), 'run', ...reporters]);
  const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  total.passed += counts?.numPassedTests ?? 0;
  total.failed += counts?.numFailedTests ?? 0;
  total.skipped += (counts?.numPendingTests ?? 0) + (counts?.numTodoTests ?? 0);
  // A file that does not load, or an error outside of tests, fails the run without failing a test.
  if (code !== 0 && !counts?.numFailedTests) total.failed += 1;
}

/** The script itself says whether it can run here: "skipped: why", or at its end "N passed, N failed". */
async function workbenchTest(script) {
  let output = '';
  const code = await runNode([inProject('test/workbench', script)], (text) => {
    output += text;
  });
  const counts = /^(\d+) passed, (\d+) failed\s*$/m.exec(output);
  total.passed += Number(counts?.[1] ?? 0);
  total.failed += Number(counts?.[2] ?? 0);
  if (code !== 0 && !Number(counts?.[2])) total.failed += 1;
  if (code === 0 && !counts) total.skipped += 1;
}
