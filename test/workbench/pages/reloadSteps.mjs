// Every page loaded anew: in the middle of its first questions, and when the person has gone somewhere in it. It comes back
// with what it showed, and the console stays silent.
import assert from 'node:assert/strict';
import { preparedRuns } from '../prepared.mjs';

/** How each page is opened, what shows that it is there, and where in it a person may have gone. */
const pages = [
  {
    page: 'run',
    open: async (window) => window.row('Runs', preparedRuns[0]).click(),
    shown: '[data-testid="run"][data-state="done"]',
  },
  {
    page: 'evaluation',
    open: async (window) => {
      await window.command('CoVeR: Open Evaluation');
      await window.quickRows().filter({ hasText: preparedRuns[0] }).click();
    },
    shown: '[data-testid="confusion"]',
    go: (view) => view.locator('[data-testid="tab-textures-mini"]').click(),
    gone: '[data-testid="evaluation"][data-head="textures-mini"]',
  },
  {
    page: 'clip',
    open: async (window) => {
      await window.openFile('train-0001.webm');
      await window.command('CoVeR: Show Predictions');
    },
    shown: '[data-testid="head-shapes-mini"]',
  },
];

export const steps = pages.map(({ page, open, shown, go, gone }) => ({
  name: `the ${page} page comes back when it is loaded anew, at once and later`,
  run: async ({ window }) => {
    await open(window);
    await window.command('Developer: Reload Webviews');
    let view = await window.webview(shown);
    if (go) {
      await go(view);
      await view.locator(gone).waitFor();
    }
    const before = await settledText(window, view);
    await view.evaluate(() => {
      globalThis.notReloaded = true;
    });
    await window.command('Developer: Reload Webviews');
    await window.until('the page to be loaded anew', async () => {
      view = await window.webview(gone ?? shown);
      return !(await view.evaluate(() => globalThis.notReloaded));
    });
    await window.until('what it showed', async () => (await view.evaluate(textOf)) === before);
    assert.ok(before.length > 50, before);
    await window.closeEditors();
  },
}));

/** What the page says, once it says the same twice. */
async function settledText(window, view) {
  let last;
  return window.until('the page to rest', async () => {
    await window.page.waitForTimeout(400);
    const text = await view.evaluate(textOf);
    const rests = text === last;
    last = text;
    return rests && text;
  });
}

function textOf() {
  return document.body.innerText;
}
