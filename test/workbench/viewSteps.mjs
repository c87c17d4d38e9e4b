// After the training: evaluation, confusion matrix, a cell's samples, a clip with every head's bars, and all of it again
// after the window was reloaded.
import assert from 'node:assert/strict';

const heads = ['motion-mini', 'shapes-mini', 'textures-mini'];

export const viewSteps = [
  {
    name: 'the evaluation opens from the message with the confusion matrix of each head',
    needs: 'trained',
    run: async (context) => {
      const { window, shoot } = context;
      await window.notification('is trained').getByRole('button', { name: 'Open Evaluation' }).click();
      const view = await window.webview('[data-testid="confusion"]', 60_000);
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
      await evaluation.locator('[data-testid="pair"], [data-testid="confusion"]').first().waitFor();
      await clickCell(window, evaluation);
      await evaluation.locator('[data-testid="sample"]').first().waitFor();
      await shoot('09-cell');
      await evaluation.locator('[data-testid="sample"]').first().click();
      const clip = await window.webview('[data-testid="clip"]');
      for (const head of heads)
        await window.until(
          `bars of ${head}`,
          async () => (await clip.locator(`[data-testid="head-${head}"] .bar`).count()) > 0,
        );
      await shoot('10-clip');
    },
  },
];

/** Clicks the first cell of the matrix that has samples. */
async function clickCell(window, view) {
  const box = await view.locator('[data-testid="confusion"]').boundingBox();
  assert.ok(box && box.width > 50 && box.height > 50, 'the matrix is drawn');
  await window.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}
