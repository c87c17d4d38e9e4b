// Inline predictions in the real editor: hints beside the lines of a CSV, JSON Lines and Markdown, the fixes where label and model
// differ, the hover with its strip, and a list of 10,000 lines of which only what is visible is computed.
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const manyLines = 10_000;

export const steps = [
  {
    name: 'a CSV opens, and what every head says stands beside each visible line, in every theme',
    run: async (context) => {
      const { window, folder, forEachTheme, shoot } = context;
      const classes = classesIn(folder);
      const lines = classes.flatMap(({ label, files }, index) => {
        const other = classes[(index + 1) % classes.length].label;
        // One of the two labels at least is not what the model says.
        return [`${files[0]},${label},val`, `${files[0]},${other},val`, `${files[1]},"${label}",val`];
      });
      writeFileSync(join(folder, 'clips.csv'), `path,label,split\n${lines.join('\n')}\nnot/there.mp4,x,val\n`);
      await openList(window, 'clips.csv');
      await window.until('a hint beside every line', async () => (await hints(window)).length === lines.length);
      for (const hint of await hints(window))
        assert.match(hint, /^(≠ )?m: .+ [01]\.\d\d · s: .+ [01]\.\d\d · t: .+ [01]\.\d\d$/);
      assert.ok((await hints(window)).some((hint) => hint.startsWith('≠')));
      await forEachTheme((theme) => shoot(`inline-csv-${theme}`));
      context.list = true;
    },
  },
  {
    name: 'where label and model differ, a light bulb offers to accept, exclude and open; accepting edits the line',
    needs: 'list',
    run: async ({ window, folder, shoot }) => {
      const line = (await lineTexts(window)).findIndex((text) => text.includes('≠')) + 1;
      assert.ok(line > 1);
      await goTo(window, line, 'label');
      await window.page.keyboard.press('Control+.');
      const menu = window.page.locator('.action-widget:visible').first();
      await menu.waitFor();
      for (const title of ['Accept prediction', 'Exclude from training', 'Open clip'])
        await menu.getByText(title).first().waitFor();
      await shoot('inline-fixes');
      const accept = await menu.getByText('Accept prediction').first().textContent();
      const predicted = /"(.*)"/.exec(accept)[1];
      await menu.getByText('Accept prediction').first().click();
      await window.page.keyboard.press('Control+S');
      await window.until('the label in the file', () =>
        readFileSync(join(folder, 'clips.csv'), 'utf8').split('\n')[line - 1].includes(`,${predicted},val`),
      );
      await window.until('the line to agree', async () => {
        const text = (await lineTexts(window))[line - 1];
        return /m: /.test(text) && !text.includes('≠');
      });
    },
  },
  {
    name: 'the hover shows a strip of frames, the best classes of every head and how they were found',
    needs: 'list',
    run: async ({ window, forEachTheme, shoot }) => {
      const path = window.page.locator('.view-line', { hasText: '.mp4' }).nth(1).locator('span > span').first();
      const hover = window.page.locator('.monaco-hover:visible');
      await forEachTheme(async (theme) => {
        await window.page.mouse.move(640, 5);
        await path.hover({ position: { x: 60, y: 8 } });
        await hover.locator('table').first().waitFor();
        await window.until('the strip to be drawn', () =>
          hover
            .locator('img')
            .first()
            .evaluate((image) => image.complete && image.naturalWidth > image.naturalHeight * 3),
        );
        assert.equal(await hover.locator('th').count(), 3);
        assert.match(await hover.textContent(), /longer-1 · 1 clip × 1 centre crop/);
        await shoot(`inline-hover-${theme}`);
      });
      await window.page.mouse.move(640, 5);
    },
  },
  {
    name: 'toggled off nothing is shown, and on again at once',
    needs: 'list',
    run: async ({ window }) => {
      await window.command('CoVeR: Toggle Inline Predictions');
      await window.until('the hints to go', async () => (await hints(window)).length === 0);
      await window.command('CoVeR: Toggle Inline Predictions');
      await window.until('the hints to come back', async () => (await hints(window)).length > 5);
    },
  },
  {
    name: 'JSON Lines, JSON over several lines and Markdown have hints too',
    needs: 'list',
    run: async ({ window, folder, shoot }) => {
      const [{ label, files }, second] = classesIn(folder);
      const record = (path) => JSON.stringify({ path, label });
      writeFileSync(join(folder, 'clips.jsonl'), `${files.slice(0, 2).map(record).join('\n')}\n`);
      const objects = files.slice(0, 2).map((path) => ({ label, path }));
      writeFileSync(join(folder, 'objects.json'), `${JSON.stringify(objects, null, 2)}\n`);
      const notes = [
        '# Notes',
        '',
        `See [this clip](${files[0].replaceAll(' ', '%20')}), and then \`${second.files[0]}\`.`,
        'https://example.org/a.mp4 is no clip of ours.',
      ];
      writeFileSync(join(folder, 'notes.md'), `${notes.join('\n')}\n`);
      for (const [name, count] of [
        ['clips.jsonl', 2],
        ['objects.json', 2],
        ['notes.md', 2],
      ]) {
        await openList(window, name);
        await window.until(`hints in ${name}`, async () => (await hints(window)).length === count);
        await shoot(`inline-${name.replace('.', '-')}`);
      }
    },
  },
  {
    name: 'of a list of 10,000 lines only what is visible is computed, and a second opening finds it on the disk',
    needs: 'list',
    run: async ({ window, folder }) => {
      await writeMany(folder, manyLines);
      const before = computed(folder);
      await openList(window, 'many.csv');
      await window.until('the first hints', async () => (await hints(window)).length > 0);
      for (const key of ['Control+End', 'Control+Home', 'PageDown', 'PageDown', 'PageDown'])
        await window.page.keyboard.press(key);
      await window.until('hints where it came to rest', async () => {
        const shown = (await lineTexts(window)).filter((text) => text.includes('.mp4'));
        return shown.length > 10 && shown.slice(1, -1).every((text) => /m: /.test(text));
      });
      const after = computed(folder);
      assert.ok(after - before < 400, `${after - before} of ${manyLines} lines were computed`);
      await window.command('View: Close Editor');
      await openList(window, 'many.csv');
      await window.page.keyboard.press('Control+Home');
      await window.until('the first hints again', async () => (await hints(window)).length > 20);
    },
  },
];

