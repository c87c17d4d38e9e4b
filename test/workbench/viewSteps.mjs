// After the training: evaluation, confusion matrix, a cell's samples, a clip with every head's bars, and all of it again
// after the window was reloaded.
import assert from 'node:assert/strict';
import { pointsOf } from './trainingSteps.mjs';

const heads = ['motion-mini', 'shapes-mini', 'textures-mini'];

export const viewSteps = [
  {
    name: 'the evaluation opens from the message with the confusion matrix of each head',
    needs: 'trained',
    run: async (context) => {
      const { window, shoot } = context;
      await window.notification('is trained').getByRole('button', { name: 'Open Evaluation' }).click();
      const view = await window.webview('[data-testid="confusion"]');
      for (const head of heads) await view.locator(`[data-testid="tab-${head}"]`).waitFor();
      assert.match(await view.locator('[data-testid="headline"]').textContent(), /top-1/i);
      await shoot('08-evaluation');
      context.evaluation = view;
    },
  },
  {
    name: 'a cell of the matrix opens its samples, and a sample its clip with bars for every head',
    needs: 'evaluation',
    run: async (context) => {
      const { window, shoot, evaluation } = context;
      const sample = await clickCell(window, evaluation);
      await shoot('09-cell');
      await sample.click();
      const clip = await window.webview('[data-testid="clip"]');
      for (const head of heads)
        await window.until(
          `bars of ${head}`,
          async () => (await clip.locator(`[data-testid="head-${head}"] .class`).count()) > 0,
        );
      await shoot('10-clip');
      context.clip = true;
    },
  },
  {
    name: 'the views come back after the window is reloaded',
    needs: 'clip',
    run: async (context) => {
      const { window, shoot } = context;
      await window.reload();
      const clip = await window.webview('[data-testid="clip"]');
      await clip.locator(`[data-testid="head-${heads[0]}"]`).waitFor();
      await window.page.locator('.tab', { hasText: `${context.run}: evaluation` }).click();
      await window.webview('[data-testid="confusion"]');
      await window.page.locator('.tab', { hasText: new RegExp(`^${context.run}$`) }).click();
      // The frame of a page that was behind another is made anew when it comes to the front.
      const points = async () => pointsOf(await window.webview('[data-testid="run"][data-state]'), 'chart-loss');
      await window.until('the run with its curves', async () => (await points()) > 5);
      await shoot('11-after-reload');
      await window.closeEditors();
    },
  },
  {
    name: 'any video can be reopened in the clip view',
    needs: 'trained',
    run: async ({ window }) => {
      await window.openFile('train-0001.webm');
      await window.command('View: Reopen Editor With...');
      await window.quickRows().filter({ hasText: 'CoVeR Clip View' }).first().click();
      const clip = await window.webview('[data-testid="clip"]');
      await clip.locator(`[data-testid="head-${heads[1]}"]`).waitFor();
      await window.closeEditors();
    },
  },
];

/** Clicks cells of the matrix's first row until one has samples: each class was judged on some. */
async function clickCell(window, view) {
  const matrix = view.locator('[data-testid="confusion"]');
  const box = await matrix.boundingBox();
  const [cell, left, top] = await Promise.all(
    ['data-cell', 'data-left', 'data-top'].map(async (name) => Number(await matrix.getAttribute(name))),
  );
  const classes = JSON.parse(await matrix.getAttribute('data-order')).length;
  for (let column = 0; column < classes; column++) {
    await window.page.mouse.click(box.x + left + cell * (column + 0.5), box.y + top + cell * 0.5);
    const samples = view.locator('[data-testid="cell-samples"]');
    await samples.waitFor();
    await window.page.waitForTimeout(200);
    if (/(?<!\d)0 samples/.test(await samples.textContent())) continue;
    const sample = samples.locator('[data-testid="sample"]').first();
    await sample.waitFor();
    return sample;
  }
  throw new Error('no cell of the first row opened a sample');
}
