// axe-core over a page: what a screen reader or a keyboard would stumble on. Used by the tests in the workbench and by
// those of single pages. It is evaluated by the browser's debugger, to which a page's policy does not apply.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Rules that are off, each with its reason. */
const off = {};

/**
 * Serious and critical violations, a line each: rule, element, what is wrong. Throws where the page is empty, which axe
 * would have nothing to say against.
 * @param {import('playwright-core').Frame | import('playwright-core').Page} frame
 * @returns {Promise<string[]>}
 */
export async function violationsOf(frame) {
  if (!(await frame.evaluate(() => 'axe' in globalThis))) await frame.evaluate(source);
  const { violations, passes } = await frame.evaluate((rules) => globalThis.axe.run(document, { rules }), off);
  if (![...violations, ...passes].some(({ id }) => id === 'color-contrast')) throw new Error('axe saw no text there');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary.replace(/\s+/g, ' ')}`),
    );
}
