// How quickly the evaluation page paints a matrix, and how many frames a second it draws while one is dragged and zoomed, beside a
// loop that only clears a canvas of the same size. The page is the built one, in headless Chromium (CHROMIUM: its path); its host
// is a function of the page itself, so that no other process takes part.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { type Browser, chromium, type Page } from 'playwright-core';
import { Random } from '../src/base/random.ts';
import type { ShownEvaluation } from '../src/protocol/evaluation.ts';
import { packCells } from '../src/protocol/matrixCells.ts';
import { webviewHtml } from '../src/protocol/webviewTransport.ts';

const sizes = process.argv.slice(2).map(Number);
const classes = sizes.length > 0 ? sizes : [10, 174, 400, 700];
const frames = 180;

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { origin, close } = await serve();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'],
  });
  try {
    console.log(`Chromium ${browser.version()} without a GPU, ${cpus()[0]?.model} × ${cpus().length}; 1280 × 800.`);
    console.log('classes | data → painted | clustered | frames/s empty | dragging | zooming | 95 % of frames within');
    for (const count of classes) console.log(await measured(browser, origin, count));
  } finally {
    await browser.close();
    close();
  }
}

async function measured(browser: Browser, origin: string, count: number): Promise<string> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(hostInPage, evaluation(count));
  await page.goto(`${origin}/page`);
  await page.locator('[data-testid=confusion][data-cell]').waitFor();
  await page.waitForTimeout(500);
  const painted = await page.evaluate(() => {
    const { measured } = window as unknown as { measured: { told: number; painted: number } };
    return measured.painted - measured.told;
  });
  const ordered = await orderTime(page);
  const empty = await page.evaluate(drawEmpty, frames);
  const dragged = await page.evaluate(move, { frames, kind: 'drag' as const });
  const zoomed = await page.evaluate(move, { frames, kind: 'zoom' as const });
  await page.close();
  const rate = (deltas: number[]) => 1000 / (deltas.reduce((sum, value) => sum + value, 0) / deltas.length);
  const late = dragged.toSorted((a, b) => a - b)[Math.floor(dragged.length * 0.95)]!;
  const share = (deltas: number[]) =>
    `${rate(deltas).toFixed(1)} (${((100 * rate(deltas)) / rate(empty)).toFixed(0)} %)`;
  return [
    String(count).padStart(7),
    `${painted.toFixed(0)} ms`,
    `${ordered.toFixed(0)} ms`,
    rate(empty).toFixed(1),
    share(dragged),
    share(zoomed),
    `${late.toFixed(1)} ms`,
  ].join(' | ');
}

/** From the choice of another order to the frame that shows it. */
async function orderTime(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const dropdown = document.querySelector('[data-testid=order]') as HTMLElement & { value: string };
    const start = performance.now();
    dropdown.value = 'similar';
    dropdown.dispatchEvent(new Event('change'));
    const matrix = document.querySelector('[data-testid=confusion]') as HTMLElement;
    const before = matrix.dataset.order;
    while (matrix.dataset.order === before && performance.now() - start < 5000)
      await new Promise((done) => requestAnimationFrame(done));
    return performance.now() - start;
  });
}

/** Runs in the page before its own scripts: a host that answers at once, and when the matrix was first painted. */
function hostInPage(shown: ShownEvaluation): void {
  const page = window as unknown as Record<string, unknown>;
  const times = { told: 0, painted: 0 };
  page.measured = times;
  const answers: Record<string, () => unknown> = {
    'evaluationView/ready': () => ({
      summary: { run: 'bench', folder: '/bench', state: 'done', heads: {} },
      heads: ['bench'],
      others: [],
    }),
    'evaluationView/head': () => {
      times.told = performance.now();
      return shown;
    },
    'evaluationView/curves': () => [],
    'evaluationView/cell': () => [],
  };
  page.acquireVsCodeApi = () => ({
    postMessage: ({ id, method }: { id: number; method: string }) => {
      const result = answers[method]?.() ?? {};
      window.postMessage({ id, result }, '*');
    },
    getState: () => undefined,
    setState: () => undefined,
  });
  document.addEventListener('DOMContentLoaded', () => {
    document.body.className = 'vscode-dark';
    document.documentElement.style.setProperty('--vscode-editor-background', '#1f1f1f');
    document.documentElement.style.setProperty('--vscode-foreground', '#cccccc');
    new MutationObserver((_, observer) => {
      if (!document.querySelector('[data-testid=confusion][data-cell]')) return;
      observer.disconnect();
      // The frame that shows it is over when the next one begins.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          times.painted = performance.now();
        }),
      );
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
  });
}

