// What steps do with the Datasets explorer: a class opened for them, rows' menus, and in the end the tree and the samples as they
// were, also where a step failed.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export const dataset = 'motion-mini';

/**
 * A step over an untouched explorer in which the first class of `dataset` is open and the only view; `run` is called with the
 * context and the class's name.
 */
export function withClass(run) {
  return async (context) => {
    const { window } = context;
    for (const other of ['Runs', 'Models']) await window.pane(other, false);
    await window.expand('Datasets', dataset);
    await window.expand('Datasets', 'train');
    const first = rowsOf(window, 3).first();
    await first.waitFor();
    const label = (await first.locator('.label-name').textContent()).trim();
    await window.expand('Datasets', label);
    await samples(window).first().waitFor();
    await window.settled('Datasets');
    try {
      await run(context, label);
    } finally {
      await putBack(context);
    }
  };
}

async function putBack({ window, folder }) {
  await window.page.keyboard.press('Escape');
  rmSync(editsFile(folder), { force: true }); // of a step that failed; the extension watches it
  await window.closeEditors();
  await window.settled('Datasets');
  await window.collapseAll('Datasets');
  await window.pane('Runs', true);
}

/** Rows of a depth: 1 is a dataset, 4 a sample. */
function rowsOf(window, level) {
  return window.tree('Datasets').locator(`.monaco-list-row[aria-level="${level}"]`);
}

/** The rows of samples that are shown. */
export function samples(window) {
  return rowsOf(window, 4);
}

/** The row of another class of the split that is open. */
export function classRow(window, label) {
  return rowsOf(window, 3).filter({ hasText: label }).first();
}

/** The row "excluded" and, where it is open, those below it. */
export function leftOut(window) {
  return window.tree('Datasets').locator('.monaco-list-row[aria-label*="left out"]');
}

/** Opens "excluded" and waits for so many samples below it. */
export async function openLeftOut(window, count) {
  await leftOut(window).first().waitFor();
  await window.settled('Datasets');
  await leftOut(window).first().locator('.monaco-tl-twistie').click();
  await window.until('the excluded samples', async () => (await leftOut(window).count()) === count + 1);
  await window.settled('Datasets');
}

/** Chooses an entry of a row's menu once the tree stands still, and waits for the quick pick that it opens. */
export async function menu(window, row, entry, picks, tree = 'Datasets') {
  await window.settled(tree);
  await row.click({ button: 'right' });
  const item = window.page.locator('.monaco-menu .action-item', { hasText: entry }).first();
  await item.waitFor();
  await window.page.waitForTimeout(400); // a menu takes no click in the moment in which it opens
  const isTaken = async () => !(await item.isVisible());
  await window.toggle(`${entry} to be taken`, isTaken, () => item.click({ timeout: 3000 }));
  if (picks !== undefined) await window.quickPick(picks);
}

export function editsOf({ folder }) {
  const file = editsFile(folder);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Does what leaves so many edits, and waits until the tree has followed and stands still. */
export async function edit(context, count, action) {
  const { window } = context;
  const before = await window.rowsOf('Datasets');
  await action();
  await window.until(`${count} edits`, () => editsOf(context).length === count);
  await window.until('the tree to follow', async () => (await window.rowsOf('Datasets')) !== before);
  await window.settled('Datasets');
}

export function undo(context, left) {
  return edit(context, left, () => context.window.command('CoVeR: Undo Last Edit'));
}

function editsFile(folder) {
  return join(folder, 'cover.edits.jsonl');
}