/** Every class of motion-mini with paths of held-out clips from the workspace. */
function classesIn(folder) {
  const root = join('motion-mini', 'val');
  return readdirSync(join(folder, root))
    .toSorted()
    .map((label) => ({
      label,
      files: readdirSync(join(folder, root, label))
        .toSorted()
        .map((name) => `motion-mini/val/${label}/${name}`),
    }));
}

/** A list of clips under as many names; the bytes are there once. */
export async function writeMany(folder, count) {
  const clips = classesIn(folder).flatMap(({ label, files }) => files.map((file) => ({ label, file })));
  mkdirSync(join(folder, 'many'), { recursive: true });
  const lines = Array.from({ length: count }, (_, index) => {
    const { label, file } = clips[index % clips.length];
    const name = `many/${String(index).padStart(5, '0')}.mp4`;
    linkSync(join(folder, file), join(folder, name));
    return `${name},${label},train`;
  });
  writeFileSync(join(folder, 'many.csv'), `path,label,split\n${lines.join('\n')}\n`);
}

/** Clips that predictions are kept of. */
export function computed(folder) {
  const kept = join(folder, '.cover', 'inline');
  return readdirSync(kept).reduce(
    (sum, name) => sum + readFileSync(join(kept, name), 'utf8').split('\n').length - 1,
    0,
  );
}

export async function openList(window, name) {
  await window.openFile(name);
  await window.page.locator('.editor-instance .view-line').first().waitFor();
  await window.page.keyboard.press('Control+Home');
}

/** The visible lines' text with hints, in order from the top. */
export async function lineTexts(window) {
  const lines = await window.page.locator('.editor-instance .view-line').evaluateAll((found) =>
    found
      .map((line) => ({ top: Number.parseFloat(line.style.top), text: line.textContent }))
      .toSorted((a, b) => a.top - b.top)
      .map(({ text }) => text),
  );
  return lines.map((text) => text.replaceAll('\u00a0', ' '));
}

/** What stands beside the visible lines. */
export async function hints(window) {
  const pattern = /((?:≠ )?[mst]: \S.*? [01]\.\d\d(?: · [mst]: \S.*? [01]\.\d\d)*)/g;
  return (await lineTexts(window)).flatMap((text) => [...text.matchAll(pattern)].map((found) => found[1]));
}

async function goTo(window, line, column) {
  await window.page.keyboard.press('Control+G');
  const text = column === 'label' ? `:${line}:${40}` : `:${line}`;
  await window.input().fill(text);
  await window.page.keyboard.press('Enter');
}
