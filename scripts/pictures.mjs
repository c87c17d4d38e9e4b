// `node scripts/pictures.mjs [DIR]`: takes the README's pictures from the real workbench, in the dark theme, showing the newest
// run of DIR (default: the sample workspace that `npm start` made; `cover index --probe` first fills the plot of resolutions).
// Writes media/pictures/{run,evaluation,clip,dataset,inline}.png.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { installWorkbench } from '../test/workbench/install.mjs';
import { quietSettings, startServer } from '../test/workbench/server.mjs';
import { openBrowser, Window } from '../test/workbench/window.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = resolve(process.argv[2] ?? join(root, '.cover-sample'));
const pictures = join(root, 'media', 'pictures');
const [video, shown] = ['motion-mini', 'shapes-mini'];
const list = join(folder, 'clips.csv');
const settings = {
  ...quietSettings,
  'workbench.colorTheme': 'Dark Modern',
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false,
};
if (existsSync(list)) throw new Error(`${list} is there already, and would be written over.`);
mkdirSync(pictures, { recursive: true });

const server = await startServer(installWorkbench(console.log), { settings });
const browser = await openBrowser();
const window = new Window(browser.page);
try {
  await window.open(server.url, folder);
  await window.sideBar();
  await window.pane('Models', false);
  const run = window.tree('Runs').locator('.monaco-list-row').first();
  await run.click();
  const name = (await run.locator('.label-name').textContent()).trim();
  const view = await window.webview('[data-testid="run"]', 60_000);
  await window.until('the curves', async () =>
    Number(await view.locator('[data-testid="chart-loss"]').getAttribute('data-points')),
  );
  await take('run');

  await view.locator('[data-testid="open-evaluation"]').click();
  const evaluation = await window.webview('[data-testid="confusion"][data-cell]', 60_000);
  await evaluation.locator('[data-testid="pair"]').first().click();
  const sample = evaluation.locator('[data-testid="sample"]').first();
  await sample.waitFor();
  await toggleSideBar();
  await take('evaluation');

  await sample.click();
  const clip = await window.webview('[data-testid="clip"]', 60_000);
  await clip.locator('[data-testid="predictions"]').waitFor({ timeout: 60_000 });
  await clip.locator('[data-testid="attention"]').click();
  await clip.locator('[data-testid="heat"]').waitFor();
  await take('clip');
  await toggleSideBar();

  await window.closeEditors();
  await window.pane('Runs', false);
  await window.command('CoVeR: Open Dataset Page');
  await window.quickRows().filter({ hasText: shown }).click();
  const page = await window.webview('[data-testid="sample"] img.poster', 60_000);
  await page.locator('[data-testid="predictions"]').click();
  await page.getByRole('option', { name: `${name} · ${shown}` }).click();
  await page.locator('[data-testid="correctness"] [data-key="wrong"]').click();
  await window.expand('Datasets', shown);
  await window.expand('Datasets', 'val');
  const label = window.tree('Datasets').locator('.monaco-list-row[aria-level="3"]').first();
  await window.expand('Datasets', (await label.locator('.label-name').textContent()).trim());
  await window.page.waitForTimeout(2000); // the posters come
  await take('dataset');

  await window.closeEditors();
  writeFileSync(list, clips());
  await toggleSideBar();
  await window.openFile('clips.csv');
  await window.until('the predictions', () => window.page.locator('.view-line', { hasText: 'm: ' }).count(), 60_000);
  await window.page.waitForTimeout(4000); // those of all lines
  await hoverPath();
  await take('inline', false);
  console.log(`Wrote ${pictures}`);
} finally {
  rmSync(list, { force: true });
  await browser.close();
  await server.stop();
}

/** Of the whole window; nothing is pointed at, but where `rests` is false. */
async function take(name, rests = true) {
  if (rests) {
    await window.dismissNotifications();
    await window.page.mouse.move(640, 790);
  }
  await window.page.waitForTimeout(1200);
  const png = await window.page.screenshot();
  await sharp(png)
    .png({ palette: true, colours: 256, effort: 10 })
    .toFile(join(pictures, `${name}.png`));
}

async function toggleSideBar() {
  await window.command('View: Toggle Primary Side Bar Visibility');
  await window.page.waitForTimeout(500);
}

/** The hover of a path in the middle of the list, with its strip of frames. */
async function hoverPath() {
  await window.dismissNotifications();
  const path = window.page.locator('.view-line', { hasText: '.mp4' }).nth(4).locator('span > span').first();
  await path.hover({ position: { x: 60, y: 8 } });
  const strip = window.page.locator('.monaco-hover:visible img').first();
  await window.until('the strip', () => strip.evaluate((image) => image.complete && image.naturalWidth > 200));
}

/** A list of held-out clips, three of every class; every fifth label is that of the next class. */
function clips() {
  const held = join(folder, video, 'val');
  const classes = readdirSync(held).toSorted();
  const files = classes.flatMap((label, at) =>
    readdirSync(join(held, label))
      .toSorted()
      .slice(0, 3)
      .map((file) => ({ path: `${video}/val/${label}/${file}`, label, other: classes[(at + 1) % classes.length] })),
  );
  const lines = files.map(({ path, label, other }, at) => `${path},${at % 5 === 3 ? other : label}`);
  return `path,label\n${lines.join('\n')}\n`;
}
