// node bench/editor.mjs [FILES] [WINDOWS] [DIR]: how long the editor waits for the extension, measured in the real workbench
// over an index of FILES samples (1,000,000; hard links to one small file, 1,000 classes, in DIR, else removed afterwards):
// activation, as "Show Running Extensions" says it, and from the key press that opens a row of the Datasets tree until its
// children are drawn. Medians over WINDOWS (7) starts of the window. It wants an idle machine, and a build (`npm run build`).
import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../test/workbench/prepared.mjs';
import { openWorkbench, prepareTools } from '../test/workbench/steps.mjs';

const files = Number(process.argv[2] ?? 1_000_000);
const windows = Number(process.argv[3] ?? 7);
const classes = 1000;
/** Rows of classes opened in each window. */
const opened = 5;

const tools = prepareTools();
if (tools) {
  await measure();
  process.exit(0);
}

async function measure() {
  const folder = process.argv[4] ?? mkdtempSync(join(tmpdir(), 'cover-editor-'));
  const remove = () => {
    if (process.argv[4] === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', remove);
  if (!existsSync(join(folder, 'cover.json'))) makeTree(folder);
  const began = Date.now();
  runCli(['index'], folder);
  console.log(`${files.toLocaleString('en')} files indexed in ${((Date.now() - began) / 1000).toFixed(0)} s`);
  if (windows === 0) return;
  const context = await openWorkbench(tools, { folder, remove });
  const times = new Map();
  const note = (what, ms) => times.set(what, [...(times.get(what) ?? []), ms]);
  try {
    for (let round = 0; round < windows; round++) await oneWindow(context, note);
  } catch (error) {
    await context.shoot('failed-bench');
    throw error;
  } finally {
    await context.close();
  }
  console.log(`${cpus()[0].model}, ${cpus().length} threads, Linux ${release()}, load ${loadavg()[0].toFixed(1)}`);
  for (const [what, each] of times) {
    const sorted = each.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    console.log(
      `${what}: ${median.toFixed(0)} ms (${sorted[0].toFixed(0)}–${sorted.at(-1).toFixed(0)}, n = ${each.length})`,
    );
  }
}

async function oneWindow({ window, server, folder }, note) {
  const { page } = window;
  await window.open(server.url, folder);
  await window.sideBar();
  await window.row('Datasets', 'million').waitFor();
  await window.command('Developer: Show Running Extensions');
  const row = page.locator('.runtime-extensions-editor .extension', { hasText: 'CoVeR Studio' }).first();
  const words = await window.until('the activation time', async () =>
    /Activation: (\d+) ?ms/.exec(await row.textContent()),
  );
  note('activation', Number(words[1]));
  await window.closeEditors();
  await window.command('CoVeR: Focus on Datasets View');
  await page.locator('.monaco-list[aria-label="Datasets"]:focus').waitFor();
  await page.keyboard.press('Home');
  await page.locator('.monaco-list[aria-label="Datasets"]:focus .monaco-list-row.focused').waitFor();
  note('a dataset opens', await opening(page, 2));
  await page.keyboard.press('ArrowDown');
  note(`a split opens, ${classes.toLocaleString('en')} classes`, await opening(page, 3));
  await page.keyboard.press('ArrowDown');
  for (let label = 0; label < opened; label++) {
    note(`a class opens, ${((files / classes) * 0.9).toFixed(0)} samples`, await opening(page, 4));
    await page.keyboard.press('ArrowLeft');
    await page.waitForTimeout(700); // the index is closed again
    await page.keyboard.press('ArrowDown');
  }
}

/** Presses the key that opens the row; ms until rows of that level are drawn. */
async function opening(page, level) {
  await page.evaluate((selector) => {
    globalThis.drawn = new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`no ${selector}`)), 20_000);
      let from;
      addEventListener('keydown', () => (from = performance.now()), { capture: true, once: true });
      const look = () => {
        if (from !== undefined && document.querySelector(selector)) resolve(performance.now() - from);
        else requestAnimationFrame(look);
      };
      look();
    });
  }, `.monaco-list[aria-label="Datasets"] .monaco-list-row[aria-level="${level}"]`);
  await page.keyboard.press('ArrowRight');
  return page.evaluate(() => globalThis.drawn);
}

/** As scripts/millionFiles.mjs. */
function makeTree(folder) {
  for (let label = 0; label < classes; label++) {
    const name = `class ${String(label).padStart(4, '0')}`;
    for (const split of ['train', 'val']) mkdirSync(join(folder, 'data', split, name), { recursive: true });
    const original = join(folder, 'data/train', name, `${name}_000000.jpg`);
    writeFileSync(original, 'x');
    for (let file = 1; file < files / classes; file++) {
      const split = file % 10 === 0 ? 'val' : 'train';
      linkSync(original, join(folder, 'data', split, name, `${name}_${String(file).padStart(6, '0')}.jpg`));
    }
  }
  const datasets = { million: { kind: 'image', path: 'data', format: 'classFolders' } };
  writeFileSync(join(folder, 'cover.json'), JSON.stringify({ datasets }));
}
