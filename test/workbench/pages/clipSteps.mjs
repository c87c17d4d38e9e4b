// The clip view with a model's predictions. Short: the page's own tests are test/webview/clipView.test.ts.

export const steps = [
  {
    name: 'a clip opens with bars for every head, in every theme',
    run: async ({ window, forEachTheme, axe, shoot }) => {
      await window.openFile('train-0001.webm');
      await window.command('CoVeR: Show Predictions');
      const view = await window.webview('[data-testid="clip"]');
      await view.locator('[data-testid="head-shapes-mini"]').waitFor();
      await forEachTheme(async (theme) => {
        await axe(view);
        await shoot(`clip-${theme}`);
      });
    },
  },
  {
    name: 'where the model looked lies over the clip, and the next sample of the class takes its place',
    run: async ({ window, axe, shoot }) => {
      const view = await window.webview('[data-testid="clip"]');
      await view.locator('[data-testid="attention"]').click();
      await view.locator('[data-testid="heat"]').waitFor();
      await axe(view);
      await shoot('clip-attention');
      await view
        .locator('[data-testid="position"]')
        .filter({ hasText: /^1 of \d/ })
        .waitFor();
      await view.locator('[data-testid="next"]').click();
      await view
        .locator('[data-testid="position"]')
        .filter({ hasText: /^2 of \d/ })
        .waitFor();
      await view.locator('[data-testid="heat"]').waitFor();
      await view.locator('[data-testid="head-shapes-mini"]').waitFor();
      await shoot('clip-next');
    },
  },
];
