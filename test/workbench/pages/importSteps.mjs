// A model that was not trained here, brought in through the editor; and a report saved from an evaluation. Short: the requests' own
// tests are test/runner/imports.test.ts.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { preparedRuns } from '../prepared.mjs';

const [before, after] = preparedRuns;

/** Gives a file dialog its answer: it reads its folder first, and takes nothing before. */
async function answer(window, file) {
  const input = window.input();
  await window.until('the dialog', async () => (await input.inputValue()).startsWith('/'));
  await window.until('the dialog to take the path', async () => {
    if ((await input.inputValue()) === file) return true;
    await input.fill(file);
    await window.page.waitForTimeout(1000);
    return false;
  });
  await window.page.keyboard.press('Enter');
}

export const steps = [
  {
    name: 'a model is imported: its preprocessing is shown, it is judged on what a run held out and compared with it',
    run: async ({ window, folder, shoot }) => {
      await window.command('CoVeR: Import Model or Predictions');
      await answer(window, join(folder, '.cover', 'runs', after, 'model.onnx'));
      await window.quickPick('Judge model.onnx on');
      await window
        .quickRows()
        .filter({ hasText: `motion-mini of ${before}` })
        .click();
      await window.quickPick('How model.onnx takes its pictures');
      await window.quickRows().filter({ hasText: 'Mean' }).first().waitFor();
      await shoot('import-model');
      await window.quickRows().filter({ hasText: 'as shown below' }).first().click();
      const view = await window.webview(`[data-testid="comparison"][aria-label="Compared with ${before}"]`);
      await view.locator('[data-testid="confusion"][data-cell]').waitFor();
      await shoot('import-judged');
      const file = join(folder, 'report.md');
      await view.locator('[data-testid="save-report"]').click();
      await answer(window, file);
      await window.until('the report', async () => existsSync(file));
    },
  },
];
