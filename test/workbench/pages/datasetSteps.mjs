// The dataset page. Short: the page's own tests are test/webview/datasetView.test.ts.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { preparedRuns } from '../prepared.mjs';

const byTest = (view, id) => view.locator(`[data-testid="${id}"]`);

export const steps = [
  {
    name: 'a dataset opens from the palette with its pictures; plots and predictions filter, in every theme',
    run: async ({ window, forEachTheme, axe, shoot }) => {
      await window.command('CoVeR: Open Dataset Page');
      await window.quickRows().filter({ hasText: 'textures-mini' }).click();
      const view = await window.webview('[data-testid="sample"] img.poster');
      await window.until('a picture to load', () =>
        view.evaluate(() => [...document.querySelectorAll('img.poster')].some((image) => image.naturalWidth > 0)),
      );
      await byTest(view, 'predictions').click();
      await view.getByRole('option', { name: `${preparedRuns[1]} · textures-mini` }).click();
      await byTest(view, 'correctness').locator('[data-key="none"]').waitFor();
      await forEachTheme(async (theme) => {
        await axe(view);
        await shoot(`dataset-${theme}`);
      });
      const counted = () => byTest(view, 'count').textContent();
      const all = await counted();
      await byTest(view, 'classes').locator('g').first().click();
      await window.until('the class alone', async () => (await counted()).includes(' of '));
      await byTest(view, 'chip-labels').click();
      await window.until('all samples', async () => (await counted()) === all);
    },
  },
  {
    name: 'a sample excluded on the page is dimmed, kept in cover.edits.jsonl, and included again',
    run: async ({ window, folder }) => {
      const view = await window.webview('[data-testid="grid"]');
      const card = view.locator('[data-place="0"]');
      const id = (await card.getAttribute('title')).split('\n')[0];
      await card.click();
      await byTest(view, 'exclude').click();
      // Excluded samples stand at the end of their class.
      await view.locator(`.sample.excluded[title^="${id}"]`).waitFor();
      const edits = join(folder, 'cover.edits.jsonl');
      if (!readFileSync(edits, 'utf8').includes(JSON.stringify(id))) throw new Error(`${id} is not in ${edits}.`);
      await view.locator(`.sample.excluded[title^="${id}"]`).click();
      await byTest(view, 'include').click();
      await window.until('it to be included', async () => (await view.locator('.sample.excluded').count()) === 0);
      if (existsSync(edits) && readFileSync(edits, 'utf8').includes(id)) throw new Error(`${id} is still in ${edits}.`);
    },
  },
  {
    name: 'a tag is put on two samples, stands on their cards, filters, and is undone',
    run: async ({ window, folder, shoot }) => {
      const view = await window.webview('[data-testid="grid"]');
      const counted = () => byTest(view, 'count').textContent();
      const all = await counted();
      await view.locator('[data-place="0"]').click();
      await view.locator('[data-place="2"]').click({ modifiers: ['Control'] });
      await byTest(view, 'tag').click();
      await window.quickPick('Tag 2 samples');
      await window.input().fill('to check');
      await window.page.keyboard.press('Enter');
      await view.locator('[data-testid="tags-plot"] [data-key="to check"]').click();
      await window.until('the two', async () => (await counted()).startsWith('2 of '));
      if ((await byTest(view, 'tags').count()) !== 2) throw new Error('The cards do not show their tag.');
      await shoot('dataset-tagged');
      const edits = readFileSync(join(folder, 'cover.edits.jsonl'), 'utf8');
      if (edits.match(/"tags":\["to check"\]/g)?.length !== 2) throw new Error(`The tags are not in ${edits}`);
      await window.command('CoVeR: Undo Last Edit');
      await window.until('no tag', async () => (await byTest(view, 'tags-plot').count()) === 0);
      await byTest(view, 'chip-tags').click();
      await window.until('all samples', async () => (await counted()) === all);
    },
  },
  {
    name: 'a class folder that is added shows up with its picture, and goes again',
    run: async ({ window, folder }) => {
      const view = await window.webview('[data-testid="grid"]');
      const [id] = (await view.locator('[data-place="0"]').getAttribute('title')).split('\n');
      const added = join(folder, 'textures-mini', 'train', 'added class');
      const counted = () => byTest(view, 'facts').textContent();
      const before = await counted();
      mkdirSync(added);
      cpSync(join(folder, id), join(added, 'copy.png'));
      const page = await window.webview('[data-testid="classes"] [data-key="added class"]');
      await page.locator('[data-testid="classes"] [data-key="added class"]').click();
      const shown = await window.webview('.sample[title*="added class"] img.poster');
      await window.until('its picture', () =>
        shown.locator('.sample[title*="added class"] img.poster').evaluate((image) => image.naturalWidth > 0),
      );
      rmSync(added, { recursive: true });
      await byTest(shown, 'clear').click();
      await window.until('it to be gone', async () => (await byTest(shown, 'facts').textContent()) === before);
    },
  },
];
