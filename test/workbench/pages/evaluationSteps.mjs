// The evaluation page of a finished run, what it is compared with, and predictions that were imported. Short: the page's own tests
// are test/webview/evaluationView.test.ts, those of the requests test/runner/imports.test.ts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { preparedRuns } from '../prepared.mjs';

const [before, after] = preparedRuns;

export const steps = [
  {
    name: 'an evaluation opens from the palette, in every theme',
    run: async ({ window, forEachTheme, axe, shoot }) => {
      await window.command('CoVeR: Open Evaluation');
      await window.quickRows().filter({ hasText: after }).click();
      const view = await window.webview('[data-testid="confusion"][data-cell]');
      await forEachTheme(async (theme) => {
        await axe(view);
        await shoot(`evaluation-${theme}`);
      });
    },
  },
  {
    name: 'two runs are compared, and samples that changed are listed with their clips',
    run: async ({ window, axe, shoot }) => {
      await window.command('CoVeR: Compare Evaluations');
      await window.quickRows().filter({ hasText: after }).click();
      await window.quickRows().filter({ hasText: before }).click();
      const view = await window.webview('[data-testid="comparison"]');
      const text = await view.locator('[data-testid="comparison"]').textContent();
      if (!text.includes(`${after} − ${before}`)) throw new Error(`It says: ${text}`);
      const changed = view.locator('button.kind:not([disabled])').first();
      if ((await changed.count()) > 0) {
        await changed.click();
        await view.locator('[data-testid="sample"]').first().waitFor();
      }
      await axe(view);
      await shoot('evaluation-compared');
      await view.locator('[data-testid="confusion"]').click({ position: { x: 260, y: 260 } });
      const about = view.locator('[data-testid="list-about"]', { hasText: 'of the samples that both judged' });
      await about.waitFor();
      await about.scrollIntoViewIfNeeded();
      await shoot('evaluation-cell-of-both');
    },
  },
  {
    name: 'imported predictions have a tree of their own, and open beside ours',
    run: async ({ window, folder, cli, shoot }) => {
      const lines = ['sample,label,predicted', 'a.mp4,"<img src=x onerror=alert(1)>",run', 'b.mp4,run,run'];
      writeFileSync(join(folder, 'elsewhere.csv'), `${lines.join('\n')}\n`);
      cli(['import', 'elsewhere.csv', '--protocol', '10 clips × 3 crops']);
      await window.command('CoVeR: Refresh Models');
      const row = window.row('Models', 'elsewhere-1');
      await window.pane('Models', true);
      await row.click();
      const view = await window.webview('[data-head="elsewhere"] [data-testid="confusion"][data-cell]');
      await view.getByText('10 clips × 3 crops').first().waitFor();
      if ((await window.row('Runs', 'elsewhere-1').count()) > 0) throw new Error('It is among the runs too.');
      await shoot('evaluation-imported');
    },
  },
  {
    name: 'a study opens, and says what is left of it',
    run: async ({ window, folder, axe, shoot }) => {
      const datasets = ['motion-mini', 'shapes-mini'].map((name) => ({ name, kind: 'video' }));
      const study = { compare: ['coTraining', 'transfer'], seeds: [1] };
      const stored = { version: 1, name: 'mini', study, experiment: { name: 'cover', config: {} }, datasets, runs: {} };
      mkdirSync(join(folder, '.cover', 'studies', 'mini'), { recursive: true });
      writeFileSync(join(folder, '.cover', 'studies', 'mini', 'study.json'), JSON.stringify(stored));
      await window.command('CoVeR: Open Study');
      const view = await window.webview('[data-testid="study"]');
      await view.getByText(/^0 of \d+ runs finished$/).waitFor();
      await axe(view);
      await shoot('study');
    },
  },
];
