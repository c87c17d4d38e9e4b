// `node scripts/pictures.mjs [DIR]`: takes the README's pictures from the real workbench, showing the newest run of DIR
// (default: the sample workspace that `npm start` made). Writes media/pictures/{run,evaluation,clip}.png.
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installWorkbench } from '../test/workbench/install.mjs';
import { startServer } from '../test/workbench/server.mjs';
import { openBrowser, Window } from '../test/workbench/window.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = resolve(process.argv[2] ?? join(root, '.cover-sample'));
const pictures = join(root, 'media', 'pictures');
mkdirSync(pictures, { recursive: true });

const server = await startServer(installWorkbench(console.log));
const browser = await openBrowser();
try {
  const window = new Window(browser.page);
  const take = async (name) => {
    await window.page.mouse.move(640, 790); // nothing is pointed at
    await window.page.waitForTimeout(800);
    await window.page.screenshot({ path: join(pictures, `${name}.png`) });
  };
  await window.open(server.url, folder);
  await window.sideBar();
  const run = window.tree('Runs').locator('.monaco-list-row').first();
  await run.click();
  const view = await window.webview('[data-testid="run"]', 60_000);
  await window.until('the curves', async () =>
    Number(await view.locator('[data-testid="chart-loss"]').getAttribute('data-points')),
  );
  await take('run');

  await view.locator('[data-testid="open-evaluation"]').click();
  const evaluation = await window.webview('[data-testid="confusion"]', 60_000);
  await evaluation.locator('[data-testid="pair"]').first().click();
  const sample = evaluation.locator('[data-testid="sample"]').first();
  await sample.waitFor();
  await take('evaluation');

  await sample.click();
  const clip = await window.webview('[data-testid="clip"]', 60_000);
  await clip.locator('[data-testid="predictions"]').waitFor({ timeout: 60_000 });
  await take('clip');
  console.log(`Wrote ${pictures}`);
} finally {
  await browser.close();
  await server.stop();
}
