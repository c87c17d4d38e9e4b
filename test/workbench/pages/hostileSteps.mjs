// Every page over a workspace whose names try to be more than names (test/fixtures/hostile): nothing in them runs, becomes
// an icon or a link, and the console stays silent.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostileNames } from '../../fixtures/hostile/names.mjs';
import { hostileRuns, makeHostileWorkspace } from '../../fixtures/hostile/workspace.mjs';
import { runCli } from '../prepared.mjs';
import { lineTexts, openList } from './inlineSteps.mjs';

export const steps = [
  {
    name: 'hostile names of datasets, classes and files are only names in the tree',
    run: async (context) => {
      const { window, server, shoot } = context;
      const folder = mkdtempSync(join(tmpdir(), 'cover-hostile-'));
      process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
      const textures = join(context.folder, 'textures-mini', 'train');
      const motion = join(context.folder, 'motion-mini', 'train');
      const pictures = readdirSync(textures).map((label) => firstIn(join(textures, label)));
      makeHostileWorkspace(folder, { pictures, clip: firstIn(join(motion, readdirSync(motion)[0])), cli: runCli });
      await window.open(server.url, folder);
      await window.sideBar();
      await window.expand('Datasets', 'a--');
      await window.expand('Datasets', 'train');
      await window.row('Datasets', hostileNames[0]).waitFor();
      await shoot('hostile-tree');
      const labels = await namesIn(window, 'Datasets');
      for (const name of hostileNames)
        assert.ok(labels.includes(asShown(name)), `${name} is not among ${labels.join('\n')}`);
      await nothingHappened(window);
      context.hostile = folder;
    },
  },
  {
    name: 'hostile names in tooltips',
    needs: 'hostile',
    run: async ({ window, shoot }) => {
      const row = window.row('Datasets', hostileNames[2]);
      await row.scrollIntoViewIfNeeded();
      await row.locator('.label-name').hover();
      await window.page
        .locator('.workbench-hover, .monaco-hover:visible')
        .filter({ hasText: 'free clips' })
        .first()
        .waitFor();
      await shoot('hostile-tooltip');
      await nothingHappened(window);
    },
  },
  {
    name: 'hostile names in a quick pick',
    needs: 'hostile',
    run: async ({ window, shoot }) => {
      await window.command('CoVeR: Open Evaluation');
      const row = window.quickRows().filter({ hasText: hostileRuns[0] }).first();
      await row.waitFor();
      await shoot('hostile-pick');
      await nothingHappened(window);
      await row.click();
    },
  },
  {
    name: 'hostile names on the evaluation page',
    needs: 'hostile',
    run: async ({ window, shoot }) => {
      const view = await window.webview('[data-testid="confusion"]');
      await view.locator('[data-testid="tab-a--"]').waitFor();
      await shoot('hostile-evaluation');
      await nothingHappened(window);
    },
  },
  {
    name: 'hostile names on the run page',
    needs: 'hostile',
    run: async ({ window, shoot }) => {
      await window.row('Runs', hostileRuns[0]).click();
      const view = await window.webview('[data-testid="run"][data-state="done"]');
      await view.locator('[data-testid="top1-a--"]').waitFor();
      await shoot('hostile-run');
      await nothingHappened(window);
    },
  },
  {
    name: 'hostile names in the clip view',
    needs: 'hostile',
    run: async ({ window, shoot }) => {
      await window.expand('Datasets', hostileNames[0]);
      await window.tree('Datasets').locator('.monaco-list-row[aria-level="4"]').first().click();
      const view = await window.webview('[data-testid="clip"]');
      await view.locator('[data-testid="head-a--"]').waitFor();
      await shoot('hostile-clip');
      await nothingHappened(window);
    },
  },
  {
    name: 'hostile names on the dataset page',
    needs: 'hostile',
    run: async ({ window, shoot }) => {
      await window.command('CoVeR: Open Dataset Page');
      await window.quickRows().filter({ hasText: 'a--' }).first().click();
      const view = await window.webview('[data-testid="sample"] img.poster');
      await view.locator('[data-testid="classes"]').waitFor();
      await view.locator('[data-testid="tags-plot"]').waitFor();
      await shoot('hostile-dataset');
      await nothingHappened(window);
      await view.locator('.sample', { has: view.locator('[data-testid="tags"]') }).click();
      await view.locator('[data-testid="untag"]').click();
      await window.quickPick('Remove Tag');
      await shoot('hostile-tags');
      await nothingHappened(window);
      await window.page.keyboard.press('Escape');
    },
  },
  {
    name: 'hostile names on the Train page',
    needs: 'hostile',
    run: async ({ window, shoot }) => {
      await window.command('CoVeR: Open Train Page');
      const view = await window.webview('[data-testid="train"][data-waiting="false"]');
      await view.getByText('x..').first().waitFor();
      await shoot('hostile-train');
      await nothingHappened(window);
      await window.closeEditors();
    },
  },
  {
    name: 'hostile names in the hints and hovers of a list',
    needs: 'hostile',
    run: async ({ window, shoot }) => {
      await openList(window, 'labels.csv');
      await window.until(
        'hints beside the lines',
        async () => (await lineTexts(window)).filter((line) => /x: .* [01]\.\d\d/.test(line)).length === 8,
      );
      await window.page.locator('.view-line', { hasText: 'free' }).first().locator('span > span').first().hover();
      await window.page.locator('.monaco-hover:visible table').first().waitFor();
      await shoot('hostile-inline');
      await nothingHappened(window);
      const links = await window.page.locator('.monaco-hover:visible a').allTextContents();
      assert.deepEqual(
        links.filter((text) => /free|\[x\]|javascript/.test(text)),
        [],
      );
    },
  },
];

function firstIn(folder) {
  return join(folder, readdirSync(folder)[0]);
}

/** Characters that turn the direction of text are shown as such. */
function asShown(name) {
  return name.replace(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd').trim();
}

/** What the rows that can be seen are called. */
async function namesIn(window, tree) {
  const seen = new Set();
  const list = window.tree(tree);
  await list.hover();
  for (let page = 0; page < 6; page++) {
    for (const text of await list.locator('.label-name').allTextContents()) seen.add(text.trim());
    await window.page.mouse.wheel(0, 120);
    await window.page.waitForTimeout(100);
  }
  return [...seen];
}

/** Nothing of a name ran, and none became a link that runs a command or an icon. */
async function nothingHappened(window) {
  for (const frame of window.page.frames()) assert.equal(await frame.evaluate(() => globalThis.__pwned), undefined);
  const links = await window.page.locator('a[href^="command:"], a[data-href^="command:"]').allTextContents();
  assert.ok(!links.some((text) => /free clips/.test(text)), 'a name became a link to a command');
  const trash = window.page.locator(
    '.pane-body .codicon-trash, .quick-input-list .codicon-trash, .notification-toast .codicon-trash',
  );
  assert.equal(await trash.count(), 0, 'a name became an icon');
}
