// Actions of rows and pages that nothing else clicks: several samples excluded and included again, a run judged on another split,
// an evaluation deleted. What they make they take away again.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { preparedRuns } from '../prepared.mjs';
import { editsOf, menu, samples } from './explorerSteps.mjs';

const dataset = 'motion-mini';
const [, run] = preparedRuns;

export const steps = [
  {
    name: 'samples excluded from the tree are included again from their row and from the button on it',
    run: async (context) => {
      const { window, shoot } = context;
      for (const pane of ['Runs', 'Models']) await window.pane(pane, false);
      await window.expand('Datasets', dataset);
      await window.expand('Datasets', 'train');
      const label = window.tree('Datasets').locator('.monaco-list-row[aria-level="3"]').first();
      await window.expand('Datasets', (await label.locator('.label-name').textContent()).trim());
      await samples(window).nth(0).click();
      await samples(window)
        .nth(2)
        .click({ modifiers: ['Shift'] });
      await menu(window, samples(window).nth(1), 'Exclude from Training');
      await window.until('three edits', () => editsOf(context).length === 3);
      const out = window.tree('Datasets').locator('.monaco-list-row[aria-label*="left out"]');
      await out.first().locator('.monaco-tl-twistie').click();
      await window.until('the excluded samples', async () => (await out.count()) === 4);
      // The rows are drawn anew once more when the watched file has changed, which a click may fall into.
      await window.retry('including a sample', async () => {
        await menu(window, out.nth(1), 'Include Again');
        await window.until('two edits', () => editsOf(context).length === 2, 5000);
      });
      await window.until('two excluded samples', async () => (await out.count()) === 3);
      await shoot('actions-included');
      await window.retry('including by the button', async () => {
        await out.nth(1).hover();
        await out.nth(1).locator('.action-label[aria-label*="Include Again"]').click({ timeout: 5000 });
        await window.until('one edit', () => editsOf(context).length === 1, 5000);
      });
      await window.command('CoVeR: Undo Last Edit');
      await window.until('two edits again', () => editsOf(context).length === 2);
      await window.until('two excluded samples again', async () => (await out.count()) === 3);
      await window.retry('including two samples', async () => {
        await out.nth(1).click();
        await out.nth(2).click({ modifiers: ['Shift'] });
        await menu(window, out.nth(2), 'Include Again');
        await window.until('no edits', () => editsOf(context).length === 0, 5000);
      });
      await window.until('no excluded samples', async () => (await out.count()) === 0);
      await window.collapseAll('Datasets');
      await window.closeEditors();
    },
  },
  {
    name: 'several samples are excluded on the dataset page, come back with Undo, and are included again together',
    run: async (context) => {
      const { window, shoot } = context;
      await window.command('CoVeR: Open Dataset Page');
      await window.quickRows().filter({ hasText: dataset }).click();
      const view = await window.webview('[data-place="0"]');
      const excluded = view.locator('.sample.excluded');
      await view.locator('[data-place="0"]').click();
      await view.locator('[data-place="2"]').click({ modifiers: ['Shift'] });
      await view.locator('[data-testid="chosen"]', { hasText: '3 samples' }).waitFor();
      await view.locator('[data-testid="exclude"]').click();
      await window.until('three excluded', async () => (await excluded.count()) === 3);
      assert.equal(editsOf(context).length, 3);
      await shoot('actions-page-excluded');
      await window.command('CoVeR: Undo Last Edit');
      await window.until('none excluded', async () => (await excluded.count()) === 0);
      assert.equal(editsOf(context).length, 0);
      await view.locator('[data-place="0"]').click();
      await view.locator('[data-place="1"]').click({ modifiers: ['Control'] });
      await view.locator('[data-testid="exclude"]').click();
      await window.until('two excluded', async () => (await excluded.count()) === 2);
      await excluded.nth(0).click();
      await excluded.nth(1).click({ modifiers: ['Control'] });
      await view.locator('[data-testid="include"]').click();
      await window.until('none excluded again', async () => (await excluded.count()) === 0);
      assert.equal(editsOf(context).length, 0);
      await shoot('actions-page-included');
      await window.closeEditors();
    },
  },
  {
    name: 'a run is judged on another split, and its evaluation is deleted while it is open',
    run: async ({ window, folder, shoot }) => {
      await window.command('CoVeR: Evaluate on Another Split');
      await window.quickRows().filter({ hasText: run }).click();
      await window.quickPick(`Judge ${run} on`);
      await shoot('actions-elsewhere');
      await window
        .quickRows()
        .filter({ hasText: `${dataset} · train` })
        .click();
      const view = await window.webview(`[data-head="${dataset}"] [data-testid="confusion"][data-cell]`, 60_000);
      const words = await view.locator('body').innerText();
      assert.match(words, /train · 36 samples/);
      assert.match(words, /evaluation on training samples/);
      await shoot('actions-judged');
      await window.pane('Models', true);
      const row = window.tree('Models').locator('.monaco-list-row[aria-level="1"]', { hasText: run }).first();
      const name = (await row.locator('.label-name').textContent()).trim();
      assert.ok(existsSync(join(folder, '.cover', 'runs', name)));
      await remove(window, row, shoot);
      await window.until('its folder to go', () => !existsSync(join(folder, '.cover', 'runs', name)));
      await window.until('its row to go', async () => (await row.count()) === 0);
      await shoot('actions-evaluation-deleted');
      await window.closeEditors();
    },
  },
];

/** Deletes what a row stands for, and answers what is asked: this workbench has no trash. */
async function remove(window, row, shoot) {
  const dialog = window.page.locator('.monaco-dialog-box');
  await window.retry('the question', async () => {
    await menu(window, row, 'Delete Run…');
    await dialog.waitFor({ timeout: 4000 });
  });
  await shoot('actions-delete');
  await dialog.getByRole('button', { name: 'Move to Trash' }).click();
  // It asks again, in a dialog of its own.
  await dialog.getByRole('button', { name: 'Delete Permanently' }).click();
  await window.until('the end of the questions', async () => (await dialog.count()) === 0);
}
