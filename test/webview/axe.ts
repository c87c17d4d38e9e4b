// What a page's test asks of accessibility: nothing that axe-core calls serious or critical. Each test of a page calls it
// in every theme, and in each state of the page that looks different.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { violationsOf } from '../workbench/axe.mjs';

/** Fails with rule, element and reason of each violation. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violationsOf(page)).toEqual([]);
}
