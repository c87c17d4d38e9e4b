// The Datasets explorer over the prepared workspace: filtering, hovers, several rows at once, excluding, relabelling, undoing,
// dragging. Every step leaves the tree and the samples as it found them.
import assert from 'node:assert/strict';
import {
  classRow,
  dataset,
  edit,
  editsOf,
  leftOut,
  menu,
  openLeftOut,
  samples,
  undo,
  withClass,
} from '../explorer.mjs';

export const steps = [
  {
    name: 'the filter follows what is typed, and is taken back',
    run: async (context) => {
      const { window, shoot } = context;
      for (const other of ['Runs', 'Models']) await window.pane(other, false);
      const rows = window.tree('Datasets').locator('.monaco-list-row');
      await window.row('Datasets', dataset).waitFor();
      await window.settled('Datasets');
      const before = await rows.count();
      await window.command('CoVeR: Filter Samples…');
      await window.quickPick('Filter Samples');
      await window.input().pressSequentially('train-0002', { delay: 15 });
      const sample = window.row('Datasets', /^train-0002/);
      await sample.waitFor();
      const labels = () =>
        window.tree('Datasets').locator('.monaco-list-row[aria-level="4"] .label-name').allTextContents();
      await window.until('only samples with the text', async () => {
        const found = await labels();
        return found.length > 0 && found.every((name) => name.startsWith('train-0002'));
      });
      await shoot('explorer-filter');
      await window.page.keyboard.press('Enter');
      await window.treePane('Datasets').locator('.pane-header .description', { hasText: '"train-0002"' }).waitFor();
      await window.command('CoVeR: Clear Filter of Samples');
      await window.until('all rows again', async () => (await rows.count()) === before);
      await window.pane('Runs', true);
    },
  },
  {
    name: 'a sample that was found opens with a click, and the tree stays filtered',
    run: async ({ window }) => {
      for (const other of ['Runs', 'Models']) await window.pane(other, false);
      const filtered = window.treePane('Datasets').locator('.pane-header .description', { hasText: '"train-0002"' });
      await window.command('CoVeR: Filter Samples…');
      const box = await window.quickPick('Filter Samples');
      await window.input().pressSequentially('train-0002', { delay: 15 });
      await filtered.waitFor();
      await window.settled('Datasets');
      const found = await samples(window).count();
      await samples(window).first().click();
      await window.webview('[data-testid="clip"]');
      await box.waitFor({ state: 'hidden' });
      await filtered.waitFor();
      assert.equal(await samples(window).count(), found);
      await window.command('CoVeR: Clear Filter of Samples');
      await filtered.waitFor({ state: 'hidden' });
      await window.closeEditors();
      await window.pane('Runs', true);
    },
  },
  {
    name: 'a hover shows a frame of the sample',
    run: withClass(async ({ window, forEachTheme, shoot }, label) => {
      await forEachTheme(async (theme) => {
        await samples(window).first().locator('.label-name').hover();
        const picture = window.page.locator('.monaco-hover img').first();
        await window.until('the picture', () =>
          picture.evaluate((image) => image.complete && image.naturalWidth > 100),
        );
        await window.page.locator('.monaco-hover', { hasText: label }).first().waitFor();
        await shoot(`explorer-hover-${theme}`);
        await window.page.mouse.move(640, 5);
      });
    }),
  },
  {
    name: 'two selected samples are excluded, stand below "excluded", and come back with Undo',
    run: withClass(async (context) => {
      const { window, forEachTheme, shoot } = context;
      await samples(window).nth(0).click();
      await samples(window)
        .nth(1)
        .click({ modifiers: ['Control'] });
      await edit(context, 2, () => menu(window, samples(window).nth(1), 'Exclude from Training'));
      assert.ok(editsOf(context).every((edit) => edit.excluded && edit.id.startsWith(`${dataset}/`)));
      await openLeftOut(window, 2);
      assert.match(await window.row('Datasets', dataset).textContent(), /2 excluded/);
      await forEachTheme((theme) => shoot(`explorer-excluded-${theme}`));
      await undo(context, 0);
      assert.equal(await leftOut(window).count(), 0);
    }),
  },
  {
    name: 'a sample is given another class from a quick pick, and by dragging it there',
    run: withClass(async (context) => {
      const { window, shoot } = context;
      await menu(window, samples(window).first(), 'Relabel…', 'Relabel');
      const other = (await window.quickRows().nth(1).locator('.label-name').first().textContent()).trim();
      await shoot('explorer-relabel');
      await edit(context, 1, () => window.quickRows().nth(1).click());
      assert.equal(editsOf(context)[0].label, other);
      await edit(context, 2, () => samples(window).first().dragTo(classRow(window, other)));
      assert.deepEqual(
        editsOf(context).map(({ label }) => label),
        [other, other],
      );
      for (const left of [1, 0]) await undo(context, left);
    }),
  },
  {
    name: 'a sample is tagged from its row, another with the tag in use, and one tag is taken off',
    run: withClass(async (context) => {
      const { window, shoot } = context;
      const tagged = window.tree('Datasets').locator('.monaco-list-row', { hasText: '#to check' });
      await menu(window, samples(window).first(), 'Tag…', 'Tag');
      await window.input().fill('to check');
      await edit(context, 1, () => window.page.keyboard.press('Enter'));
      await menu(window, samples(window).nth(1), 'Tag…', 'Tag');
      await shoot('explorer-tag');
      await edit(context, 2, () => window.quickRows().first().click());
      assert.equal(await tagged.count(), 2);
      await shoot('explorer-tagged');
      await menu(window, tagged.first(), 'Remove Tag…', 'Remove Tag');
      await edit(context, 1, () => window.quickRows().first().click());
      await undo(context, 2);
      assert.equal(await tagged.count(), 2);
    }),
  },
  {
    name: 'names like a sample’s are found in all datasets, and the chosen one opens',
    run: withClass(async ({ window, shoot }) => {
      await menu(window, samples(window).first(), 'Find Similar Names…', 'Names like');
      const other = window.quickRows().filter({ hasText: 'shapes-mini' }).first();
      await other.waitFor();
      await shoot('explorer-similar');
      await other.click();
      await window.webview('[data-testid="clip"]');
    }),
  },
];
