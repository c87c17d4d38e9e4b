// The run page: a finished run in three themes, another run beside it, a chart saved, and a training that goes on while its window
// is loaded anew. Short: the page's own tests are test/webview/runView.test.ts.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { preparedRuns } from '../prepared.mjs';
import { answerTrain, pointsOf } from '../trainingSteps.mjs';

const [other, shown] = preparedRuns;

export const steps = [
  {
    name: 'a finished run opens from the Runs tree, in every theme',
    run: async (context) => {
      const { window, forEachTheme, axe, shoot } = context;
      await window.row('Runs', shown).click();
      const view = await window.webview('[data-testid="run"][data-state="done"]');
      await window.until('its curves', async () => (await pointsOf(view, 'chart-loss')) > 5);
      await forEachTheme(async (theme) => {
        await axe(view);
        await shoot(`run-${theme}`);
      });
      context.runView = view;
    },
  },
  {
    name: 'another run is drawn dashed on the same axes',
    needs: 'runView',
    run: async ({ window, runView, shoot }) => {
      const dashed = runView.locator('[data-testid="chart-top1"] .line path[stroke-dasharray]');
      assert.equal(await dashed.count(), 0);
      await runView.locator('[data-testid="compare-add"]').click();
      await window.quickPick(`Compare ${shown} with`);
      await window.quickRows().filter({ hasText: other }).click();
      await window.page.locator('.quick-input-widget .quick-input-count', { hasText: '1 Selected' }).waitFor();
      await window.page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
      await window.until('its lines', async () => (await dashed.count()) === 3);
      await shoot('run-compared');
    },
  },
  {
    name: 'a chart is saved as a file of the workspace',
    needs: 'runView',
    run: async ({ window, runView, folder }) => {
      const file = join(folder, `${shown} loss.svg`);
      await runView
        .locator('[data-testid="chart-loss"]')
        .getByRole('button', { name: /^Save / })
        .click();
      await runView.getByRole('menuitem', { name: 'Save as SVG…' }).click();
      await window.until('where to save it', async () => (await window.input().inputValue()).endsWith('loss.svg'));
      await window.page.keyboard.press('Enter');
      const drawn = /<svg[^>]*xmlns[\s\S]*motion-mini[\s\S]*<\/svg>/;
      await window.until('the file', async () => existsSync(file) && drawn.test(readFileSync(file, 'utf8')));
      await window.closeEditors();
    },
  },
  {
    name: 'a training goes on while its window is loaded anew, which finds it, follows it and stops it',
    run: async (context) => {
      const { window, folder, shoot } = context;
      const config = join(folder, 'cover.json');
      const before = readFileSync(config, 'utf8');
      writeFileSync(config, before.replaceAll(/"epochs": \d+/g, '"epochs": 2000'));
      let pid;
      try {
        await answerTrain(window);
        const state = '[data-testid="run"][data-state="running"]';
        const stepOf = async (view) => Number(await view.locator(state).getAttribute('data-step'));
        let view = await window.webview(state, 90_000);
        const step = await window.until('a step', () => stepOf(view));
        pid = newestTraining(context);
        await window.reload();
        await window.sideBar();
        view = await window.webview(state);
        await window.until('further steps', async () => (await stepOf(view)) > step);
        process.kill(pid, 0); // it is the same process
        const row = window.tree('Runs').locator('.monaco-list-row').first();
        await window.until('the step in the Runs row', async () => /step [\d,]+\/[\d,]+/.test(await row.textContent()));
        await shoot('run-found-again');
        await view.locator('[data-testid="stop"]').click();
        await view.locator('[data-testid="run"][data-state="cancelled"]').waitFor();
        await window.until('the row to say so', async () => /cancelled/.test(await row.textContent()));
        await window.until('the process to end', async () => !lives(pid));
        await shoot('run-stopped');
      } finally {
        writeFileSync(config, before);
        if (pid !== undefined && lives(pid)) process.kill(pid); // nothing goes on behind a failed step
      }
      await window.closeEditors();
    },
  },
];

/** The id of the training process that the extension's log named last. */
function newestTraining(context) {
  const found = [...context.log().matchAll(/\[training\] runner started, process (\d+)/g)].at(-1);
  assert.ok(found, 'a training was started');
  return Number(found[1]);
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
