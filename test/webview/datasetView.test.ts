// The dataset page in a real browser, over a host that answers for up to a million samples.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { SampleFilters } from '../../src/protocol/datasetQueries.ts';
import { datasetHostSurface } from '../../src/protocol/datasetView.ts';
import { expectAccessible } from './axe.ts';
import { facetsOf, type MadeDataset, samplesOf, snapshotOf, totalOf } from './datasetData.ts';
import { eventually, hasChromium } from './harness.ts';
import { hasFFmpeg } from './media.ts';
import { mediaHarness } from './mediaHarness.ts';

const million: MadeDataset = {
  name: 'kinetics-mini',
  labels: Array.from({ length: 1000 }, (_, index) => `class ${String(index).padStart(4, '0')}`),
  total: 1_000_000,
};
const small: MadeDataset = {
  name: 'kinetics-mini',
  labels: ['archery', 'riding a bike', 'bowling', 'juggling balls', 'playing the violin in an orchestra pit'],
  total: 500,
};

describe.skipIf(!hasChromium || !hasFFmpeg)('dataset page', () => {
  const site = mediaHarness();

  async function open(
    made: MadeDataset,
    options: {
      theme?: 'dark' | 'light' | 'contrast';
      state?: unknown;
      width?: number;
      height?: number;
      /** Milliseconds before an answer. */
      slow?: (filters: SampleFilters) => number;
      /** What the host asks the page to begin with. */
      begin?: SampleFilters;
    } = {},
  ) {
    const asked: string[] = [];
    const aborted: string[] = [];
    const { slow, begin, ...rest } = options;
    const urlOf = (kind: 'video' | 'image') => site.harness.mediaUrl(kind === 'video' ? 'clip.mp4' : 'clip.png');
    const pause = async (what: string, filters: SampleFilters, signal: AbortSignal) => {
      asked.push(what);
      signal.addEventListener('abort', () => aborted.push(what));
      if (slow) await sleep(slow(filters));
    };
    const view = await site.harness.open({
      view: 'dataset',
      surface: datasetHostSurface,
      ...rest,
      handlers: {
        'datasetView/ready': async () => ({ ...snapshotOf(made), ...(begin && { filters: begin }) }),
        'datasetView/samples': async ({ filters, predictions, ...page }, signal) => {
          await pause(`samples ${JSON.stringify(filters)} ${page.offset}`, filters, signal);
          return samplesOf(made, filters, predictions !== undefined, urlOf, page);
        },
        'datasetView/facets': async ({ filters, predictions }, signal) => {
          await pause(`facets ${JSON.stringify(filters)}`, filters, signal);
          return facetsOf(made, filters, predictions !== undefined);
        },
        'datasetView/ids': async ({ filters, offset, limit }) =>
          samplesOf(made, filters, false, urlOf, { offset, limit: Math.min(limit, 10_000) }).samples.map(
            ({ id }) => id,
          ),
        'datasetView/open': async ({ sample, run }) => {
          asked.push(`open ${sample.id} ${run ?? ''}`);
          return {};
        },
        'datasetView/edit': async ({ action, ids }) => {
          asked.push(`${action} ${ids.length} ${ids[0]}`);
          return {};
        },
        'datasetView/run': async ({ command }) => {
          asked.push(`run ${command}`);
          return {};
        },
        'page/save': async () => ({ saved: true }),
        'page/copy': async ({ text }) => {
          asked.push(`copy ${text}`);
          return {};
        },
      },
    });
    const { page } = view;
    await page.getByTestId('sample').first().waitFor();
    const grid = page.getByTestId('grid');
    return {
      ...view,
      asked,
      aborted,
      grid,
      count: () => page.getByTestId('count').textContent(),
      cards: () => page.getByTestId('sample').count(),
      /** Place of the first card in view. */
      first: async () => Number(await grid.getAttribute('data-first')),
      chosen: async () =>
        (await page.getByTestId('actions').count()) > 0 ? page.getByTestId('chosen').textContent() : 'none',
      nodes: () => page.evaluate(() => document.querySelectorAll('*').length),
    };
  }

  test('shows samples and plots in three themes; a click on a bar filters, a chip lifts it', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const view = await open(small, { theme });
      await view.page.getByTestId('predictions').click();
      await view.page.getByRole('option', { name: 'cover-tiny-2 · kinetics-mini' }).click();
      await view.page.getByTestId('confidence').waitFor();
      await view.page.locator('[data-place="1"]').click();
      await view.page.waitForFunction(() => [...document.images].every((image) => image.complete));
      await view.shot(`dataset-${theme}`);
      await expectAccessible(view.page);
      await view.page.getByTestId('classes').locator('[data-key="archery"]').click();
      await eventually(view.count).toBe('100 of 500 samples');
      await view.page.getByTestId('confidence').locator('[data-bin="9"]').click();
      await view.page.getByTestId('chip-confidence').waitFor();
      await view.page
        .getByTestId('confidence')
        .locator('[data-bin="12"]')
        .click({ modifiers: ['Shift'] });
      await eventually(() => view.page.getByTestId('chip-confidence').textContent()).toContain('45–65 %');
      await view.shot(`dataset-filtered-${theme}`);
      await expectAccessible(view.page);
      await view.page.getByTestId('chip-confidence').click();
      await view.page.getByTestId('chip-labels').click();
      await eventually(view.count).toBe('500 samples');
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });

  test('beside a sidebar the plots step aside, and come when asked', async () => {
    const view = await open(small, { width: 520 });
    expect(await view.page.getByTestId('classes').count()).toBe(0);
    await view.shot('dataset-narrow');
    // The actions have two lines here; the last sample can still be seen above them.
    await view.page.locator('[data-place="1"]').click();
    await view.page.keyboard.press('End');
    const boxOf = async (where: string) => (await view.page.locator(where).boundingBox())!;
    const last = await boxOf('[data-place="499"]');
    const bar = await boxOf('[data-testid="actions"]');
    expect(bar.height).toBeGreaterThan(60);
    expect(last.y + last.height).toBeLessThanOrEqual(bar.y);
    await view.shot('dataset-narrow-actions');
    await view.page.getByRole('button', { name: 'Choose none' }).click();
    await view.page.getByTestId('plots-toggle').click();
    await view.page.getByTestId('classes').waitFor();
    await view.shot('dataset-narrow-plots');
    expect(await view.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(520);
    await view.page.close();
  });

  test('a million samples: as few nodes as for some, to the end by jump and by steps, pages as they come into view', async () => {
    const view = await open(million);
    const nodes = await view.nodes();
    const most = (await view.cards()) + 24;
    expect(nodes).toBeLessThan(1500);
    for (const share of [0.1, 0.35, 0.6, 0.85, 1]) {
      await view.grid.evaluate((element, to) => element.scrollTo(0, element.scrollHeight * to), share);
      // The page that was there before has names too: first the place, then its names.
      await eventually(async () => Math.abs((await view.first()) / 1e6 - share)).toBeLessThan(0.01);
      await eventually(async () => view.page.getByTestId('sample').first().textContent()).toContain('.png');
      expect(await view.cards()).toBeLessThanOrEqual(most);
      expect(await view.nodes()).toBeLessThan(nodes + 400);
    }
    await view.page.locator('[data-place="999999"]').waitFor();
    // A turn of the wheel moves by what it turned, not by thousands of rows.
    await view.grid.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
    await eventually(view.first).toBeGreaterThan(400_000);
    await sleep(300);
    const before = await view.first();
    await view.grid.hover();
    await view.page.mouse.wheel(0, 400);
    await eventually(view.first).not.toBe(before);
    expect((await view.first()) - before).toBeLessThan(40);
    await view.grid.focus();
    await view.page.keyboard.press('Home');
    await eventually(view.first).toBe(0);
    await view.page.keyboard.press('End');
    await view.page.locator('[data-place="999999"].current').waitFor();
    expect(view.asked.filter((what) => what.startsWith('samples')).length).toBeLessThan(60);
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('chooses with mouse and keyboard, and acts on what is chosen', async () => {
    const view = await open(small);
    const card = (place: number) => view.page.locator(`[data-place="${place}"]`);
    await card(1).click();
    await eventually(view.chosen).toBe('1 sample chosen');
    await card(3).click({ modifiers: ['Control'] });
    await eventually(view.chosen).toBe('2 samples chosen');
    await card(6).click({ modifiers: ['Shift'] });
    await eventually(view.chosen).toBe('4 samples chosen'); // from 3, chosen last without Shift
    await view.page.keyboard.press('ArrowRight');
    await view.page.keyboard.press('Shift+ArrowRight');
    await eventually(view.chosen).toBe('6 samples chosen');
    await view.page.keyboard.press('ArrowRight');
    await view.page.keyboard.press(' ');
    await eventually(view.chosen).toBe('7 samples chosen');
    await view.page.keyboard.press('Enter');
    await eventually(() => view.asked).toContain('open kinetics-mini/archery/9.png ');
    await view.page.getByTestId('exclude').click();
    await eventually(() => view.asked).toContain('exclude 7 kinetics-mini/archery/3.png');
    await view.page.getByTestId('copy-ids').click();
    await eventually(() => view.asked.some((what) => what.startsWith('copy kinetics-mini/archery/3.png\n'))).toBe(true);
    await view.page.keyboard.press('Escape');
    await view.grid.focus();
    await view.page.keyboard.press('Escape');
    await eventually(view.chosen).toBe('none');
    await view.page.keyboard.press('Control+a');
    await eventually(view.chosen).toBe('500 samples chosen');
    await card(2).dblclick();
    await eventually(() => view.asked).toContain('open kinetics-mini/archery/2.png ');
    await view.page.getByTestId('relabel').click();
    await eventually(() => view.asked).toContain('relabel 1 kinetics-mini/archery/2.png');
    await view.page.close();
  });

  test('tags stand on the cards, filter by their bars, and are put on and taken off what is chosen', async () => {
    const view = await open(small);
    const card = (place: number) => view.page.locator(`[data-place="${place}"]`);
    await eventually(() => card(1).getByTestId('tags').locator('bdi').allTextContents()).toEqual(['night', 'to check']);
    await eventually(() => card(8).getByTestId('tags').textContent()).toBe('tags:nightto check+1');
    await eventually(() => card(8).getAttribute('title')).toContain(`\nTags: night, to check, ${'x'.repeat(64)}`);
    expect(await card(2).getByTestId('tags').count()).toBe(0);
    await card(2).click();
    expect(await view.page.getByTestId('untag').count()).toBe(0);
    await view.page.getByTestId('tag').click();
    await eventually(() => view.asked).toContain('tag 1 kinetics-mini/archery/2.png');
    await card(8).click({ modifiers: ['Control'] });
    await view.page.getByTestId('untag').click();
    await eventually(() => view.asked).toContain('untag 2 kinetics-mini/archery/2.png');
    const bars = view.page.getByTestId('tags-plot');
    await bars.locator('[data-key="night"]').click();
    await eventually(view.count).toBe('71 of 500 samples');
    await bars.locator('[data-key="to check"]').click({ modifiers: ['Control'] });
    await eventually(() => view.page.getByTestId('chip-tags').textContent()).toContain('tag: night, to check');
    await eventually(() => view.asked).toContain('facets {"tags":["night","to check"]}');
    await view.page.getByTestId('chip-tags').click();
    await eventually(view.count).toBe('500 samples');
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('a hundred quick changes leave one result, and earlier questions are aborted', async () => {
    // Earlier answers come later.
    const view = await open(small, { slow: ({ text = '' }) => (text === '' ? 0 : 400 - 3 * text.length) });
    await view.page
      .getByTestId('text')
      .locator('input')
      .evaluate(async (field: HTMLInputElement) => {
        for (let times = 0; times < 100; times++) {
          field.value += 'x';
          field.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
          await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
        }
      });
    await eventually(view.count).toBe('100 of 500 samples');
    await sleep(600);
    await eventually(view.count).toBe('100 of 500 samples');
    await eventually(() => view.grid.getAttribute('data-total')).toBe('100');
    const last = JSON.stringify({ text: 'x'.repeat(100) });
    expect(view.asked).toContain(`facets ${last}`);
    expect(view.aborted.filter((what) => what.includes(last))).toEqual([]);
    expect(view.aborted.length).toBeGreaterThan(100);
    await view.page.close();
  });

  test('names that hold HTML do nothing', async () => {
    const evil = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
    const tags = [evil, `${evil}\u202e\n$(zap)`];
    const view = await open({ name: evil, labels: [evil, `"'&lt;${evil}`], total: 50, tags });
    await view.page.getByTestId('classes').locator('g').first().click();
    await view.page.getByTestId('chip-labels').waitFor();
    await eventually(() => view.page.getByTestId('chip-labels').textContent()).toContain(evil);
    await view.page.getByTestId('tags-plot').locator('g').nth(1).click();
    await eventually(() => view.page.getByTestId('chip-tags').textContent()).toContain(`tag: ${evil}\ufffd`);
    await eventually(() => view.page.getByTestId('tags').first().textContent()).toBe(
      `tags:${evil}${evil}\ufffd\n$(zap)`,
    );
    await view.page.locator('[data-place="1"]').click();
    expect(await view.page.title()).toBe('dataset');
    expect(await view.page.locator('img[src="x"]').count()).toBe(0);
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('a reload brings back filters, run, place and choice', async () => {
    const view = await open(million);
    await view.page.getByTestId('predictions').click();
    await view.page.getByRole('option', { name: 'baseline · kinetics-mini' }).click();
    await view.page.getByTestId('correctness').waitFor();
    await view.page.getByTestId('classes').locator('g').first().click();
    await eventually(view.count).toBe('1,000 of 1,000,000 samples');
    await view.page.locator('[data-place="2"]').click();
    await view.grid.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
    await eventually(view.first).toBeGreaterThan(400);
    await eventually(() => (view.state() as { first: number }).first).toBeGreaterThan(400);
    const { first } = view.state() as { first: number };
    const again = await open(million, { state: view.state() });
    await eventually(again.count).toBe('1,000 of 1,000,000 samples');
    await eventually(again.first).toBe(first);
    await eventually(again.chosen).toBe('1 sample chosen');
    await eventually(() => again.page.getByTestId('chip-labels').textContent()).toContain('class 0000');
    await again.page.getByTestId('correctness').waitFor();
    // Another width keeps what came first.
    await again.page.setViewportSize({ width: 1000, height: 700 });
    await eventually(async () => Math.abs((await again.first()) - first) < 8).toBe(true);
    await view.page.close();
    await again.page.close();
  });

  test('begins where the host says, once: after a reload it is where the person was', async () => {
    const begin = { labels: ['class 0007'] };
    const view = await open(million, { begin });
    await eventually(view.count).toBe('1,000 of 1,000,000 samples');
    await view.page.getByTestId('chip-labels').click();
    await eventually(view.count).toBe('1,000,000 samples');
    const again = await open(million, { begin, state: view.state() });
    await eventually(again.count).toBe('1,000,000 samples');
    await view.page.close();
    await again.page.close();
  });

  test('when the index changes it keeps its place; the host may ask for other filters', async () => {
    const view = await open(million);
    await view.grid.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
    await eventually(view.first).toBeGreaterThan(400_000);
    await sleep(300);
    const before = await view.first();
    view.asked.length = 0;
    view.host.notify('datasetView/changed', {});
    await eventually(() => view.asked.some((what) => what.startsWith('samples {}'))).toBe(true);
    await eventually(() => view.asked).toContain('facets {}');
    expect(await view.first()).toBe(before);
    view.host.notify('datasetView/show', { filters: { labels: ['class 0007'] } });
    await eventually(view.count).toBe('1,000 of 1,000,000 samples');
    await eventually(view.first).toBe(0);
    expect(totalOf(million, { labels: ['class 0007'] })).toBe(1000);
    await view.page.close();
  });

  test('what the host asks for while the page only just comes is shown', async () => {
    const view = await open(million);
    view.hold(true);
    await view.reload();
    await view.page.getByText('Opening the dataset…').waitFor();
    view.hold(false);
    await sleep(0); // the page has its first answer, and has drawn nothing of it yet
    view.host.notify('datasetView/show', { filters: { labels: ['class 0007'] } });
    await eventually(view.count).toBe('1,000 of 1,000,000 samples');
    await view.page.getByTestId('chip-labels').click();
    await eventually(view.count).toBe('1,000,000 samples');
    await view.page.close();
  });

  test('what is missing offers what to do', async () => {
    const view = await open(small);
    await view.page.getByTestId('find-duplicates').click();
    await eventually(() => view.asked).toContain('run findDuplicates');
    await view.page.getByTestId('probe').click();
    await eventually(() => view.asked).toContain('run probe');
    await view.page.getByTestId('finding').nth(1).click();
    await eventually(() => view.asked).toContain('facets {"findings":["Leak: same bytes"]}');
    await view.page.close();
  });
});
