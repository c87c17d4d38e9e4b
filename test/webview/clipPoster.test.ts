// A card's small film in a real browser: it shows the sample's part of its file, over and over, while pointed at.
import { describe, expect, test } from 'vitest';
import { datasetHostSurface } from '../../src/protocol/datasetView.ts';
import { facetsOf, samplesOf, snapshotOf } from './datasetData.ts';
import { eventually, hasChromium } from './harness.ts';
import { loopTimes } from './loops.ts';
import { hasFFmpeg } from './media.ts';
import { mediaHarness } from './mediaHarness.ts';

const made = { name: 'clips', labels: ['archery'], total: 1 };
const nothing = async () => ({});

describe.skipIf(!hasChromium || !hasFFmpeg)('a card’s film', () => {
  const site = mediaHarness();

  test.each([
    [11.5, null],
    [11.5, 12],
    [2, 2.5],
    [null, 0.5],
  ])('from %s to %s s of twelve', async (start, end) => {
    const [sample] = samplesOf(made, {}, false, () => site.harness.mediaUrl('long.mp4'), {
      offset: 0,
      limit: 1,
    }).samples;
    const view = await site.harness.open({
      view: 'dataset',
      surface: datasetHostSurface,
      handlers: {
        'datasetView/ready': async () => snapshotOf(made),
        'datasetView/samples': async () => ({ total: 1, samples: [{ ...sample!, start, end }] }),
        'datasetView/facets': async ({ filters }) => facetsOf(made, filters, false),
        'datasetView/ids': async () => [],
        'datasetView/open': nothing,
        'datasetView/edit': nothing,
        'datasetView/run': nothing,
        'page/save': async () => ({ saved: false }),
        'page/copy': nothing,
      },
    });
    const video = view.page.locator('video');
    const time = () => video.evaluate((element) => (element as HTMLVideoElement).currentTime);
    await eventually(time).toBeCloseTo(start ?? 0, 1);
    await view.page.getByTestId('sample').hover();
    const times = await video.evaluate(loopTimes);
    expect(Math.min(...times)).toBeGreaterThan((start ?? 0) - 0.05);
    expect(Math.max(...times)).toBeLessThan((end ?? 12) + 0.2);
    await view.page.mouse.move(0, 0);
    await eventually(time).toBeCloseTo(start ?? 0, 1);
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });
});
