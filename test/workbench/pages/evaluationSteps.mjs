// The evaluation page of a finished run. Short: the page's own tests are test/webview/evaluationView.test.ts.
import { preparedRuns } from '../prepared.mjs';

export const steps = [
  {
    name: 'an evaluation opens from the palette, in every theme',
    run: async ({ window, forEachTheme, axe, shoot }) => {
      await window.command('CoVeR: Open Evaluation');
      await window.quickRows().filter({ hasText: preparedRuns[1] }).click();
      const view = await window.webview('[data-testid="confusion"]');
      await forEachTheme(async (theme) => {
        await axe(view);
        await shoot(`evaluation-${theme}`);
      });
    },
  },
];
