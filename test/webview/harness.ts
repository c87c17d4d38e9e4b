// Opens a built view in headless Chromium as VS Code would: the same page and policy, the theme's colours, and a host
// that answers over the real endpoint. Tests that use it are skipped where there is no Chromium.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { Endpoint, type Handlers } from '../../src/protocol/endpoint.ts';
import { noSurface } from '../../src/protocol/runner.ts';
import type { Surface } from '../../src/protocol/surface.ts';
import { webviewHtml, webviewTransport } from '../../src/protocol/webviewTransport.ts';
import { type ThemeName, themes } from './themes.ts';

export const chromiumPath = process.env.CHROMIUM || '/usr/bin/chromium';
export const hasChromium = existsSync(chromiumPath);
if (!hasChromium) console.log(`Skipped: no Chromium at ${chromiumPath} (set CHROMIUM to its path).`);

/** As `expect.poll`, with patience for a machine that does other things too. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 20_000, interval: 50 });
}

const shots = resolve('test-results/webview');
const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
};

export interface Harness {
  /** Address of a file in the media folder, for the views. */
  mediaUrl(name: string): string;
  open<S extends Surface>(options: OpenOptions<S>): Promise<OpenView<S>>;
  close(): Promise<void>;
}

export interface OpenOptions<S extends Surface> {
  view: string;
  surface: S;
  handlers: Handlers<S>;
  theme?: ThemeName;
  width?: number;
  height?: number;
  /** What `getState` answers: where the person was. */
  state?: unknown;
  /** Done with the page before it loads the view. */
  before?: ((page: Page) => Promise<void>) | undefined;
}

export interface OpenView<S extends Surface> {
  page: Page;
  host: Endpoint<S, typeof noSurface>;
  /** Everything the page's policy refused and every error of its scripts. */
  complaints: string[];
  /** The last state the view asked to keep. */
  state(): unknown;
  /** Loads the page anew, as "Developer: Reload Webviews" does: its state is kept, its questions are forgotten. */
  reload(): Promise<void>;
  /** While held, questions stay open; what was asked meanwhile is answered afterwards, late. */
  hold(held: boolean): void;
  shot(name: string): Promise<void>;
}

/** Starts a server of dist/webview and `media`, and a browser. */
export async function startHarness(media: string): Promise<Harness> {
  const pages = new Map<string, string>();
  const server = await serve(pages, media);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      '--disable-background-media-suspend', // a page that is taken for hidden would stop its video
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  });
  return {
    mediaUrl: (name) => `${origin}/media/${encodeURIComponent(name)}`,
    open: (options) => openView(browser, origin, pages, options),
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function openView<S extends Surface>(
  browser: Browser,
  origin: string,
  pages: Map<string, string>,
  options: OpenOptions<S>,
): Promise<OpenView<S>> {
  const { view, surface, handlers, theme = 'dark', width = 1280, height = 800 } = options;
  const page = await browser.newPage({ viewport: { width, height }, locale: 'en-US', reducedMotion: 'reduce' });
  const complaints: string[] = [];
  let kept: unknown = options.state;
  const listeners: ((message: unknown) => void)[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  await page.exposeFunction('harnessPost', (message: unknown) => {
    for (const listener of listeners) listener(message);
  });
  await page.exposeFunction('harnessKeep', (state: unknown) => {
    kept = state;
  });
  await page.addInitScript(prepare, { theme: themes[theme], state: options.state });

  const transport = webviewTransport({
    post: (message) => {
      // A page that was closed meanwhile hears nothing, as in VS Code.
      page.evaluate((data) => window.postMessage(data, '*'), message).catch(() => {});
    },
    listen: (listener) => listeners.push(listener),
    closed: (listener) => page.once('close', () => listener('The view was closed.')),
  });
  let release = () => {};
  let free = Promise.resolve();
  const held = Object.fromEntries(
    Object.entries(handlers).map(([method, answer]) => [
      method,
      async (...asked: never[]) => {
        await free;
        return answer(...asked);
      },
    ]),
  ) as Handlers<S>;
  const host = new Endpoint(transport, surface, held, {}, noSurface);

  const path = `/page/${randomBytes(4).toString('hex')}`;
  const file = (name: string) => `${origin}/webview/${name}`;
  const nonce = randomBytes(16).toString('hex');
  pages.set(
    path,
    webviewHtml({ title: view, cspSource: origin, script: file(`${view}.js`), style: file(`${view}.css`), nonce }),
  );
  await options.before?.(page);
  await page.goto(origin + path);
  return {
    page,
    host,
    complaints,
    state: () => kept,
    reload: async () => {
      await page.reload();
    },
    hold: (isHeld) => {
      release();
      free = isHeld
        ? new Promise((resolve) => {
            release = resolve;
          })
        : Promise.resolve();
    },
    shot: async (name) => {
      mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
    },
  };
}

/** Runs in the page before its own scripts: the theme and the API that VS Code gives a webview. */
function prepare({ theme, state }: { theme: { kind: string; colors: Record<string, string> }; state: unknown }): void {
  const before = sessionStorage.getItem('kept');
  let kept = before === null ? state : JSON.parse(before);
  const page = window as unknown as Record<string, unknown> & {
    harnessPost(message: unknown): void;
    harnessKeep(state: unknown): void;
  };
  page.acquireVsCodeApi = () => ({
    postMessage: (message: unknown) => page.harnessPost(message),
    getState: () => kept,
    setState: (next: unknown) => {
      kept = next;
      sessionStorage.setItem('kept', JSON.stringify(next));
      page.harnessKeep(next);
    },
  });
  const dress = () => {
    for (const [name, value] of Object.entries(theme.colors)) document.documentElement.style.setProperty(name, value);
    document.body.className = theme.kind;
  };
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    observer.disconnect();
    dress();
  }).observe(document, { childList: true, subtree: true });
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`);
  });
}

async function serve(pages: Map<string, string>, media: string): Promise<Server> {
  const roots: Record<string, string> = { webview: resolve('dist/webview'), media: resolve(media) };
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://127.0.0.1').pathname);
    const html = pages.get(path);
    if (html !== undefined) return response.setHeader('Content-Type', 'text/html').end(html);
    if (path === '/favicon.ico') return response.writeHead(204).end();
    const [, root = '', ...rest] = path.split('/');
    const file = roots[root] && join(roots[root], normalize(`/${rest.join('/')}`));
    if (!file || !existsSync(file)) return response.writeHead(404).end();
    const data = await readFile(file);
    const headers = {
      'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      'Accept-Ranges': 'bytes',
      'Access-Control-Allow-Origin': '*',
    };
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (!range) return response.writeHead(200, { ...headers, 'Content-Length': data.length }).end(data);
    const from = Number(range[1]);
    const to = range[2] ? Math.min(Number(range[2]), data.length - 1) : data.length - 1;
    response
      .writeHead(206, {
        ...headers,
        'Content-Range': `bytes ${from}-${to}/${data.length}`,
        'Content-Length': to - from + 1,
      })
      .end(data.subarray(from, to + 1));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}
