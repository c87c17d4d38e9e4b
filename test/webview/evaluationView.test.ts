// The evaluation view in a real browser: the matrix, its lists and the samples of a cell, from 2 to 700 classes.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { cellChanges } from '../../src/protocol/comparisons.ts';
import { evaluationHostSurface } from '../../src/protocol/evaluationView.ts';
import { unpackCells } from '../../src/protocol/matrixCells.ts';
import { expectAccessible } from './axe.ts';
import { cellOf, comparisonOf, type EvaluationWithMatrix, evaluationOf, shownOf } from './evaluationData.ts';
import { eventually, hasChromium } from './harness.ts';
import { hasFFmpeg } from './media.ts';
import { mediaHarness } from './mediaHarness.ts';
import { runSummary } from './runData.ts';

const figure = (method: string, top1: number, protocol: string | null) => ({
  ...{ method, top1, pretraining: 'ImageNet-21k', training: null, protocol, source: 'tables of the announcement' },
});
const publishedFigures = [
  figure('TimeSformer', 0.624, null),
  figure('Video Swin', 0.696, null),
  figure('CoVeR', 0.909, '1 clip × 3 crops, 16 frames'),
];

describe.skipIf(!hasChromium || !hasFFmpeg)('evaluation view', () => {
  const site = mediaHarness();

  async function open(
    evaluations: EvaluationWithMatrix[],
    options: {
      theme?: 'dark' | 'light' | 'contrast';
      state?: unknown;
      files?: string[];
      head?: string;
      other?: string;
      width?: number;
      height?: number;
      groups?: { name: string; text: string };
      others?: string[];
      published?: boolean;
      withoutMatrix?: boolean;
      /** An image that is shown of every sample, as of folders of frames. */
      poster?: string;
      /** So many first answers have no curves. */
      uncurved?: number;
    } = {},
  ) {
    const asked: string[] = [];
    /** What was asked of the head beside its samples. */
    const figures: string[] = [];
    const saved: { name: string; type: string; data: string }[] = [];
    const {
      files = ['clip.mp4', 'clip.png', 'clip.avi'],
      head,
      other,
      groups,
      others = [],
      published,
      withoutMatrix,
      poster,
      uncurved = 0,
      ...rest
    } = options;
    const one = (set: number | number[] | undefined) => (typeof set === 'number' ? set : (set?.[0] ?? 0));
    const tagged = new Set<string>();
    const shown = (judged: ReturnType<typeof cellOf>) =>
      judged.map(({ sample, ...each }) => ({
        judged: { ...each, sample: { ...sample, file: join(site.media.folder, sample.file) } },
        ...(poster !== undefined
          ? { poster: { file: poster, kind: 'image' as const }, url: site.harness.mediaUrl(poster) }
          : { poster: { file: sample.file, kind: sample.kind }, url: site.harness.mediaUrl(sample.file) }),
        tags: tagged.has(sample.id) ? ['night <b>\u202e', 'to check'] : [],
      }));
    const found = (name: string) => evaluations.find((each) => each.head === name)!;
    const view = await site.harness.open({
      view: 'evaluation',
      surface: evaluationHostSurface,
      height: 1100,
      ...rest,
      handlers: {
        'evaluationView/ready': async () => {
          const isFirst = !asked.includes('ready');
          asked.push('ready');
          return {
            summary: { ...runSummary('done'), run: 'cover-tiny-2' },
            heads: evaluations.map((each) => each.head),
            others: others.map((run) => ({ run, heads: evaluations.map((each) => each.head) })),
            ...(isFirst && head !== undefined && { head }),
            ...(isFirst && other !== undefined && { other }),
          };
        },
        'evaluationView/head': async (params) => {
          figures.push('head');
          const { precisionRecall, ...evaluation } = shownOf(found(params.head));
          return {
            ...evaluation,
            ...(figures.filter((each) => each === 'head').length > uncurved && { precisionRecall }),
            ...(withoutMatrix && { cells: null, unavailable: ['The confusion matrix is not available.'] }),
            ...(published && { published: { name: 'Something-Something v2', figures: publishedFigures } }),
          };
        },
        'evaluationView/curves': async ({ classes }) => {
          figures.push(`curves ${classes.join()}`);
          return classes.map((index) => ({
            class: index,
            averagePrecision: 0.8,
            curve: [
              [0, 1],
              [0.5, 0.8],
              [1, 0.4],
            ],
          }));
        },
        'evaluationView/missing': async () => {
          figures.push('missing');
          return [{ sample: 'k/val/<u>a</u>.mp4', file: '/k/val/<u>a</u>.mp4', reason: 'It is damaged.' }];
        },
        'evaluationView/cell': async ({ head: name, truth, predicted, offset, limit }) => {
          asked.push(`cell ${truth},${predicted ?? 'any'} ${offset}`);
          return shown(cellOf(found(name), one(truth), one(predicted ?? truth), offset, limit, files));
        },
        'evaluationView/compare': async ({ head: name, other }) => comparisonOf(found(name), other),
        'evaluationView/changed': async ({ head: name, kind, label, offset, limit }) => {
          asked.push(`changed ${kind}${label === undefined ? '' : ` of ${label}`} ${offset}`);
          const samples = shown(cellOf(found(name), 0, 0, offset, limit, files));
          return {
            total: samples.length,
            samples: samples.map((each) => ({ ...each, other: { label: '<i>bowling</i>', probability: 0.4 } })),
          };
        },
        'evaluationView/differing': async ({ head: name, truth, predicted, offset, limit }) => {
          asked.push(`differing ${truth},${predicted} ${offset}`);
          // As `comparisonOf` has it: nobody came, some left, the rest stayed.
          const evaluation = found(name);
          const at = one(truth) * evaluation.classes.length + one(predicted);
          const { cells, otherCells } = comparisonOf(evaluation, 'other');
          const [after, before] = [cells, otherCells].map(
            (packed) => unpackCells(packed, evaluation.classes.length)[at]!,
          );
          const counts = {
            came: Math.max(0, after! - before!),
            left: Math.max(0, before! - after!),
            stayed: Math.min(after!, before!),
          };
          const total = counts.came + counts.left + counts.stayed;
          const all = shown(cellOf(evaluation, one(truth), one(predicted), 0, total, files));
          const more = shown(cellOf(evaluation, 0, 0, 0, total - all.length, files)); // what is here no more
          return {
            ...counts,
            samples: [...all, ...more].slice(offset, offset + limit).map((each, i) => {
              const place = offset + i;
              const change: (typeof cellChanges)[number] =
                place < counts.came ? 'came' : place < counts.came + counts.left ? 'left' : 'stayed';
              const wasRight = change === 'left' ? one(truth) === one(predicted) : change === 'came';
              return { ...each, other: { label: 'bowling', probability: 0.4 }, change: { change, wasRight } };
            }),
          };
        },
        'evaluationView/pickGroups': async () => groups ?? null,
        'evaluationView/exclude': async ({ ids }) => {
          asked.push(`exclude ${ids.join(' ')}`);
          return { edited: true };
        },
        'evaluationView/relabel': async ({ ids }) => {
          asked.push(`relabel ${ids.length}`);
          return { edited: false }; // the person thought better of it
        },
        'evaluationView/tag': async ({ ids }) => {
          asked.push(`tag ${ids.length}`);
          for (const id of ids) tagged.add(id);
          view.host.notify('evaluationView/edited', {});
          return { edited: true };
        },
        'evaluationView/saveReport': async () => {
          asked.push('report');
          return {};
        },
        'evaluationView/copyCli': async ({ other }) => {
          asked.push(`cli ${other}`);
          return {};
        },
        'page/save': async ({ name, type, data }) => {
          saved.push({ name, type, data });
          return { saved: true };
        },
        'page/copy': async () => ({}),
        'evaluationView/openClip': async ({ sample }) => {
          asked.push(`open ${sample.id}`);
          return {};
        },
      },
    });
    const matrix = view.page.locator('[data-testid=confusion][data-cell]');
    await (withoutMatrix ? view.page.getByTestId('classes') : matrix).waitFor();
    /** Clicks the cell of two classes, as the data attributes tell where it lies. */
    const clickCell = async (truth: number, predicted: number) => {
      const [cell, left, top, order] = await matrix.evaluate((element) => {
        const { cell, left, top, x, y, order } = (element as HTMLElement).dataset;
        return [
          Number(cell),
          Number(left) - Number(x),
          Number(top) - Number(y),
          JSON.parse(order!) as number[],
        ] as const;
      });
      const x = left + (order.indexOf(predicted) + 0.5) * cell;
      const y = top + (order.indexOf(truth) + 0.5) * cell;
      await matrix.click({ position: { x, y } });
    };
    const title = () => view.page.getByTestId('cell-samples').getByRole('heading').textContent();
    return { ...view, asked, figures, saved, tagged, matrix, clickCell, title };
  }

  const three = () => [
    evaluationOf('kinetics-mini', 10),
    evaluationOf('ssv2-mini', 8),
    evaluationOf('imagenet-mini', 20),
  ];

  test('a click on a cell shows its samples, a click on a sample opens it', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const view = await open(three(), { theme });
      await view.clickCell(1, 0);
      await view.page.getByTestId('sample').first().waitFor();
      await eventually(view.title).toContain('riding a bike → called archery');
      await view.page.locator('img.poster[src^="blob:"]').first().waitFor(); // the still of the AVI
      await view.matrix.hover({ position: { x: 200, y: 220 } });
      await expectAccessible(view.page);
      await view.shot(`evaluation-${theme}`);
      await view.page.getByTestId('sample').first().click();
      await eventually(() => view.asked).toContain('open kinetics-mini/1/0/0');
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });

  test('the keyboard walks and chooses, and the words follow', async () => {
    const view = await open(three(), { width: 890 });
    await view.matrix.focus();
    await view.page.keyboard.press('ArrowDown');
    await view.page.keyboard.press('ArrowRight');
    await eventually(() => view.page.getByTestId('cell-words').textContent()).toMatch(
      /of “riding a bike” were recognised/,
    );
    await view.shot('evaluation-beside-sidebar');
    await view.page.keyboard.press('End');
    await view.page.keyboard.press('Enter');
    await eventually(view.title).toContain('riding a bike → called bowling');
    await view.page.close();
  });

  test('orders the classes and keeps the chosen cell; remembers where it was', async () => {
    const view = await open(three());
    await view.clickCell(1, 0);
    await view.page.getByTestId('sample').first().waitFor();
    await view.page.getByTestId('order').click();
    await view.page.getByRole('option', { name: 'worst recall' }).click();
    const order = await view.matrix.getAttribute('data-order');
    expect(order).not.toBe(JSON.stringify([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    await eventually(view.title).toContain('riding a bike → called archery');
    await view.clickCell(2, 3);
    await eventually(view.title).toContain('riding scooter → called throwing axe');
    const again = await open(three(), { state: view.state() });
    await again.page.getByTestId('sample').first().waitFor();
    await eventually(again.title).toContain('riding scooter → called throwing axe');
    await eventually(() => again.matrix.getAttribute('data-order')).toBe(order);
    await view.page.close();
    await again.page.close();
  });

  test('tabs show the other heads; the host may choose one', async () => {
    const view = await open(three(), { head: 'ssv2-mini' });
    await view.page.locator('[data-testid=evaluation][data-head="ssv2-mini"]').waitFor();
    await view.page.getByTestId('tab-imagenet-mini').click();
    await view.page.locator('[data-testid=evaluation][data-head="imagenet-mini"]').waitFor();
    await eventually(() => view.page.getByTestId('headline').textContent()).toContain('20 classes');
    view.host.notify('evaluationView/changed', { head: 'kinetics-mini' });
    await view.page.locator('[data-testid=evaluation][data-head="kinetics-mini"]').waitFor();
    await view.page.close();
  });

  test('what the host asked for first does not come back when the run is judged anew', async () => {
    const view = await open(three(), { head: 'ssv2-mini', other: 'first', others: ['first', 'second'] });
    await view.page.locator('[data-testid=evaluation][data-head="ssv2-mini"]').waitFor();
    const other = () => view.page.getByTestId('other').evaluate((field) => (field as HTMLSelectElement).value);
    await eventually(other).toBe('first');
    await view.page.getByTestId('other').click();
    await view.page.getByRole('option', { name: 'second' }).click();
    await view.page.getByTestId('tab-imagenet-mini').click();
    await view.page.locator('[data-testid=evaluation][data-head="imagenet-mini"]').waitFor();
    view.host.notify('evaluationView/changed', {});
    await eventually(() => view.asked.filter((what) => what === 'ready').length).toBe(2);
    await view.page.waitForTimeout(300);
    expect(await other()).toBe('second');
    expect(view.state()).toMatchObject({ head: 'imagenet-mini', other: 'second' });
    await view.page.close();
  });

  test('pairs and classes lead to their cells; long cells have pages', async () => {
    const view = await open([evaluationOf('kinetics-mini', 10, 200)], { files: ['clip.png'] });
    await view.page.getByTestId('pair').first().click();
    await view.page.getByTestId('sample').first().waitFor();
    await view.page.getByTestId('next-page').click();
    await eventually(() => view.asked.at(-1)).toMatch(/ 24$/);
    await view.page.getByTestId('classes').getByRole('button', { name: 'bowling' }).click();
    await eventually(view.title).toBe('bowling, all');
    await eventually(() => view.asked.at(-1)).toBe('cell 9,any 0');
    // The pager stays, and the focus on it, while the next page is on its way.
    await view.page.getByTestId('sample').first().waitFor();
    const next = view.page.getByTestId('next-page');
    view.hold(true);
    await next.focus();
    await view.page.keyboard.press('Enter');
    await view.page.getByText('Fetching the samples…').waitFor();
    await eventually(() => next.evaluate((element) => element === document.activeElement)).toBe(true);
    view.hold(false);
    await eventually(() => view.asked.at(-1)).toBe('cell 9,any 24');
    await view.page.close();
  });

  test('a folder of frames is shown by one of them', async () => {
    const view = await open([evaluationOf('jester', 8)], { files: ['20'], poster: 'clip.png' });
    await view.clickCell(1, 0);
    await view.page.locator('img.poster[src$="clip.png"]').first().waitFor();
    expect(await view.page.locator('video').count()).toBe(0);
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('a run judged anew is shown anew, where the person was', async () => {
    const evaluations = three();
    const view = await open(evaluations);
    await view.clickCell(1, 0);
    await view.page.getByTestId('sample').first().waitFor();
    const better = evaluationOf('kinetics-mini', 10, 99);
    evaluations[0] = better;
    view.host.notify('evaluationView/changed', {});
    await eventually(() => view.page.getByTestId('headline').textContent()).toContain(`${better.samples} samples`);
    await eventually(view.title).toContain('riding a bike → called archery');
    await eventually(() => view.asked.filter((what) => what === 'cell 1,0 0').length).toBe(2);
    await view.page.close();
  });

  test('judged anew, its curves and what is missing are asked for anew', async () => {
    const view = await open([evaluationOf('kinetics-mini', 10)]);
    await view.page.getByTestId('classes').getByRole('button', { name: 'bowling' }).click();
    await view.page.getByTestId('missing').click();
    await view.page.getByTestId('missing-list').waitFor();
    const times = (what: string) => view.figures.filter((each) => each === what).length;
    await eventually(() => [times('curves 9'), times('missing')]).toEqual([1, 1]);
    view.host.notify('evaluationView/changed', {});
    await eventually(() => [times('curves 9'), times('missing')]).toEqual([2, 2]);
    await view.page.close();
  });

  test('curves that judging anew brings with it are drawn', async () => {
    const view = await open([evaluationOf('kinetics-mini', 10)], { uncurved: 1 });
    await view.page.getByTestId('classes').getByRole('button', { name: 'bowling' }).click();
    await view.page.getByTestId('sample').first().waitFor();
    expect(await view.page.getByTestId('curves').count()).toBe(0);
    view.host.notify('evaluationView/changed', {});
    const entries = view.page.getByTestId('curves').locator('.legend-entry');
    await eventually(() => entries.allTextContents()).toEqual(['mean of the classesmAP 74.0 %', 'bowlingAP 80.0 %']);
    await view.page.close();
  });

  test('judged anew with fewer classes, nothing points beyond them', async () => {
    const evaluations = [evaluationOf('kinetics-mini', 10)];
    const view = await open(evaluations);
    await view.matrix.focus();
    await view.page.keyboard.press('End');
    await eventually(() => view.page.getByTestId('cell-words').textContent()).toContain('called “bowling”');
    evaluations[0] = evaluationOf('kinetics-mini', 3);
    view.host.notify('evaluationView/changed', {});
    await eventually(() => view.matrix.getAttribute('data-classes')).toBe('3');
    expect(await view.page.getByTestId('cell-words').count()).toBe(0);
    await view.page.keyboard.press('Enter');
    await eventually(view.title).toBe('archery recognised');
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('curves have their average precisions beside their names, not where they end', async () => {
    const view = await open([evaluationOf('kinetics-mini', 10)]);
    await view.page.getByTestId('curve-search').locator('input').fill('bowling');
    await view.page.keyboard.press('ArrowDown');
    await view.page.keyboard.press('Enter');
    const entries = view.page.getByTestId('curves').locator('.legend-entry');
    await eventually(() => entries.allTextContents()).toEqual(['mean of the classesmAP 74.0 %', 'bowlingAP 80.0 %']);
    await view.page.close();
  });

  test('with too many classes for a matrix there are the figures, the classes, and the samples of each', async () => {
    const view = await open([evaluationOf('imagenet-21k', 40)], { withoutMatrix: true, others: ['before'] });
    await eventually(() => view.page.getByText('The confusion matrix is not available.').count()).toBe(1);
    expect(await view.page.getByTestId('matrix-panel').count()).toBe(0);
    const first = view.page.getByTestId('classes').locator('.class-name button').first();
    await first.click();
    await eventually(view.title).toContain(`${await first.textContent()}, all`);
    await view.page.getByTestId('sample').first().waitFor();
    await expectAccessible(view.page);
    await view.shot('evaluation-without-matrix');
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('zooms at the pointer, is dragged, and shows all again; where it was survives a reload', async () => {
    const view = await open([evaluationOf('kinetics-700', 700)], { files: ['clip.png'] });
    const at = async () => {
      const { cell, x, y } = await view.matrix.evaluate((element) => ({ ...(element as HTMLElement).dataset }));
      return [Number(cell), Number(x), Number(y)] as const;
    };
    const [fit] = await at();
    expect(fit).toBeLessThan(1);
    const box = (await view.matrix.boundingBox())!;
    const [x, y] = [box.x + box.width * 0.5, box.y + box.height * 0.6];
    await view.page.mouse.move(x, y);
    for (let i = 0; i < 12; i++) await view.page.mouse.wheel(0, -120);
    await eventually(async () => (await at())[0]).toBeGreaterThan(6);
    await view.page.waitForTimeout(400); // the wheel is over
    const before = await at();
    await view.page.mouse.down();
    await view.page.mouse.move(x - 60, y - 40, { steps: 4 });
    await view.page.mouse.up();
    await eventually(at).toEqual([before[0], before[1] + 60, before[2] + 40]);
    expect(await view.page.getByTestId('cell-samples').count()).toBe(0); // a drag is no click
    await eventually(() => (view.state() as { view?: { x: number } }).view?.x).toBe(before[1] + 60);
    const again = await open([evaluationOf('kinetics-700', 700)], { state: view.state() });
    await eventually(() => again.matrix.getAttribute('data-x')).toBe(String(before[1] + 60));
    await again.page.close();
    await view.matrix.focus();
    await view.page.keyboard.press('-');
    await eventually(async () => (await at())[0]).toBeLessThan(before[0]);
    await view.page.keyboard.press('0');
    await eventually(at).toEqual([fit, 0, 0]);
    await view.page.keyboard.press('+');
    await eventually(async () => (await at())[0]).toBeGreaterThan(fit);
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('a class that is searched for comes into view, with its samples', async () => {
    const view = await open([evaluationOf('kinetics-700', 700)], { files: ['clip.png'] });
    await view.page.getByTestId('find-class').locator('input').fill('class 34');
    await view.page.keyboard.press('ArrowDown');
    await view.page.keyboard.press('Enter');
    await eventually(view.title).toBe('class 341, all');
    await eventually(() => view.asked.at(-1)).toBe('cell 341,any 0');
    const [cell, x, y, left, width] = await view.matrix.evaluate((element) => {
      const { cell, x, y, left } = (element as HTMLElement).dataset;
      return [Number(cell), Number(x), Number(y), Number(left), element.clientWidth];
    });
    expect(cell).toBeGreaterThanOrEqual(14);
    expect(Math.abs(341.5 * cell - x - (width - left) / 2)).toBeLessThan(1);
    expect(y).toBeGreaterThan(0);
    await view.shot('evaluation-found');
    await view.page.close();
  });

  test('classes are put together by a word or a file, and a cell has the samples of all of them', async () => {
    const text = 'class,group\nriding a bike,<b>wheels</b>\nriding scooter,<b>wheels</b>\nbowling,balls\n';
    const view = await open([evaluationOf('kinetics-mini', 10)], { groups: { name: 'groups.csv', text } });
    await view.page.getByTestId('groups').click();
    await view.page.getByRole('option', { name: 'by first word' }).click();
    await eventually(() => view.matrix.getAttribute('data-classes')).toBe('9'); // riding a bike, riding scooter
    await view.clickCell(1, 0);
    await eventually(() => view.asked.at(-1)).toBe('cell 1,2,0 0');
    await eventually(view.title).toContain('riding … → called archery');
    await view.page.getByTestId('groups').click();
    await view.page.getByRole('option', { name: 'by a file…' }).click();
    await view.page.getByText('by their group in groups.csv').waitFor();
    await view.clickCell(1, 1);
    await eventually(view.title).toBe('<b>wheels</b> recognised');
    expect(view.complaints).toEqual([]);
    const again = await open([evaluationOf('kinetics-mini', 10)], { state: view.state() });
    await eventually(again.title).toBe('<b>wheels</b> recognised');
    await again.page.getByTestId('groups').click();
    await again.page.getByRole('option', { name: 'each class' }).click();
    await eventually(() => again.matrix.getAttribute('data-classes')).toBe('10');
    // Asked for a file, and thought better of it: the control says what is shown.
    await again.page.getByTestId('groups').click();
    await again.page.getByRole('option', { name: 'by a file…' }).click();
    await eventually(() =>
      again.page.getByTestId('groups').evaluate((element) => (element as HTMLElement & { value: string }).value),
    ).toBe('none');
    await view.page.close();
    await again.page.close();
  });

  test('what changed against another run: a difference, classes both ways, samples that changed', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const view = await open(three(), { theme, others: ['baseline-k', '<img src=x onerror=alert(1)>'] });
      await view.page.getByTestId('other').click();
      await view.page.getByRole('option', { name: 'baseline-k' }).click();
      await view.page.getByTestId('comparison').waitFor();
      const line = await view.page.getByTestId('comparison').textContent();
      for (const part of ['cover-tiny-2 − baseline-k', 'p = 0.012', 'became right', 'Not the same samples'])
        expect(line).toContain(part);
      const sizes = await view.page
        .locator('[data-testid=change-better] .number, [data-testid=change-worse] .number')
        .evaluateAll((all) => all.map((one) => getComputedStyle(one).fontSize));
      expect(sizes.length).toBeGreaterThan(1);
      expect(new Set(sizes).size).toBe(1);
      await view.matrix.hover({ position: { x: 200, y: 220 } });
      await eventually(() => view.page.getByTestId('cell-words').textContent()).toMatch(/in both|→ \d+ \(/);
      await view.page.getByTestId('list-broken').click();
      await eventually(() => view.asked.at(-1)).toBe('changed broken 0');
      await view.page.getByText('<i>bowling</i>').first().waitFor();
      await view.shot(`evaluation-difference-${theme}`);
      await expectAccessible(view.page);
      const worse = view.page.getByTestId('change-worse').first();
      await worse.click();
      const label = await worse.locator('.clip-text').textContent();
      await eventually(() => view.asked.at(-1)).toBe(`changed broken of ${label} 0`);
      await eventually(() => worse.getAttribute('aria-pressed')).toBe('true');
      // A cell counts what changed: its list has what came and what left, and says how that adds up.
      await view.clickCell(4, 5);
      await eventually(view.title).toBe('playing violin → called juggling balls, in either run');
      const numbers = /^(\d+) now called “juggling balls”, (\d+) no longer \(([+−]\d+|±0)\); (\d+) there in both\./;
      await eventually(() => view.page.getByTestId('list-about').textContent()).toMatch(numbers);
      const [, came, left, difference, stayed] = numbers.exec(
        (await view.page.getByTestId('list-about').textContent())!,
      )!;
      expect(Number(came) - Number(left)).toBe(Number(difference!.replace('−', '-').replace('±', '')));
      await eventually(() => view.page.getByTestId('cell-words').textContent()).toContain(
        difference!.replace('±0', 'in both'),
      );
      const words = () => view.page.getByTestId('card-change').allTextContents();
      await eventually(async () => (await words()).length).toBe(Number(came) + Number(left) + Number(stayed));
      expect((await words()).filter((each) => each.startsWith('−1'))).toHaveLength(Number(left));
      await view.page.getByTestId('cell-samples').scrollIntoViewIfNeeded();
      await view.shot(`evaluation-cell-of-both-${theme}`);
      await expectAccessible(view.page);
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });

  test('samples that are picked are excluded, relabelled or tagged; reports, commands and pictures go out', async () => {
    const view = await open(three());
    await view.page.getByTestId('missing').click();
    await eventually(() => view.page.getByTestId('missing-list').textContent()).toBe(
      'k/val/<u>a</u>.mp4 It is damaged.and 1 more',
    );
    await view.clickCell(1, 0);
    await view.page.getByTestId('pick').nth(1).check();
    await view.page.getByTestId('exclude').click();
    await eventually(() => view.asked.at(-1)).toBe('exclude kinetics-mini/1/0/1');
    await view.page.getByText('Left out of training').waitFor();
    await view.page.getByRole('button', { name: 'Pick all' }).click();
    await view.page.getByTestId('relabel').click();
    await eventually(() => view.asked.at(-1)).toMatch(/^relabel \d+$/);
    await eventually(() => view.page.getByTestId('tag').textContent()).toMatch(/^Tag \d+…$/); // still picked
    await view.page.getByText('Left out of training').waitFor(); // and no new class is told of
    await view.page.getByTestId('tag').click();
    await eventually(() => view.asked.slice(-2).join()).toMatch(/^tag \d+,cell 1,0 0$/);
    await view.page.getByText('Tagged: the dataset page shows').waitFor();
    await eventually(() => view.page.getByTestId('tags').first().textContent()).toBe('tags:night <b>\ufffdto check');
    await view.page.getByTestId('cell-samples').scrollIntoViewIfNeeded();
    await view.shot('evaluation-tagged');
    await expectAccessible(view.page);
    // Undone, or edited on another page.
    view.tagged.clear();
    view.host.notify('evaluationView/edited', {});
    await view.page.getByTestId('tags').first().waitFor({ state: 'detached' });
    expect(await view.page.getByTestId('tags').count()).toBe(0);
    await eventually(view.title).toContain('riding a bike → called archery');
    await view.page.getByTestId('save-report').click();
    await view.page.getByTestId('copy-cli').click();
    await eventually(() => view.asked.slice(-2)).toEqual(['report', 'cli undefined']);
    await view.page.getByRole('button', { name: 'Save Confusion' }).click();
    await view.page.getByRole('menuitem', { name: 'Save as CSV…' }).click();
    await eventually(() => view.saved[0]?.data.split('\n')[0]).toMatch(/^truth \\ predicted,archery,riding a bike/);
    await view.page.getByRole('button', { name: 'Save Confusion' }).click();
    await view.page.getByRole('menuitem', { name: 'Save as PNG…' }).click();
    await eventually(() => view.saved[1]?.data.slice(0, 8)).toBe('iVBORw0K');
    await view.page.getByRole('button', { name: 'Save Confusion' }).click();
    await view.page.getByRole('menuitem', { name: 'Save as SVG…' }).click();
    await eventually(() => view.saved[2]?.type).toBe('svg');
    const drawn = view.saved[2]!.data;
    expect(drawn).not.toContain('<image');
    expect(drawn).toContain('&lt;b&gt;bold&lt;/b&gt;'); // a class's name, which is no markup
    expect(drawn.match(/<rect/g)!.length).toBeGreaterThan(20);
    expect(await view.page.locator('body > svg').count()).toBe(0);
    await view.page.close();
  });

  test('published figures stand around the own one, with what is stated of each', async () => {
    const view = await open([evaluationOf('ssv2', 174)], { files: ['clip.png'], published: true, theme: 'light' });
    const rows = await view.page.getByTestId('published').locator('tbody tr').allTextContents();
    expect(rows).toHaveLength(4);
    expect(rows[0]).toContain('CoVeR');
    expect(rows[0]).toContain('1 clip × 3 crops');
    expect(rows.join()).toContain('not stated');
    expect(rows.find((row) => row.startsWith('cover-tiny-2'))).toContain('1 clip × 1 crop, 8 frames');
    await view.shot('evaluation-174-classes');
    await expectAccessible(view.page);
    await view.page.close();
  });

  test('three classes', async () => {
    const view = await open([evaluationOf('fights', 3)], { files: ['clip.mp4'], width: 640, theme: 'contrast' });
    await view.clickCell(0, 0);
    await view.page.getByTestId('sample').first().waitFor();
    await view.shot('evaluation-3-classes-narrow');
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('two classes', async () => {
    const view = await open([evaluationOf('fights', 2)], { files: ['clip.mp4'], width: 800 });
    await view.clickCell(0, 1);
    await eventually(view.title).toContain('archery → called riding a bike');
    await view.shot('evaluation-2-classes');
    await view.page.close();
  });

  test('ten classes as the editor shows them', async () => {
    const view = await open([evaluationOf('kinetics-mini', 10)], { height: 800 });
    const [panel, room] = await view.matrix.evaluate((element) => [
      element.clientWidth,
      Number((element as HTMLElement).dataset.cell) * 10 + Number((element as HTMLElement).dataset.left),
    ]);
    expect(room! / panel!).toBeGreaterThan(0.75);
    await view.shot('evaluation-10-classes-800');
    await view.page.close();
  });

  test('seven hundred classes', async () => {
    const view = await open([evaluationOf('kinetics-700', 700)], { files: ['clip.png'] });
    await view.shot('evaluation-700-classes');
    // Of 700 rows only those that show are on the page.
    expect(await view.page.getByTestId('classes').locator('tbody tr').count()).toBeLessThan(60);
    await view.page.locator('.class-scroll').evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await view.page.getByTestId('classes').locator('tr[aria-rowindex="701"]').waitFor();
    await view.page.getByTestId('order').click();
    await view.page.getByRole('option', { name: 'confused together' }).click();
    await view.page.waitForTimeout(200);
    await view.shot('evaluation-700-clustered');
    await view.page.getByRole('button', { name: 'Larger cells' }).click({ clickCount: 7 });
    await view.page.getByTestId('pair').nth(5).click();
    await view.page.getByTestId('sample').first().waitFor();
    await view.shot('evaluation-700-classes-larger');
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });
});
