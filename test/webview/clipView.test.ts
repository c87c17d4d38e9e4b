// The clip view in a real browser: files that play, files that must be converted, and what the heads say.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { type ClipSnapshot, clipHostSurface } from '../../src/protocol/clipView.ts';
import { expectAccessible } from './axe.ts';
import { eventually, type Harness, hasChromium, startHarness } from './harness.ts';
import { hasFFmpeg, makeMedia } from './media.ts';

const heads = {
  'kinetics-mini': [
    { label: 'riding a bike', probability: 0.81 },
    { label: 'riding scooter', probability: 0.12 },
    { label: 'archery', probability: 0.04 },
    { label: 'pole vault', probability: 0.02 },
    { label: 'bowling', probability: 0.006 },
  ],
  'ssv2-mini': [
    { label: 'Pushing something from left to right', probability: 0.44 },
    { label: 'Pretending to <i>push</i> something', probability: 0.31 },
    { label: 'Moving something down', probability: 0.11 },
  ],
  'imagenet-mini': [
    { label: 'unicycle', probability: 0.63 },
    { label: 'tricycle', probability: 0.2 },
  ],
};

const samples = resolve(process.env.COVER_SAMPLES ?? '../shared/samples', 'clips');

describe.skipIf(!hasChromium || !hasFFmpeg)('clip view', () => {
  let harness: Harness;
  let media: ReturnType<typeof makeMedia>;
  beforeAll(async () => {
    media = makeMedia();
    harness = await startHarness(media.folder);
  });
  afterAll(async () => {
    await harness?.close();
    media?.remove();
  });

  async function open(
    name: string,
    options: {
      theme?: 'dark' | 'light' | 'contrast';
      truth?: string;
      part?: [number, number];
      size?: number;
      predict?: () => Promise<{ run: string; protocol: string; heads: typeof heads }>;
      before?: (page: Page) => Promise<void>;
    } = {},
  ) {
    const { theme = 'dark', truth, part, size } = options;
    const asked: string[] = [];
    const clip: ClipSnapshot = {
      file: join(media.folder, name),
      path: `clips/${name}`,
      url: harness.mediaUrl(name),
      kind: /png|tiff$/.test(name) ? 'image' : 'video',
      size: size ?? (name.startsWith('no ') ? null : statSync(join(media.folder, name)).size),
      truth: truth === undefined ? null : { dataset: 'kinetics-mini', label: truth, split: 'val' },
      start: part?.[0] ?? null,
      end: part?.[1] ?? null,
    };
    const view = await harness.open({
      view: 'clip',
      surface: clipHostSurface,
      theme,
      width: 1100,
      height: 640,
      before: options.before,
      handlers: {
        'clipView/ready': async () => clip,
        'clipView/predict':
          options.predict ??
          (async () => ({ run: 'cover-tiny-2', protocol: '1 clip × 1 crop, 8 frames uniform, 64 × 64', heads })),
        'clipView/train': async () => {
          asked.push('train');
          return {};
        },
      },
    });
    const source = (state: string) => view.page.locator(`[data-testid=picture][data-source=${state}]`).waitFor();
    const video = view.page.getByTestId('video');
    const seconds = () => video.evaluate((element) => (element as HTMLVideoElement).currentTime);
    const ready = () => eventually(() => video.evaluate((element) => (element as HTMLVideoElement).readyState)).toBe(4);
    return { ...view, asked, source, video, seconds, ready };
  }

  test('plays an MP4 and steps through its frames by the keyboard', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const view = await open('clip.mp4', { theme, truth: 'riding a bike' });
      await view.source('direct');
      await view.ready();
      await view.page.keyboard.press('ArrowRight');
      await view.page.keyboard.press('ArrowRight');
      await eventually(view.seconds).toBeCloseTo(0.1, 2); // the middle of the third frame of 25 a second
      await view.page.keyboard.press('ArrowLeft');
      await eventually(view.seconds).toBeCloseTo(0.06, 2);
      expect(await view.page.getByTestId('head-kinetics-mini').getByTestId('verdict').textContent()).toBe('✓ right');
      await expectAccessible(view.page);
      await view.shot(`clip-${theme}`);
      // The browser stops a video by itself whose page it takes for hidden, as it may just after a screenshot: space again.
      const play = async () => {
        if (await view.video.evaluate((element) => (element as HTMLVideoElement).paused))
          await view.page.keyboard.press(' ');
        return view.seconds();
      };
      await eventually(play).toBeGreaterThan(0.2);
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });

  test.each(['clip.avi', 'odd.avi'])('converts %s while the predictions are there already', async (name) => {
    const view = await open(name, { truth: 'archery' });
    await view.page.getByTestId('converting').waitFor();
    await view.page.getByTestId('head-kinetics-mini').waitFor();
    expect(await view.page.getByTestId('picture').getAttribute('data-source')).toBe('converting');
    await view.shot('clip-converting');
    await view.source('converted');
    await view.ready();
    const [width, duration] = await view.video.evaluate((element) => {
      const { videoWidth, duration } = element as HTMLVideoElement;
      return [videoWidth, duration] as const;
    });
    expect(width).toBe(320);
    expect(duration).toBeGreaterThan(0.9);
    expect(await view.page.getByTestId('verdict').textContent()).toBe('✕ wrong');
    await view.shot(`clip-converted-${name}`);
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('converts only the sample’s part of a file', async () => {
    const view = await open('clip.avi', { part: [0.5, 1.5] });
    await view.source('converted');
    await view.ready();
    const duration = await view.video.evaluate((element) => (element as HTMLVideoElement).duration);
    expect(duration).toBeGreaterThan(0.9);
    expect(duration).toBeLessThan(1.2);
    await view.page.close();
  });

  test('shows a PNG as it is and a TIFF converted', async () => {
    for (const [name, state] of [
      ['clip.png', 'direct'],
      ['picture.tiff', 'converted'],
    ] as const) {
      const view = await open(name);
      await view.source(state);
      const width = () =>
        view.page.getByTestId('image').evaluate((element) => (element as HTMLImageElement).naturalWidth);
      await eventually(width).toBe(320);
      await view.page.close();
    }
  });

  test('conversion can be cancelled and taken up again', async () => {
    // The converter comes only when this test lets it: a fast machine would be done before the button is reached.
    let release = () => {};
    const released = new Promise<void>((done) => {
      release = done;
    });
    const view = await open('clip.avi', {
      before: async (page) => {
        await page.route(/ffmpeg-core\.wasm/, async (route) => {
          await released;
          await route.continue().catch(() => {}); // the cancelled one wants it no more
        });
      },
    });
    await view.page.getByTestId('converting').getByRole('button', { name: 'Cancel' }).click();
    await view.source('cancelled');
    release();
    await view.page.getByRole('button', { name: 'Convert' }).click();
    await view.source('converted');
    await view.page.close();
  });

  test.each([
    ['broken.avi', undefined, /damaged or of an unknown kind/],
    ['no such file.avi', undefined, /cannot be read/],
    ['clip.avi', 612e6, /612 MB it is too large to be converted here \(limit 500 MB\)/],
  ] as const)('says why %s (%s bytes) cannot be shown', async (name, size, sentence) => {
    const view = await open(name, size === undefined ? {} : { size });
    await view.source('failed');
    expect(await view.page.getByTestId('failure').textContent()).toMatch(sentence);
    await view.page.getByTestId('head-kinetics-mini').waitFor();
    await view.shot(`clip-failed-${name.replaceAll(' ', '-')}`);
    await view.page.close();
  });

  test('offers training where nothing is trained', async () => {
    const view = await open('clip.mp4', {
      predict: async () => {
        throw new UserError('no-run', 'Train a model on your datasets; then every head says here what it sees.');
      },
    });
    await view.page.getByTestId('train').click();
    await eventually(() => view.asked).toEqual(['train']);
    await view.shot('clip-no-run');
    await view.page.close();
  });
});

describe.skipIf(!hasChromium || !existsSync(samples))('clip view on other people’s files', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness(samples);
  });
  afterAll(() => harness?.close());

  test.each([
    ['ucf101-style.avi', 'converted'],
    ['h265_video.mp4', undefined], // some builds of Chromium play it, others do not
    ['av1_video.mkv', undefined],
    ['h264_10bits.mp4', undefined],
    ['corrupted.mp4', undefined],
    ['rotated-90.mov', undefined],
  ])('%s is shown', async (name, state) => {
    const file = join(samples, name);
    if (!existsSync(file)) throw new Error(`${file} is missing.`);
    const { page } = await harness.open({
      view: 'clip',
      surface: clipHostSurface,
      handlers: {
        'clipView/ready': async () => ({
          file,
          path: name,
          url: harness.mediaUrl(name),
          kind: 'video' as const,
          size: statSync(file).size,
          truth: null,
          start: null,
          end: null,
        }),
        'clipView/predict': async () => ({ run: 'run', protocol: '1 clip × 1 centre crop', heads: {} }),
        'clipView/train': async () => ({}),
      },
    });
    const width = () =>
      page
        .getByTestId('video')
        .evaluate((element) => (element as HTMLVideoElement).videoWidth, undefined, { timeout: 500 })
        .catch(() => 0);
    await eventually(width).toBeGreaterThan(0);
    const source = await page.getByTestId('picture').getAttribute('data-source');
    console.log(`${name}: ${source}`);
    if (state) expect(source).toBe(state);
    await page.close();
  });
});
