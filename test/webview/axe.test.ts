// That the check sees what it is for: text too pale to read, a button without a name; and that it says where an empty
// page has nothing to check.

import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violationsOf } from '../workbench/axe.mjs';
import { chromiumPath, hasChromium } from './harness.ts';

describe.skipIf(!hasChromium)('axe', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(() => browser?.close());

  test.each([
    ['<p>to read</p>', []],
    ['<p style="color: #eee">pale</p>', [/^color-contrast at p: .*insufficient color contrast/]],
    ['<p>to read</p><button></button>', [/^button-name at button: /]],
    ['<p>to read</p><img src="">', [/^image-alt at img: /]],
  ])('%s', async (body, expected) => {
    const page = await browser.newPage();
    await page.setContent(`<html lang="en"><title>page</title><main>${body}</main></html>`);
    const found = await violationsOf(page);
    expect(found).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
    await page.close();
  });

  test('an empty page is no page without faults', async () => {
    const page = await browser.newPage();
    await expect(violationsOf(page)).rejects.toThrow('axe saw no text there');
    await page.close();
  });
});
