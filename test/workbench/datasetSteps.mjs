// From an empty window to indexed datasets: the welcome, "Add Dataset…", the tree down to a sample.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const datasetSteps = [
  {
    name: 'the side bar opens with a welcome and starts nothing',
    run: async (context) => {
      const { window, server, folder, shoot } = context;
      await window.open(server.url, folder);
      await window.sideBar();
      await window.page.getByRole('button', { name: 'Add Dataset…' }).first().waitFor();
      await window.page.getByRole('button', { name: 'Train CoVeR' }).first().waitFor();
      assert.equal(await window.page.locator('.notification-toast').count(), 0, 'nothing is complained of');
      await shoot('01-welcome');
    },
  },
  {
    name: 'Add Dataset finds the three datasets of a folder and writes cover.json',
    run: async (context) => {
      const { window, folder, shoot } = context;
      await window.page.locator('.pane-body .monaco-button', { hasText: 'Add Dataset…' }).click();
      const input = window.input();
      await window.until(
        'the dialog to stand at the workspace',
        async () =>
          (await input.inputValue()).replace(/\/$/, '') === folder && (await window.quickRows().count()) === 4,
      );
      await window.page.locator('.quick-input-widget:visible .monaco-button', { hasText: 'Add Dataset' }).click();
      await window.quickPick('Add to cover.json');
      await window.until('three datasets to pick', async () => (await window.quickRows().count()) === 3);
      await shoot('02-found-datasets');
      await window.page.keyboard.press('Enter');
      for (const name of ['motion-mini', 'shapes-mini', 'textures-mini']) await window.row('Datasets', name).waitFor();
      assert.match(await window.row('Datasets', 'motion-mini').textContent(), /48 · 6 classes/);
      const config = JSON.parse(readFileSync(join(folder, 'cover.json'), 'utf8'));
      assert.deepEqual(Object.keys(config.datasets).toSorted(), ['motion-mini', 'shapes-mini', 'textures-mini']);
      // Short stages, as a person would write them into the same file.
      const stage = { batchSize: 8, optimizer: { learningRate: 0.001 } };
      config.experiments = {
        default: { imagePretraining: { epochs: 1, ...stage }, coTraining: { epochs: 3, ...stage } },
      };
      writeFileSync(join(folder, 'cover.json'), `${JSON.stringify(config, null, 2)}\n`);
      context.datasets = true;
    },
  },
  {
    name: 'the tree goes down to the samples of a class',
    needs: 'datasets',
    run: async ({ window, shoot }) => {
      await window.expand('Datasets', 'shapes-mini');
      await window.expand('Datasets', 'train');
      const first = window.tree('Datasets').locator('.monaco-list-row[aria-level="3"]').first();
      await first.waitFor();
      await window.expand('Datasets', (await first.locator('.label-name').textContent()).trim());
      await window.row('Datasets', 'train-0003.avi').waitFor();
      await shoot('03-datasets-tree');
    },
  },
  {
    name: 'an AVI, which the editor cannot play, is converted and plays; without a run the view offers to train',
    needs: 'datasets',
    run: async ({ window, shoot }) => {
      await window.row('Datasets', 'train-0003.avi').click();
      const view = await window.webview('[data-testid="clip"]');
      await window.until('the converted clip to play', () =>
        view.locator('video').evaluate(async (video) => {
          await video.play();
          return video.readyState >= 2 && video.videoWidth > 0 && video.currentTime > 0;
        }),
      );
      await view.locator('[data-testid="train"]').waitFor();
      await shoot('04-avi-without-run');
      await window.closeEditors();
      await window.collapseAll('Datasets');
    },
  },
];
