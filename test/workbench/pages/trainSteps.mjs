// The Train page: what a change comes to, saving beside comments, a real training that is stopped. Short: the page's own tests
// are test/webview/trainView.test.ts, the plan's test/runner/trainPlan.test.ts.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const settled = (view) => view.locator('[data-testid="train"][data-waiting="false"]').waitFor();

export const steps = [
  {
    name: 'the Train page opens and says what a change comes to, in every theme',
    run: async (context) => {
      const { window, folder, forEachTheme, axe, shoot } = context;
      const file = join(folder, 'cover.json');
      // A person's own words, which a save must keep.
      writeFileSync(file, readFileSync(file, 'utf8').replace('"experiments"', '// every night\n  "experiments"'));
      await window.command('CoVeR: Open Train Page');
      const view = await window.webview('[data-testid="train"]');
      await settled(view);
      const memory = async () => Number(await view.locator('[data-testid="needs"]').getAttribute('data-memory'));
      const before = await memory();
      await view.locator('[data-testid="preset-tiny"]').check({ force: true });
      await window.until('the memory to follow', async () => (await memory()) > before);
      await settled(view);
      assert.match(await view.locator('[data-testid="parameters"]').textContent(), /^7\.\d M$/);
      await view.locator('[data-testid="device-detail"]', { hasText: 'threads' }).waitFor();
      await forEachTheme(async (theme) => {
        await axe(view);
        await shoot(`train-${theme}`);
      });
      await view.locator('[data-testid="preset-nano"]').check({ force: true });
      await settled(view);
      context.train = view;
    },
  },
  {
    name: 'a few real steps tell how long it would take',
    needs: 'train',
    run: async ({ window, train, shoot }) => {
      await train.locator('[data-testid="measure"]').click();
      await window.until('the time', async () =>
        /≈ .*\(measured on \d+ steps\)/.test(await train.locator('[data-testid="time"]').textContent({ timeout: 500 })),
      );
      await shoot('train-measured');
    },
  },
  {
    name: 'saving changes cover.json where it was changed, and keeps comments',
    needs: 'train',
    run: async ({ window, train, folder }) => {
      await train.locator('[data-testid="field-coTraining.epochs"]').fill('40');
      await settled(train);
      await train.locator('[data-testid="save"]').click();
      await train.locator('[data-testid="notice"]', { hasText: 'Saved as' }).waitFor();
      const text = readFileSync(join(folder, 'cover.json'), 'utf8');
      assert.match(text, /\/\/ every night\n/);
      assert.match(text, /"epochs": 40/);
      await window.until(
        'nothing left to save',
        async () => (await train.locator('[data-testid="changes"]').count()) === 0,
      );
    },
  },
  {
    name: 'it starts what was chosen, the status bar tells of it, and it stops',
    needs: 'train',
    run: async ({ window, train, shoot }) => {
      await settled(train);
      await train.locator('[data-testid="start"]').click();
      const run = await window.webview('[data-testid="run"][data-state="running"]');
      const status = window.page.locator('.statusbar-item[id*="cover.status"]');
      await window.until('the step in the status bar', async () =>
        /short-\d+ \d+\/\d+/.test(await status.textContent()),
      );
      await shoot('train-started');
      await status.hover();
      await window.page.locator('.workbench-hover', { hasText: 'Stop' }).first().waitFor();
      await shoot('train-status');
      await run.locator('[data-testid="stop"]').click();
      await window.until(
        'the run to stop',
        async () => (await run.locator('[data-testid="run"]').getAttribute('data-state')) === 'cancelled',
      );
      await window.until('the device in the status bar', async () => !/\d+\/\d+/.test(await status.textContent()));
    },
  },
];
