// The run view in a real browser: it draws what the host tells, live, and asks the host for what its buttons say.
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobEvent } from '../../src/protocol/events.ts';
import type { RunSummary } from '../../src/protocol/runs.ts';
import { runHostSurface } from '../../src/protocol/runView.ts';
import { expectAccessible } from './axe.ts';
import { eventually, type Harness, hasChromium, startHarness } from './harness.ts';
import { runEvents, runSummary } from './runData.ts';

describe.skipIf(!hasChromium)('run view', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness(tmpdir());
  });
  afterAll(() => harness?.close());

  async function open(
    summary: RunSummary,
    events: JobEvent[],
    options: { live?: boolean; theme?: 'dark' | 'light' | 'contrast'; width?: number } = {},
  ) {
    const asked: string[] = [];
    let sequence = events.length;
    const note = (what: string) => async (params: object) => {
      asked.push(`${what} ${JSON.stringify(params)}`);
      return {};
    };
    const view = await harness.open({
      view: 'run',
      surface: runHostSurface,
      ...options,
      handlers: {
        'page/save': async () => ({ saved: false }),
        'page/copy': note('copy'),
        'runView/ready': async () => {
          asked.push('ready');
          return { summary, events, sequence, live: options.live ?? false };
        },
        'runView/stop': note('stop'),
        'runView/openEvaluation': note('openEvaluation'),
        'runView/openLog': note('openLog'),
        'runView/openFile': note('openFile'),
      },
    });
    await view.page.getByTestId('run').waitFor();
    const tell = (event: JobEvent) => {
      events.push(event);
      view.host.notify('runView/event', { sequence: ++sequence, event });
    };
    return { ...view, asked, tell, skip: () => sequence++ };
  }

  test('draws a run half way, in every theme', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const view = await open(runSummary('running'), runEvents({ until: 1240 }), { live: true, theme });
      await view.page.getByTestId('chart-loss').locator('svg path').first().waitFor();
      await expectAccessible(view.page);
      await view.shot(`run-${theme}`);
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });

  test('follows the events, and asks again after a gap', async () => {
    const view = await open(runSummary('running'), [], { live: true });
    expect(await view.page.getByTestId('chart-loss').textContent()).toContain('The first step is being computed.');
    await view.shot('run-empty');
    const events = runEvents({ until: 30 });
    for (const event of events) view.tell(event);
    await view.page.locator('[data-testid=run][data-step="30"]').waitFor();
    expect(view.asked).toEqual(['ready']);
    view.skip();
    view.tell(events.at(-1)!);
    await eventually(() => view.asked).toEqual(['ready', 'ready']);
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('buttons ask the host', async () => {
    const view = await open(runSummary('running'), runEvents({ until: 1240 }), { live: true, width: 890 });
    await view.shot('run-beside-sidebar');
    await view.page.getByTestId('stop').click();
    await view.page.getByTestId('open-evaluation').click();
    await view.page.getByTestId('open-log').click();
    await view.page.getByTestId('problems').getByRole('button').first().click();
    await eventually(() => view.asked.slice(1)).toEqual([
      'stop {}',
      'openEvaluation {}',
      'openLog {}',
      'openFile {"file":"/data/kinetics-mini/train/archery/a17.mp4"}',
    ]);
    await view.page.close();
  });

  test('says why a run failed', async () => {
    const error = 'The disk is full: 0 bytes are left in /data/.cover/runs. Free some space and train again.';
    const view = await open({ ...runSummary('failed'), error }, runEvents({ until: 3 }));
    expect(await view.page.getByTestId('failure').textContent()).toContain(error);
    expect(await view.page.getByTestId('stop').count()).toBe(0);
    await view.shot('run-failed');
    await view.page.close();
  });

  test('reads values out under the keyboard, and the legend switches lines', async () => {
    const view = await open(runSummary('done'), runEvents({ until: 3000, done: true }), { width: 700 });
    await view.page.getByTestId('chart-top1').getByRole('group').focus();
    await view.page.keyboard.press('Home');
    expect(await view.page.getByTestId('chart-top1').locator('.readout').textContent()).toMatch(/^step \d/);
    await view.shot('run-narrow');
    const lines = view.page.getByTestId('chart-loss').locator('.line');
    expect(await lines.count()).toBe(3);
    await view.page.getByTestId('chart-loss').getByRole('button', { name: 'ssv2-mini' }).click();
    expect(await lines.count()).toBe(2);
    await view.page.close();
  });
});
