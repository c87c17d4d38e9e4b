// Actions of rows and pages that nothing else clicks: several samples excluded and included again, a run tried again, judged on
// another split and deleted, the model of inline predictions chosen. What they make they take away again.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataset, edit, editsOf, leftOut, menu, openLeftOut, samples, undo, withClass } from '../explorer.mjs';
import { preparedRuns } from '../prepared.mjs';
import { answerTrain } from '../trainingSteps.mjs';
import { hints, openList } from './inlineSteps.mjs';

const [other, run] = preparedRuns;

export const steps = [
  {
    name: 'samples excluded from the tree are included again from their row and from the button on it',
    run: withClass(async (context) => {
      const { window, shoot } = context;
      const out = leftOut(window);
      await samples(window).nth(0).click();
      await samples(window)
        .nth(2)
        .click({ modifiers: ['Shift'] });
      await edit(context, 3, () => menu(window, samples(window).nth(1), 'Exclude from Training'));
      await openLeftOut(window, 3);
      await edit(context, 2, () => menu(window, out.nth(1), 'Include Again'));
      assert.equal(await out.count(), 3);
      await shoot('actions-included');
      await out.nth(1).hover();
      await edit(context, 1, () => out.nth(1).locator('.action-label[aria-label*="Include Again"]').click());
      await undo(context, 2);
      assert.equal(await out.count(), 3);
      await out.nth(1).click();
      await out.nth(2).click({ modifiers: ['Shift'] });
      await edit(context, 0, () => menu(window, out.nth(2), 'Include Again'));
      assert.equal(await out.count(), 0);
    }),
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
      const view = await window.webview(`[data-head="${dataset}"] [data-testid="confusion"][data-cell]`);
      const words = await view.locator('body').innerText();
      assert.match(words, /train · 36 samples/);
      assert.match(words, /evaluation on training samples/);
      await shoot('actions-judged');
      await window.pane('Models', true);
      const row = window.tree('Models').locator('.monaco-list-row[aria-level="1"]', { hasText: run }).first();
      const name = (await row.locator('.label-name').textContent()).trim();
      assert.ok(existsSync(join(folder, '.cover', 'runs', name)));
      await remove(window, 'Models', row, shoot);
      await window.until('its folder to go', () => !existsSync(join(folder, '.cover', 'runs', name)));
      await window.until('its row to go', async () => (await row.count()) === 0);
      await shoot('actions-evaluation-deleted');
      await window.pane('Models', false); // as it was
      await window.closeEditors();
    },
  },
  {
    name: 'a run that was stopped is tried again with the same choice, and both are deleted',
    run: async ({ window, folder, shoot }) => {
      const config = join(folder, 'cover.json');
      const before = readFileSync(config, 'utf8');
      writeFileSync(config, before.replaceAll(/"epochs": \d+/g, '"epochs": 2000'));
      const rows = window.tree('Runs').locator('.monaco-list-row');
      const stop = async () => {
        const view = await window.webview('[data-testid="run"][data-state="running"]');
        const page = view.locator('[data-testid="run"]');
        await window.until('a step', async () => Number(await page.getAttribute('data-step')) > 0);
        await view.locator('[data-testid="stop"]').click();
        await view.locator('[data-testid="run"][data-state="cancelled"]').waitFor();
      };
      try {
        await window.pane('Runs', true);
        const count = await rows.count();
        await answerTrain(window);
        await stop();
        await window.dismissNotifications();
        await window.closeEditors();
        await menu(window, rows.first(), 'Retry', undefined, 'Runs');
        await window.until('a further run', async () => (await rows.count()) === count + 2);
        await stop();
        await shoot('actions-retried');
        const asked = [0, 1].map(async (at) =>
          readFileSync(join(folder, '.cover', 'runs', await nameOf(rows.nth(at)), 'experiment.json'), 'utf8'),
        );
        const [again, first] = (await Promise.all(asked)).map((text) => JSON.parse(text).experiment);
        assert.deepEqual(again, first);
        for (const left of [count + 1, count]) {
          const name = await nameOf(rows.first());
          await remove(window, 'Runs', rows.first(), shoot);
          await window.until('its row to go', async () => (await rows.count()) === left);
          assert.ok(!existsSync(join(folder, '.cover', 'runs', name)));
        }
        await shoot('actions-run-deleted');
      } finally {
        writeFileSync(config, before);
      }
      await window.closeEditors();
    },
  },
  {
    name: 'another model is chosen for inline predictions, and the lines say what it says',
    run: async ({ window, folder, shoot }) => {
      const lines = ['growing', 'shrinking'].map((label) => `${dataset}/val/${label}/val-0001.mp4,${label}`);
      writeFileSync(join(folder, 'chosen.csv'), `path,label\n${lines.join('\n')}\n`);
      await openList(window, 'chosen.csv');
      const shown = async () => {
        const found = await hints(window);
        return found.length > 0 && found.join('\n');
      };
      const choose = async (name) => {
        await window.command('CoVeR: Choose Model for Inline Predictions');
        await window.quickPick('Model for Inline Predictions');
        await shoot('actions-choose');
        await window.quickRows().filter({ hasText: name }).first().click();
      };
      const newest = await window.until('hints', shown);
      await choose(other);
      const others = await window.until('other hints', async () => {
        const now = await shown();
        return now && now !== newest && now;
      });
      assert.notEqual(others, newest);
      await shoot('actions-chosen');
      await choose('newest');
      await window.until('the first hints', async () => (await shown()) === newest);
      await window.closeEditors();
      rmSync(join(folder, 'chosen.csv'));
    },
  },
];

async function nameOf(row) {
  return (await row.locator('.label-name').textContent()).trim();
}

/** Deletes what a row stands for, and answers what is asked: this workbench has no trash. */
async function remove(window, tree, row, shoot) {
  const dialog = window.page.locator('.monaco-dialog-box');
  await menu(window, row, 'Delete Run…', undefined, tree);
  await dialog.waitFor();
  await shoot('actions-delete');
  await dialog.getByRole('button', { name: 'Move to Trash' }).click();
  // It asks again, in a dialog of its own.
  await dialog.getByRole('button', { name: 'Delete Permanently' }).click();
  await window.until('the end of the questions', async () => (await dialog.count()) === 0);
}
