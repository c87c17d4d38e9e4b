// The study page in a real browser: its tables and the transfer matrix, in three themes, and names that are no HTML.
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { studyHostSurface, type ViewedStudy } from '../../src/protocol/studyView.ts';
import { accuracyText, differenceText, rangeText, tableRows } from '../../webview/study/texts.ts';
import { expectAccessible } from './axe.ts';
import { eventually, type Harness, hasChromium, startHarness } from './harness.ts';
import { armOf, names, studyOf as study, value } from './studyData.ts';

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
      await eventually(() => view.page.getByTestId('table-coTraining').textContent()).toContain('−15.0 ± 1.2');
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
      armOf('co-trained', 1, 'strategies-1', 240),
      armOf('kinetics-mini alone', 1, 'strategies-2', null, { training: true, step: 40 }),
      armOf('ssv2-mini alone', 1, null),
    ];
    const view = await open({ ...study(), finished: 1, runs: 3, tables: [], transfer: null, arms });
    const { page, host } = view;
    await page.getByText('1 of 3 runs finished').waitFor();
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

  test('a bar over its runs: the one under way by its own share, with rate and the time that all take', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const arms = [
        armOf('co-trained', 1, 's-1', 240),
        armOf('kinetics-mini alone', 1, 's-2', 70),
        armOf('ssv2-mini alone', 1, 's-3', null, { failed: true, step: 12 }),
        armOf('imagenet-mini alone', 1, 's-4', null, { training: true, step: 30 }),
        armOf('co-trained', 2, 's-5', null, { step: 60 }),
        ...names.map((name) => armOf(`${name} alone`, 2, null)),
      ];
      const newest = { run: 's-4', step: 33, steps: 120, clipsPerSecond: 12.34, eta: 50 };
      const shown = { ...study(), finished: 2, runs: 8, tables: [], transfer: null, running: true, arms };
      const view = await open({ ...shown, eta: 60, later: 850, newest }, theme);
      const { page, host } = view;
      const bar = page.getByRole('progressbar');
      await eventually(() => page.getByTestId('progress').textContent()).toContain(
        'run 4 of 8: imagenet-mini alone, seed 1 · step 33 of 120 · 12.3 clips/s',
      );
      await eventually(() => page.getByTestId('left').textContent()).toBe('15 min left'); // 50 s of its own and 850 s
      await eventually(() => bar.getAttribute('aria-valuenow')).toBe('36'); // (2 + 12/120 + 33/120 + 60/120) / 8
      await eventually(() => page.getByTestId('arm-state').allTextContents()).toEqual([
        ...['finished in 4 min', 'finished in 1 min 10 s', 'failed at step 12 of 120', 'training at step 33 of 120'],
        ...['stopped at step 60 of 120', 'to come', 'to come', 'to come'],
      ]);
      await view.shot(`study-progress-${theme}`);
      await expectAccessible(page);
      host.notify('studyView/step', { ...newest, step: 90, eta: 20 });
      await page.getByText('training at step 90 of 120').waitFor();
      await eventually(() => bar.getAttribute('aria-valuenow')).toBe('42');
      host.notify('studyView/step', { ...newest, run: 'another', step: 1 });
      host.notify('studyView/step', { ...newest, step: 96, eta: null });
      await page.getByText('training at step 96 of 120').waitFor();
      expect(view.complaints).toEqual([]);
      await page.close();
    }
  });

  test('while no run is finished only the own time of the first is told; of what rests, what it would take', async () => {
    const arms = [armOf('co-trained', 1, 's-1', null, { training: true, step: 30 }), armOf('a alone', 1, null)];
    const shown = { ...study(), finished: 0, runs: 2, tables: [], transfer: null, arms };
    const first = await open({ ...shown, running: true, eta: 60, later: null });
    await eventually(() => first.page.getByTestId('left').textContent()).toBe('60 s left of this run');
    await first.page.close();
    const rests = [armOf('co-trained', 1, 's-1', 100), armOf('a alone', 1, null)];
    const second = await open({ ...shown, finished: 1, arms: rests, eta: null, later: 100 });
    await eventually(() => second.page.getByTestId('left').textContent()).toBe('about 1 min 40 s of training left');
    await eventually(() => second.page.getByTestId('progress').textContent()).toContain('nothing trains now');
    await second.page.close();
  });

  test('of a finished one there is nothing to go on with', async () => {
    const view = await open(study());
    expect(await view.page.getByTestId('go-on').count()).toBe(0);
    expect(await view.page.getByTestId('progress').count()).toBe(0);
    await view.page.close();
  });
});
