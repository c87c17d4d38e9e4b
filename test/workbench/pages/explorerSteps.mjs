// The Datasets explorer over the prepared workspace: filtering, hovers, several rows at once, excluding, relabelling, undoing,
// dragging. What it did is undone in the end: pages after it meet the samples as they were.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const dataset = 'motion-mini';

export const steps = [
  {
    name: 'the filter follows what is typed, and is taken back',
    run: async (context) => {
      const { window, shoot } = context;
      for (const other of ['Runs', 'Models']) await window.pane(other, false);
      const rows = window.tree('Datasets').locator('.monaco-list-row');
      await window.row('Datasets', dataset).waitFor();
      const before = await rows.count();
      await window.command('CoVeR: Filter Samples…');
      await window.quickPick('Filter Samples');
      await window.input().pressSequentially('train-0002', { delay: 15 });
      const sample = window.row('Datasets', /^train-0002/);
      await sample.waitFor();
      const labels = () =>
        window.tree('Datasets').locator('.monaco-list-row[aria-level="4"] .label-name').allTextContents();
      await window.until('only samples with the text', async () => {
        const found = await labels();
        return found.length > 0 && found.every((name) => name.startsWith('train-0002'));
      });
      await shoot('explorer-filter');
      await window.page.keyboard.press('Enter');
      const pane = window.page.locator('.pane', { has: window.tree('Datasets') });
      await pane.locator('.pane-header .description', { hasText: '"train-0002"' }).waitFor();
      await window.command('CoVeR: Clear Filter of Samples');
      await window.until('all rows again', async () => (await rows.count()) === before);
    },
  },
  {
    name: 'a hover shows a frame of the sample',
    run: async (context) => {
      const { window, forEachTheme, shoot } = context;
      await window.expand('Datasets', dataset);
      await window.expand('Datasets', 'train');
      const first = window.tree('Datasets').locator('.monaco-list-row[aria-level="3"]').first();
      await first.waitFor();
      context.label = (await first.locator('.label-name').textContent()).trim();
      await window.expand('Datasets', context.label);
      const row = samples(window).first();
      await row.waitFor();
      await forEachTheme(async (theme) => {
        await row.locator('.label-name').hover();
        const picture = window.page.locator('.monaco-hover img').first();
        await window.until('the picture', () =>
          picture.evaluate((image) => image.complete && image.naturalWidth > 100),
        );
        await window.page.locator('.monaco-hover', { hasText: context.label }).first().waitFor();
        await shoot(`explorer-hover-${theme}`);
        await window.page.mouse.move(640, 5);
      });
    },
  },
  {
    name: 'two selected samples are excluded, stand below "excluded", and come back with Undo',
    needs: 'label',
    run: async (context) => {
      const { window, forEachTheme, shoot } = context;
      await samples(window).nth(0).click();
      await samples(window)
        .nth(1)
        .click({ modifiers: ['Control'] });
      await menu(window, samples(window).nth(1), 'Exclude from Training');
      await window.until('two edits', () => editsOf(context).length === 2);
      assert.ok(editsOf(context).every((edit) => edit.excluded && edit.id.startsWith(`${dataset}/`)));
      const out = window.tree('Datasets').locator('.monaco-list-row[aria-label*="left out"]');
      await out.first().locator('.monaco-tl-twistie').click();
      await window.until('the excluded samples', async () => (await out.count()) === 3);
      assert.match(await window.row('Datasets', dataset).textContent(), /2 excluded/);
      await forEachTheme((theme) => shoot(`explorer-excluded-${theme}`));
      await window.command('CoVeR: Undo Last Edit');
      await window.until('no edits', () => !existsSync(join(context.folder, 'cover.edits.jsonl')));
      await window.until('no excluded samples', async () => (await out.count()) === 0);
      await window.closeEditors();
    },
  },
  {
    name: 'a sample is given another class from a quick pick, and by dragging it there',
    needs: 'label',
    run: async (context) => {
      const { window, shoot } = context;
      await menu(window, samples(window).first(), 'Relabel…', 'Relabel');
      const other = (await window.quickRows().nth(1).locator('.label-name').first().textContent()).trim();
      await shoot('explorer-relabel');
      await window.quickRows().nth(1).click();
      await window.until('the edit', () => editsOf(context)[0]?.label !== undefined);
      assert.equal(editsOf(context)[0].label, other);
      const row = window.tree('Datasets').locator('.monaco-list-row[aria-level="3"]', { hasText: other }).first();
      await window.retry('dragging', async () => {
        await samples(window).first().dragTo(row);
        await window.until('the second edit', () => editsOf(context).length === 2, 5000);
        if (editsOf(context).every((edit) => edit.label === other)) return;
        // The rows moved under the pointer, and it fell on the next class.
        await window.command('CoVeR: Undo Last Edit');
        await window.until('it is taken back', () => editsOf(context).length === 1);
        throw new Error('It was dropped on another class.');
      });
      await window.command('CoVeR: Undo Last Edit');
      await window.until('one edit', () => editsOf(context).length === 1);
      await window.command('CoVeR: Undo Last Edit');
      await window.until('no edits', () => editsOf(context).length === 0);
    },
  },
  {
    name: 'names like a sample’s are found in all datasets, and the chosen one opens',
    needs: 'label',
    run: async ({ window, shoot }) => {
      await menu(window, samples(window).first(), 'Find Similar Names…', 'Names like');
      const other = window.quickRows().filter({ hasText: 'shapes-mini' }).first();
      await other.waitFor();
      await shoot('explorer-similar');
      await other.click();
      await window.webview('[data-testid="clip"]');
      await window.closeEditors();
      await window.collapseAll('Datasets');
      await window.pane('Runs', true);
    },
  },
];

/** The rows of samples that are shown. */
export function samples(window) {
  return window.tree('Datasets').locator('.monaco-list-row[aria-level="4"]');
}

/** Chooses an entry of a row's menu, and waits for the quick pick that it opens. The rows may be drawn anew meanwhile. */
export async function menu(window, row, entry, picks) {
  await window.retry(`the menu's ${entry}`, async () => {
    await window.page.mouse.move(640, 5); // no hover over the row
    await row.click({ button: 'right', timeout: 5000 });
    const item = window.page.locator('.monaco-menu .action-item', { hasText: entry }).first();
    await item.waitFor({ timeout: 5000 });
    await window.page.waitForTimeout(400); // a menu takes no click in the moment in which it opens
    await item.click({ timeout: 5000 });
    if (await item.isVisible()) await window.page.keyboard.press('Enter');
    if (picks === undefined) return;
    await window.page.locator('.quick-input-widget:visible', { hasText: picks }).waitFor({ timeout: 15_000 });
  });
}

export function editsOf({ folder }) {
  const file = join(folder, 'cover.edits.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