/** Times between frames while a canvas of the matrix's size is cleared. */
async function drawEmpty(count: number): Promise<number[]> {
  const like = document.querySelector('[data-testid=confusion] canvas') as HTMLCanvasElement;
  const canvas = document.createElement('canvas');
  canvas.width = like.width;
  canvas.height = like.height;
  like.parentElement!.append(canvas);
  const context = canvas.getContext('2d')!;
  const deltas: number[] = [];
  let last = await new Promise<number>((done) => requestAnimationFrame(done));
  for (let i = 0; i < count; i++) {
    const now = await new Promise<number>((done) => requestAnimationFrame(done));
    context.clearRect(0, 0, canvas.width, canvas.height);
    deltas.push(now - last);
    last = now;
  }
  canvas.remove();
  return deltas;
}

/** Times between frames while the matrix is dragged in a circle, or zoomed in and out. */
async function move({ frames: count, kind }: { frames: number; kind: 'drag' | 'zoom' }): Promise<number[]> {
  const matrix = document.querySelector('[data-testid=confusion]') as HTMLElement;
  const box = matrix.getBoundingClientRect();
  const [x, y] = [box.left + box.width * 0.55, box.top + box.height * 0.6];
  const at = (dx: number, dy: number) => ({ clientX: x + dx, clientY: y + dy, bubbles: true, cancelable: true });
  const frame = () => new Promise<number>((done) => requestAnimationFrame(done));
  const wheel = (deltaY: number) => matrix.dispatchEvent(new WheelEvent('wheel', { ...at(0, 0), deltaY }));
  matrix.setPointerCapture = () => undefined; // there is no real pointer
  if (kind === 'drag') {
    for (let i = 0; i < 12; i++) wheel(-120); // so that there is something to drag
    await frame();
    await frame();
    matrix.dispatchEvent(new PointerEvent('pointerdown', { ...at(0, 0), button: 0, buttons: 1 }));
  }
  const deltas: number[] = [];
  let last = await frame();
  for (let i = 0; i < count; i++) {
    const angle = (i / count) * Math.PI * 4;
    if (kind === 'drag')
      matrix.dispatchEvent(
        new PointerEvent('pointermove', { ...at(200 * Math.sin(angle), 150 * Math.cos(angle)), buttons: 1 }),
      );
    else wheel(Math.sin(angle) * 60);
    const now = await frame();
    deltas.push(now - last);
    last = now;
  }
  if (kind === 'drag') matrix.dispatchEvent(new PointerEvent('pointerup', at(0, 0)));
  return deltas;
}

/** A head that is right on two of three, and otherwise mostly among ten classes like it. */
function evaluation(count: number): ShownEvaluation {
  const random = new Random(count);
  const confusion = new Int32Array(count * count);
  for (let truth = 0; truth < count; truth++) {
    for (let i = 0; i < 50; i++) {
      const like = Math.min(count - 1, truth - (truth % 10) + random.below(10));
      const predicted = random.uniform() < 0.67 ? truth : random.uniform() < 0.7 ? like : random.below(count);
      confusion[truth * count + predicted]!++;
    }
  }
  const labels = Array.from({ length: count }, (_, i) => `class number ${i}`);
  return {
    ...{ run: 'bench', head: 'bench', dataset: 'bench', split: 'val', protocol: '1 clip × 1 crop' },
    classes: labels,
    ...{ samples: 50 * count, missing: 0, top1: 0.67, top1Interval: null, top5: null, meanClass: 0.67 },
    cells: packCells(confusion),
    perClass: labels.map((label) => ({ label, support: 50, precision: 0.7, recall: 0.67, f1: 0.68 })),
  };
}

async function serve() {
  let origin = '';
  const server = createServer((request, response) => {
    const name = request.url?.replace(/^\//, '') ?? '';
    if (name === 'page') {
      const file = (ending: string) => `${origin}/evaluation.${ending}`;
      response.setHeader('Content-Type', 'text/html');
      return response.end(
        webviewHtml({ title: 'bench', cspSource: origin, script: file('js'), style: file('css'), nonce: 'bench' }),
      );
    }
    if (name !== 'evaluation.js' && name !== 'evaluation.css') return response.writeHead(404).end();
    response.setHeader('Content-Type', name.endsWith('js') ? 'text/javascript' : 'text/css');
    return response.end(readFileSync(`dist/webview/${name}`));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, close: () => server.close() };
}
