// The study page in a real browser: its tables and the transfer matrix, in three themes, and names that are no HTML.
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { studyHostSurface, type ViewedStudy } from '../../src/protocol/studyView.ts';
import { accuracyText, differenceText, rangeText, tableRows } from '../../webview/study/texts.ts';
import { expectAccessible } from './axe.ts';
import { eventually, type Harness, hasChromium, startHarness } from './harness.ts';
import { studyOf as study, value } from './studyData.ts';

test('numbers as they are read: differences always with their sign', () => {
  expect([accuracyText(value(0.7123)), accuracyText(value(0.7, null)), accuracyText(null)]).toEqual([
    '71.2 ± 1.2',
    '70.0',
    '–',
  ]);
  expect([0.05, -0.05, 0.0001].map((mean) => differenceText(value(mean, null)))).toEqual(['+5.0', '−5.0', '±0.0']);
  expect([rangeText([5, 5]), rangeText([5, 1200]), rangeText([])]).toEqual(['5', '5–1,200', '–']);
  const [header, first, second] = tableRows(study().tables[0]!, [1, 2]);
  expect(header).toContain('top1_seed_2');
  expect(first!.slice(0, 2)).toEqual(['kinetics-mini', 'co-trained']);
  expect(second![4]).toBeCloseTo(0.05, 10);
});

describe.skipIf(!hasChromium)('study page', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness(tmpdir());
  });
  afterAll(() => harness?.close());

  async function open(shown: ViewedStudy, theme: 'dark' | 'light' | 'contrast' = 'dark') {
    const asked: string[] = [];
    const view = await harness.open({
      view: 'study',
      surface: studyHostSurface,
      theme,
      handlers: {
        'studyView/ready': async () => shown,
        'studyView/openRun': async ({ run, training }) => {
          asked.push(`open ${run}${training ? ', training' : ''}`);
          return {};
        },
        'studyView/goOn': async () => {
          asked.push('go on');
          Object.assign(shown, { running: true });
          return {};
        },
        'studyView/stop': async () => {
          asked.push('stop');
          Object.assign(shown, { stopping: true });
          return {};
        },
        'studyView/copyCli': async () => {
          asked.push('cli');
          return {};
        },
        'page/save': async ({ name, type }) => {
          asked.push(`save ${name}.${type}`);
          return { saved: true };
        },
        'page/copy': async () => ({}),
      },
    });
    await view.page.getByTestId('study').waitFor();
    return { ...view, asked };
  }

  test('tables and the transfer matrix; harms in the same size as gains', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const view = await open(study(), theme);
      await view.page.getByTestId('transfer').locator('svg').first().waitFor();
      const text = await view.page.getByTestId('transfer').textContent();
      expect(text).toMatch(/−\d/);
      expect(text).toMatch(/\+\d/);
      const sizes = await view.page
        .locator('td.difference')
        .evaluateAll((all) => all.map((cell) => getComputedStyle(cell).fontSize));
      expect(new Set(sizes).size).toBe(1);
      expect(await view.page.getByTestId('table-coTraining').textContent()).toContain('−15.0 ± 1.2');
      await view.shot(`study-${theme}`);
      await expectAccessible(view.page);
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });

  test('opens runs, saves tables, copies the command', async () => {
    const view = await open(study());
    await view.page.getByTestId('arm-run').nth(1).click();
    await view.page.getByTestId('copy-cli').click();
    await view.page.getByRole('button', { name: 'Save CSV…' }).click();
    await eventually(() => view.asked).toEqual(['open strategies-2', 'cli', 'save strategies-coTraining.csv']);
    await view.page.close();
  });

  test('one that is not finished says what is left, goes on, and is stopped', async () => {
    const arms = [
      { title: 'co-trained', seed: 1, run: 'strategies-1', done: true, training: false },
      { title: 'kinetics-mini alone', seed: 1, run: 'strategies-2', done: false, training: true },
      { title: 'ssv2-mini alone', seed: 1, run: null, done: false, training: false },
    ];
    const view = await open({ ...study(), finished: 3, tables: [], transfer: null, arms });
    const { page, host } = view;
    const left = page.getByText('11 of 14 runs still to train');
    await left.waitFor();
    expect(await page.getByTestId('stop').count()).toBe(0);
    await view.shot('study-stopped');
    await page.getByTestId('go-on').click();
    await eventually(() => view.asked).toEqual(['go on']);
    host.notify('studyView/changed', {});
    await page.getByTestId('stop').waitFor();
    expect(await page.getByTestId('go-on').count()).toBe(0);
    await page.getByRole('button', { name: 'strategies-2' }).click();
    await page.getByTestId('stop').click();
    await eventually(() => view.asked).toEqual(['go on', 'open strategies-2, training', 'stop']);
    host.notify('studyView/changed', {});
    await page.getByText('Stopping after this step…').waitFor();
    await expectAccessible(page);
    await view.shot('study-running');
    expect(view.complaints).toEqual([]);
    await page.close();
  });

  test('of a finished one there is nothing to go on with', async () => {
    const view = await open(study());
    expect(await view.page.getByTestId('go-on').count()).toBe(0);
    await view.page.close();
  });
});
