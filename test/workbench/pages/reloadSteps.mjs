// Every page loaded anew: in the middle of its first questions, and when the person has gone somewhere in it. It comes back
// with what it showed, and the console stays silent.
import assert from 'node:assert/strict';
import { preparedRuns } from '../prepared.mjs';

/** How each page is opened, what shows that it is there, where in it a person may have gone, and what it then says. */
const pages = [
  {
    page: 'run',
    open: async (window) => {
      await window.pane('Runs', true);
      await window.row('Runs', preparedRuns[0]).click();
    },
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
    says: '[data-testid="head-shapes-mini"]', // the player's time moves
  },
];

export const steps = pages.map(({ page, open, shown, go, gone, says = 'body' }) => ({
  name: `the ${page} page comes back when it is loaded anew, at once and later`,
  run: async ({ window }) => {
    await open(window);
    let view = await reloaded(window, shown);
    if (go) {
      await go(view);
      await view.locator(gone).waitFor();
    }
    const before = await settledText(window, view, says);
    view = await reloaded(window, gone ?? shown);
    await window.until('what it showed', async () => (await view.evaluate(textOf, says)) === before);
    assert.ok(before.length > 3, before);
    await window.closeEditors();
  },
}));

/** Loads all pages anew, whatever they are at, and gives the new frame that has the selector. */
async function reloaded(window, selector) {
  const mark = () => {
    globalThis.isOld = true;
  };
  // One that is only just being made cannot be marked; it goes a moment later.
  for (const frame of window.webviews()) await frame.evaluate(mark).catch(() => {});
  await window.command('Developer: Reload Webviews');
  return window.until(`a page with ${selector} that was loaded anew`, async () => {
    const view = await window.webview(selector);
    await window.page.waitForTimeout(500);
    return !view.isDetached() && (await view.evaluate(() => !globalThis.isOld)) && view;
  });
}

/** What the page says, once it says the same twice. */
async function settledText(window, view, says) {
  let last;
  return window.until('the page to rest', async () => {
    await window.page.waitForTimeout(400);
    const text = await view.evaluate(textOf, says);
    const rests = text === last;
    last = text;
    return rests && text;
  });
}

function textOf(selector) {
  return document.querySelector(selector)?.innerText;
}
