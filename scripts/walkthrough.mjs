// `node scripts/walkthrough.mjs`: takes the pictures of the walkthrough from the real workbench, over the tests' small workspace
// with a run that learned something (it trains for a minute or two). Writes media/walkthrough/<step>-<theme>.png.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { inspecting } from '../test/workbench/inspect.mjs';
import { preparedWorkspace, runCli } from '../test/workbench/prepared.mjs';
import { openWorkbench, prepareTools } from '../test/workbench/steps.mjs';

const pictures = join(dirname(dirname(fileURLToPath(import.meta.url))), 'media', 'walkthrough');
mkdirSync(pictures, { recursive: true });
const themes = { dark: ['#1f1f1f', '#cccccc', '#9d9d9d'], light: ['#ffffff', '#3b3b3b', '#767676'] };
/** Narrow, since the walkthrough shows its pictures small. */
const size = { width: 960, height: 640 };

const tools = prepareTools();
if (!tools) process.exit(1);
const context = await openWorkbench(tools, await preparedWorkspace(console.log));
const { window, folder } = context;
const { forEachTheme, tidy } = Object.assign(context, inspecting(context));
const said = [];
/** Runs the real command line, and notes what a terminal shows of it. */
const cover = (...args) => {
  const out = runCli(args, folder).trimEnd().split('\n');
  said.push({ command: `cover ${args.join(' ')}`, out: out.length > 9 ? [...out.slice(0, 8), '…'] : out });
};
try {
  cover('index');
  cover('train', '--experiment', 'longer', '--epochs', '20');
  const clips = clipsByLabel();
  cover('predict', clips[0].file, '--top', '2');
  const wrong = clips.map(({ file }, i) => `${file},${clips[(i + (i % 4 === 3 ? 1 : 0)) % clips.length].label},val`);
  writeFileSync(join(folder, 'clips.csv'), `path,label,split\n${wrong.join('\n')}\n`);

  await window.page.setViewportSize(size);
  await window.open(context.server.url, folder);
  await tidy();
  await window.expand('Datasets', 'motion-mini');
  await window.expand('Datasets', 'train');
  await take('datasets', '.part.sidebar', 420);

  await page('look', 'CoVeR: Open Dataset Page', '[data-testid="grid"]', async () => {
    const rows = window.quickRows().filter({ hasText: 'shapes-mini' }).first();
    await rows.click({ timeout: 5000 }).catch(() => {}); // with one dataset it does not ask
  });
  await page('train', 'CoVeR: Open Train Page', '[data-testid="train"][data-waiting="false"]');
  await page('judge', 'CoVeR: Open Evaluation', '[data-testid="confusion"]', () =>
    window.quickRows().filter({ hasText: 'longer-2' }).first().click(),
  );
  await hideSideBar();
  await window.openFile('clips.csv');
  await window.until('the predictions', () => window.page.locator('.view-line', { hasText: 'm: ' }).count(), 60_000);
  await take('inline', '.part.editor');
  await terminal();
  console.log(`Wrote ${pictures}: ${readdirSync(pictures).length} pictures`);
} finally {
  await context.close();
}

async function page(name, command, selector, between = async () => {}) {
  await window.closeEditors();
  await window.command(command);
  await between();
  await window.webview(selector, 60_000);
  await hideSideBar();
  await window.page.waitForTimeout(2500); // pictures and matrices are drawn
  await take(name, '.part.editor');
}

async function hideSideBar() {
  if (await window.page.locator('.part.sidebar').isVisible())
    await window.command('View: Toggle Primary Side Bar Visibility');
  await window.dismissNotifications();
}

/** A part of the workbench in each theme. */
async function take(name, part, width) {
  await forEachTheme(async (theme) => {
    if (!themes[theme]) return;
    await window.page.mouse.move(size.width / 2, size.height - 8);
    await window.page.waitForTimeout(700);
    const box = await window.page.locator(part).first().boundingBox();
    const clip = { x: box.x, y: box.y, width: Math.min(width ?? box.width, box.width), height: box.height };
    await write(`${name}-${theme}`, await window.page.screenshot({ clip }));
  });
}

/** What the command line said, as a terminal shows it. */
async function terminal() {
  const page = await window.page.context().newPage();
  await page.setViewportSize(size);
  for (const [theme, [background, foreground, dim]] of Object.entries(themes)) {
    await page.setContent(`<body style="margin:0;background:${background}"><pre></pre></body>`);
    await page.locator('pre').evaluate(
      (pre, { said, foreground, dim }) => {
        pre.style = `margin:0;padding:20px;color:${foreground};font:13px/19px monospace;white-space:pre;overflow:hidden`;
        for (const { command, out } of said) {
          const prompt = document.createElement('b');
          prompt.textContent = `$ ${command}\n`;
          const answer = document.createElement('span');
          answer.style.color = dim;
          answer.textContent = `${out.join('\n')}\n\n`;
          pre.append(prompt, answer);
        }
      },
      { said, foreground, dim },
    );
    await write(`cli-${theme}`, await page.screenshot());
  }
  await page.close();
}

async function write(name, png) {
  await sharp(png)
    .png({ palette: true, colours: 128, effort: 10 })
    .toFile(join(pictures, `${name}.png`));
}

/** One held-out clip of every class, as paths in the workspace. */
function clipsByLabel() {
  return ['motion-mini', 'shapes-mini'].flatMap((dataset) => {
    const held = join(dataset, 'val');
    return readdirSync(join(folder, held)).map((label) => ({
      label,
      file: join(held, label, readdirSync(join(folder, held, label))[0]),
    }));
  });
}
