// The run view in a real browser: it draws what the host tells, live, and asks the host for what its buttons say.
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobEvent } from '../../src/protocol/events.ts';
import { runHostSurface } from '../../src/protocol/runView.ts';
import { expectAccessible } from './axe.ts';
import { eventually, type Harness, hasChromium, startHarness } from './harness.ts';
import { runEvents, runSummary } from './runData.ts';
import { type RunHost, runHandlers } from './runHost.ts';

const folder = '/data/.cover/runs/cover-tiny-3/checkpoints';
const checkpoints = [1100, 1200].map((step) => ({
  name: `step-${step}`,
  file: `${folder}/step-${step}.safetensors`,
  step,
  bytes: 71_000_000,
  newest: step === 1200,
}));
const earlier = {
  'cover-tiny-2': {
    summary: { ...runSummary('done'), run: 'cover-tiny-2' },
    events: runEvents({ until: 3000, done: true }),
  },
  'cover-tiny-1': { summary: { ...runSummary('cancelled'), run: 'cover-tiny-1' }, events: runEvents({ until: 1500 }) },
};

describe.skipIf(!hasChromium)('run view', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness(tmpdir());
  });
  afterAll(() => harness?.close());

  async function open(
    host: RunHost,
    options: { theme?: 'dark' | 'light' | 'contrast'; width?: number; height?: number; state?: unknown } = {},
  ) {
    const asked: string[] = [];
    let sequence = host.events.length;
    const view = await harness.open({
      view: 'run',
      surface: runHostSurface,
      ...options,
      handlers: runHandlers({ sequence: () => sequence, ...host }, asked),
    });
    await view.page.getByTestId('run').waitFor();
    const tell = (...events: JobEvent[]) => {
      host.events.push(...events);
      view.host.notify('runView/events', { sequence: ++sequence, events });
    };
    const say = (summary: RunHost['summary'], stopping = false) =>
      view.host.notify('runView/summary', { sequence: ++sequence, summary, stopping });
    return { ...view, asked, tell, say, skip: () => sequence++ };
  }

  test('draws a run half way, in every theme', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const view = await open(
        { summary: runSummary('running'), events: runEvents({ until: 1240 }), checkpoints, others: earlier },
        { theme, state: { smoothing: 0.94, compared: ['cover-tiny-2'], logOpen: false } },
      );
      await view.page.getByTestId('compared').first().waitFor();
      await eventually(() => view.page.getByTestId('chart-loss').locator('.line').count()).toBe(6);
      await expectAccessible(view.page);
      await view.shot(`run-${theme}`);
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });

  test('follows the events, and asks again after a gap', async () => {
    const view = await open({ summary: runSummary('running'), events: [] });
    await eventually(() => view.page.getByTestId('chart-loss').textContent()).toContain(
      'The first step is being computed.',
    );
    await view.shot('run-empty');
    const events = runEvents({ until: 30 });
    view.tell(...events.slice(0, 10));
    for (const event of events.slice(10)) view.tell(event);
    await view.page.locator('[data-testid=run][data-step="30"]').waitFor();
    expect(view.asked).toEqual(['ready']);
    view.skip();
    view.tell(events.at(-1)!);
    await eventually(() => view.asked).toEqual(['ready', 'ready']);
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('buttons and menus ask the host', async () => {
    const view = await open(
      { summary: runSummary('running'), events: runEvents({ until: 1240 }), checkpoints },
      { width: 890 },
    );
    await view.shot('run-beside-sidebar');
    await view.page.getByTestId('stop').click();
    view.say(runSummary('running'), true);
    await view.page.getByTestId('stop-now').click();
    await eventually(() => view.page.getByTestId('run-state').textContent()).toBe('stopping after this step');
    await view.page.getByTestId('open-evaluation').click();
    for (const item of ['Export ONNX…', 'Open experiment.json', 'Compare settings with…', 'Copy as CLI command']) {
      await view.page.getByRole('button', { name: 'More actions' }).click();
      await view.page.getByRole('menuitem', { name: item }).click();
    }
    await view.page.getByRole('button', { name: 'Reveal the checkpoint of step 1,100' }).click();
    await view.page.getByTestId('problems').getByRole('button').first().click();
    await eventually(() => view.asked.slice(1)).toEqual([
      'do {"action":"stop"}',
      'do {"action":"stopNow"}',
      'openEvaluation {}',
      'do {"action":"exportOnnx"}',
      'do {"action":"openExperiment"}',
      'do {"action":"compareSettings"}',
      'do {"action":"copyCli"}',
      'reveal {"checkpoint":"step-1100"}',
      'openFile {"file":"/data/kinetics-mini/train/archery/a17.mp4"}',
    ]);
    await view.page.close();
  });

  test('says why a run failed, and offers to go on', async () => {
    const error = 'The disk is full: 0 bytes are left in /data/.cover/runs. Free some space and train again.';
    const log = 'starting\nError: ENOSPC <b>no space</b>\n';
    const view = await open({
      summary: { ...runSummary('failed'), error },
      events: runEvents({ until: 3 }),
      checkpoints,
      log,
    });
    await eventually(() => view.page.getByTestId('failure').textContent()).toContain(error);
    expect(await view.page.getByTestId('stop').count()).toBe(0);
    await eventually(() => view.page.getByTestId('resume-says').textContent()).toMatch(
      /^Resume goes on after step 1,200, from the newest checkpoint, .* used only where the newest is damaged\.$/,
    );
    await view.page.getByTestId('resume').click();
    await view.page.getByTestId('retry').click();
    await view.page.getByTestId('checkpoints').getByRole('button', { name: 'Resume from here' }).click();
    await view.page.getByTestId('log').locator('summary').click();
    await eventually(() => view.page.getByTestId('log-tail').textContent()).toContain('ENOSPC <b>no space</b>');
    await eventually(() => view.page.getByTestId('log').locator('li').first().textContent()).toMatch(/^Started on CPU/);
    await view.page.getByTestId('open-log').click();
    await eventually(() => view.asked.slice(1)).toEqual([
      'do {"action":"resume"}',
      'do {"action":"retry"}',
      'do {"action":"resume"}',
      'do {"action":"openLog"}',
    ]);
    await view.shot('run-failed');
    await view.page.close();
  });

  test('draws other runs dashed on the same axes, and takes them away', async () => {
    const host = { summary: runSummary('running'), events: runEvents({ until: 1240 }), others: earlier };
    const view = await open(host);
    const lines = (chart: string, dashed: string) => view.page.getByTestId(chart).locator(`.line path${dashed}`);
    expect(await lines('chart-top1', '[stroke-dasharray]').count()).toBe(0);
    await view.page.getByTestId('compare-add').click();
    await eventually(() => lines('chart-top1', '[stroke-dasharray]').count()).toBe(6);
    await eventually(() => lines('chart-rate', '[stroke-dasharray]').count()).toBe(2);
    await eventually(() => view.page.getByTestId('compared').allTextContents()).toEqual([
      'cover-tiny-2×',
      'cover-tiny-1×',
    ]);
    await view.page.getByRole('button', { name: 'Remove cover-tiny-1' }).click();
    await eventually(() => lines('chart-top1', '[stroke-dasharray]').count()).toBe(3);
    expect(view.state()).toMatchObject({ compared: ['cover-tiny-2'] });
    view.host.notify('runView/compareWith', { run: 'cover-tiny-1' });
    await eventually(() => lines('chart-top1', '[stroke-dasharray]').count()).toBe(6);
    view.host.notify('runView/compareWith', { run: 'gone' });
    await eventually(() => view.page.locator('.chip.wrong').getAttribute('title')).toBe('There is no run "gone".');
    await view.page.close();
  });

  test('a run that the host wants compared is added to those that were, also where it tells so first', async () => {
    const host = { summary: runSummary('running'), events: runEvents({ until: 1240 }), others: earlier };
    const view = await open(host, { state: { smoothing: 0.5, compared: ['cover-tiny-1'], logOpen: false } });
    const compared = () => view.page.getByTestId('compared').allTextContents();
    await eventually(compared).toEqual(['cover-tiny-1×']);
    view.hold(true);
    await view.reload();
    await view.page.getByText('Reading the run…').waitFor();
    view.host.notify('runView/compareWith', { run: 'cover-tiny-2' });
    await eventually(() => view.state()).toMatchObject({ compared: ['cover-tiny-1', 'cover-tiny-2'] });
    view.hold(false);
    await eventually(compared).toEqual(['cover-tiny-1×', 'cover-tiny-2×']);
    await view.page.close();
  });

  test('reads values out under the keyboard, the legend switches lines, the slider smooths', async () => {
    const view = await open(
      { summary: runSummary('done'), events: runEvents({ until: 3000, done: true }) },
      { width: 700 },
    );
    await view.page.getByTestId('chart-top1').getByRole('group').focus();
    await view.page.keyboard.press('Home');
    await eventually(() => view.page.getByTestId('chart-top1').locator('.readout').textContent()).toMatch(/^step \d/);
    // The other charts show where it is read.
    await eventually(() => view.page.locator('.cursor').count()).toBe(5);
    await eventually(() => view.page.locator('.readout').count()).toBe(1);
    await view.shot('run-narrow');
    const lines = view.page.getByTestId('chart-loss').locator('.line', { has: view.page.locator('path') });
    await eventually(() => lines.count()).toBe(3);
    await view.page.getByTestId('chart-loss').getByRole('button', { name: 'ssv2-mini' }).click();
    await eventually(() => lines.count()).toBe(2);
    await eventually(() => lines.locator('.faint').count()).toBe(2);
    await view.page.getByRole('slider').focus();
    await view.page.keyboard.press('Home');
    await eventually(() => lines.locator('.faint').count()).toBe(0);
    expect(view.state()).toMatchObject({ smoothing: 0 });
    await view.page.close();
  });

  test('a run of a million steps opens as quickly as its points are few', async () => {
    const events = runEvents({ until: 2000 }).map((event) =>
      event.event === 'step' ? { ...event, step: event.step * 500, steps: 1_000_000 } : event,
    );
    const view = await open({ summary: { ...runSummary('running'), steps: 1_000_000 }, events });
    await view.page.locator('[data-testid=run][data-step="1000000"]').waitFor();
    const path = await view.page.getByTestId('chart-speed').locator('.line path').first().getAttribute('d');
    expect(path!.split('L').length).toBeLessThan(2000);
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });
});
