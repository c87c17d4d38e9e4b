// Drives the workbench as a person does: the palette, quick picks, tree rows, webviews, notifications.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const browsers = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Until something is taken for missing, in ms. Long: a build's machine may be many times slower than a person's. */
const patience = 60_000;

/** The installed Chromium; undefined where there is none. */
export function findChromium() {
  return browsers.find((path) => path !== undefined && existsSync(path));
}

/** A browser of 1280 × 800 with a profile of its own that reaches this machine only. */
export async function openBrowser() {
  const profile = mkdtempSync(join(tmpdir(), 'cover-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    headless: true,
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1,
    locale: 'en-US',
    timezoneId: 'UTC',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  return {
    page,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** One workbench window. Times are in ms. */
export class Window {
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(patience);
    /** What the webviews and the workbench wrote to the console as errors. */
    this.consoleErrors = [];
    page.on('console', (message) => {
      if (message.type() === 'error') this.consoleErrors.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.consoleErrors.push(String(error)));
  }

  async open(url, folder) {
    await this.page.goto(`${url}/?folder=${encodeURIComponent(folder)}`, { waitUntil: 'domcontentloaded' });
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
  }

  /** Loads the window anew as a person does: the editor puts down first what is open. */
  async reload() {
    const loaded = this.page.waitForEvent('domcontentloaded');
    await this.command('Developer: Reload Window');
    await loaded;
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
  }

  /** Runs a command from the palette by its title. */
  async command(title) {
    await this.retry(`the command ${title}`, async () => {
      await this.page.keyboard.press('F1');
      const input = this.input();
      await input.waitFor({ timeout: 5000 });
      await input.fill(`>${title}`, { timeout: 5000 }); // a page that opens meanwhile takes the focus, and it is gone
      const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
      await row.waitFor({ timeout: 8000 });
      await row.click();
    });
  }

  /** The visible quick input's text field. */
  input() {
    return this.page
      .locator('.quick-input-widget:visible input[type=text], .quick-input-widget:visible input.input')
      .first();
  }

  /** Waits for the quick pick whose title has this text. */
  async quickPick(title) {
    const widget = this.page.locator('.quick-input-widget:visible').filter({ hasText: title });
    await widget.waitFor();
    return widget;
  }

  /** Text of the rows of the open quick pick. */
  quickRows() {
    return this.page.locator('.quick-input-list .monaco-list-row');
  }

  /** The CoVeR side bar; opened where it is not. */
  async sideBar() {
    const view = this.page.locator('.sidebar .composite.title', { hasText: 'CoVeR' });
    const icon = this.page.locator('.activitybar .action-label[aria-label^="CoVeR"]');
    await this.toggle(
      'the CoVeR side bar',
      () => view.isVisible(),
      () => icon.click(),
    );
  }

  /**
   * Clicks what opens or shuts something until `isThere`. A click is given time to take effect before the next, which would
   * undo it; and a window that is starting may bring back by itself what a click at that moment shuts again.
   */
  async toggle(what, isThere, click) {
    await this.until(what, async () => {
      if (await isThere()) return true;
      await click();
      return this.until(what, isThere, 3000).catch(() => false);
    });
  }

  tree(name) {
    return this.page.locator(`.pane-body .monaco-list[aria-label="${name}"]`);
  }

  row(tree, text) {
    return this.tree(tree).locator('.monaco-list-row', { hasText: text }).first();
  }

  /** Opens a tree row that has children. */
  async expand(tree, text) {
    const row = this.row(tree, text);
    await row.waitFor();
    await this.toggle(
      `${text} to open`,
      async () => (await row.getAttribute('aria-expanded')) === 'true',
      () => row.locator('.monaco-tl-twistie').click(),
    );
  }

  /** Waits until the rows of a tree have stayed where they are for a while, without progress, and takes the pointer off them. */
  async settled(tree, stillMs = 700) {
    await this.page.mouse.move(1050, 5);
    const progress = this.treePane(tree).locator('.monaco-progress-container.active');
    let before;
    let since = Date.now();
    await this.until(`the rows of ${tree} to stand still`, async () => {
      const busy = await progress.count();
      const now = `${busy} ${await this.rowsOf(tree)}`;
      if (now !== before) since = Date.now();
      before = now;
      return busy === 0 && Date.now() - since >= stillMs;
    });
  }

  /** A tree's rows and where they are, as a text. */
  async rowsOf(tree) {
    const rows = this.tree(tree).locator('.monaco-list-row');
    const found = await rows.evaluateAll((all) => all.map((row) => `${row.style.top} ${row.ariaLabel}`).toSorted());
    return found.join('\n');
  }

  treePane(tree) {
    return this.page.locator('.pane', { has: this.tree(tree) });
  }

  async collapseAll(tree) {
    const pane = this.treePane(tree);
    await pane.locator('.pane-header').hover();
    await pane.locator('.pane-header .action-label[aria-label="Collapse All"]').click();
  }

  /** The frames of all webviews of extensions. */
  webviews() {
    return this.page
      .frames()
      .filter((frame) => !frame.isDetached() && frame.parentFrame() && /\/fake\.html/.test(frame.url()));
  }

  /** Opens or closes a view of the side bar by its name: rows beyond a view's height are not in the page. */
  async pane(name, isOpen) {
    const header = this.page.locator('.sidebar .pane-header', { hasText: name }).first();
    await this.toggle(
      `${name} to ${isOpen ? 'open' : 'close'}`,
      async () => (await header.getAttribute('aria-expanded')) === String(isOpen),
      () => header.locator('.title').click(),
    );
  }

  /** The frame of an extension's webview that has this selector. */
  webview(selector, timeout = patience) {
    return this.until(
      `a view with ${selector}`,
      async () => {
        for (const frame of this.webviews()) {
          const element = frame.locator(selector).first();
          if ((await element.count()) > 0 && (await element.isVisible())) return frame;
        }
        return undefined;
      },
      timeout,
    );
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name) {
    await this.retry(name, async () => {
      await this.page.keyboard.press('Control+P');
      await this.input().fill(name, { timeout: 5000 });
      await this.quickRows().filter({ hasText: name }).first().click({ timeout: 8000 });
      await this.page.locator('.tab.active', { hasText: name }).waitFor({ timeout: 5000 });
    });
  }

  notification(text) {
    return this.page.locator('.notification-toast', { hasText: text }).first();
  }

  async dismissNotifications() {
    await this.page.keyboard.press('Escape');
    await this.command('Notifications: Clear All Notifications');
  }

  async closeEditors() {
    await this.command('View: Close All Editors');
  }

  /** Waits until `probe` gives something, and returns it. */
  async until(what, probe, timeout = patience) {
    let last;
    for (const start = Date.now(); Date.now() - start < timeout; await this.page.waitForTimeout(100)) {
      try {
        const value = await probe();
        if (value) return value;
      } catch (error) {
        last = error;
      }
    }
    throw new Error(`waited ${timeout / 1000} s for ${what}${last ? ` (${String(last).split('\n')[0]})` : ''}`);
  }

  async retry(what, action) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await action();
      } catch (error) {
        if (attempt === 4) throw new Error(`${what}: ${error.message.split('\n')[0]}`);
        await this.page.keyboard.press('Escape');
        await this.page.waitForTimeout(500);
      }
    }
  }
}
