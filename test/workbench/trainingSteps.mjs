// Train CoVeR from the palette: the three questions, live curves, the end with every head's top-1.
import assert from 'node:assert/strict';

/** Answers the three questions by what is preselected. Resolves with what the first one shows. */
export async function answerTrain(window, between = async () => {}) {
  await window.command('Train CoVeR');
  await window.quickPick('Train CoVeR: datasets');
  await window.until('the datasets to pick', async () => (await window.quickRows().count()) === 3);
  const rows = await window.quickRows().allTextContents();
  const mixture = await window.input().getAttribute('placeholder');
  await between('datasets');
  await window.page.keyboard.press('Enter');
  await window.quickPick('model size');
  await between('preset');
  await window.page.keyboard.press('Enter');
  await window.quickPick('device');
  await window.until('a device', async () => (await window.quickRows().count()) > 0);
  await between('device');
  await window.page.keyboard.press('Enter');
  return { rows, mixture };
}

/** How many points the chart has drawn. */
export async function pointsOf(view, chart) {
  return Number((await view.locator(`[data-testid="${chart}"]`).getAttribute('data-points', { timeout: 5000 })) ?? 0);
}

export const trainingSteps = [
  {
    name: 'Train CoVeR asks for datasets with their shares, a preset and a device',
    needs: 'datasets',
    run: async (context) => {
      const { window, shoot } = context;
      const { rows, mixture } = await answerTrain(window, (question) => shoot(`05-train-${question}`));
      assert.ok(
        rows.some((row) => /motion-mini.*36 training samples in 6 classes.*drawn 33\.3 %/s.test(row)),
        rows.join(),
      );
      assert.match(mixture, /Each batch draws motion-mini 33\.3 % · shapes-mini 33\.3 % · textures-mini 33\.3 %/);
      context.started = true;
    },
  },
  {
    name: 'the run view opens and its curves move while the model trains',
    needs: 'started',
    run: async (context) => {
      const { window, shoot } = context;
      const view = await window.webview('[data-testid="run"][data-state]', 90_000);
      const before = await window.until('a first point', () => pointsOf(view, 'chart-loss'));
      await window.until('more points', async () => (await pointsOf(view, 'chart-loss')) > before + 5);
      assert.equal(await view.locator('[data-testid="run"]').getAttribute('data-state'), 'running');
      const row = window.tree('Runs').locator('.monaco-list-row').first();
      await window.until('the step in the Runs row', async () => /step \d+\/\d+/.test(await row.textContent()));
      await window.notification('step').waitFor();
      await shoot('06-training');
      context.view = view;
    },
  },
  {
    name: 'the run ends with a top-1 for every head, in the view, the row and the message',
    needs: 'started',
    run: async (context) => {
      const { window, shoot } = context;
      const message = window.notification('is trained');
      await message.waitFor({ timeout: 150_000 });
      const words = await message.textContent();
      for (const head of ['motion-mini', 'shapes-mini', 'textures-mini']) {
        assert.match(words, new RegExp(`${head} [\\d.]+ %`));
        await context.view.locator(`[data-testid="top1-${head}"]`).filter({ hasText: /\d/ }).waitFor();
      }
      await window.until(
        'the view to say done',
        async () => (await context.view.locator('[data-testid="run"]').getAttribute('data-state')) === 'done',
      );
      const row = window.tree('Runs').locator('.monaco-list-row').first();
      await window.until('top-1 in the Runs row', async () => /motion-mini [\d.]+ %/.test(await row.textContent()));
      context.run = (await row.locator('.label-name').textContent()).trim();
      await shoot('07-trained');
      context.trained = true;
    },
  },
];
