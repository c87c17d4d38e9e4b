// The run page of a finished run. Short: the page's own tests are test/webview/runView.test.ts.
import { preparedRuns } from '../prepared.mjs';
import { pointsOf } from '../trainingSteps.mjs';

export const steps = [
  {
    name: 'a finished run opens from the Runs tree, in every theme',
    run: async ({ window, forEachTheme, axe, shoot }) => {
      await window.row('Runs', preparedRuns[1]).click();
      const view = await window.webview('[data-testid="run"][data-state="done"]');
      await window.until('its curves', async () => (await pointsOf(view, 'chart-loss')) > 5);
      await forEachTheme(async (theme) => {
        await axe(view);
        await shoot(`run-${theme}`);
      });
    },
  },
];
