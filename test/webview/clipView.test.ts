// The clip view in a real browser: files that play, files that must be converted, and what the heads say.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import {
  type ClipHostSurface,
  type ClipSample,
  type ClipSnapshot,
  clipHostSurface,
} from '../../src/protocol/clipView.ts';
import type { Handlers } from '../../src/protocol/endpoint.ts';
import { expectAccessible } from './axe.ts';
import { attentionOf, heads, pagesOf, timelineOf } from './clipData.ts';
import { eventually, type Harness, hasChromium, startHarness } from './harness.ts';
import { loopTimes } from './loops.ts';
import { hasFFmpeg } from './media.ts';
import { mediaHarness } from './mediaHarness.ts';

const samples = resolve(process.env.COVER_SAMPLES ?? '../shared/samples', 'clips');

const said = { run: 'cover-tiny-2', protocol: '1 clip × 1 crop, 8 frames uniform, 64 × 64', heads };
const seconds = (count: number, over: number) => Array.from({ length: count }, (_, i) => ((i + 0.5) / count) * over);

/** A host that knows of no more than the clip, and notes what it is asked to do. */
function quiet(
  asked: string[],
): Omit<Handlers<ClipHostSurface>, 'clipView/ready' | 'clipView/predict' | 'clipView/train' | 'clipView/sample'> {
  return {
    'clipView/seen': async () => ({ run: said.run, times: [], rate: 25, crops: 1 }),
    'clipView/attention': async () => attentionOf(seconds(8, 2)),
    'clipView/timeline': async ({ from }) => ({
      ...{ run: said.run, from, windows: [], warning: null },
      plan: { from: 0, to: 2, length: 2, stride: 2, windows: 1, frames: 8 },
    }),
    'clipView/runs': async () => [
      { run: 'cover-tiny-2', detail: 'k 71.2' },
      { run: 'baseline-k', detail: 'k 66.0' },
    ],
    'clipView/step': async ({ by }) => {
      asked.push(`step ${by}`);
      return {};
    },
    'clipView/edit': async ({ edit }) => {
      asked.push(edit);
      return {};
    },
    'clipView/copyCli': async ({ run, top }) => {
      asked.push(`copy ${run} ${top}`);
      return {};
    },
    'page/save': async ({ name, type, data }) => {
      asked.push(`save ${name}.${type} ${data.length > 100}`);
      return { saved: true };
    },
    'page/copy': async () => ({}),
  };
}

describe.skipIf(!hasChromium || !hasFFmpeg)('clip view', () => {
  const site = mediaHarness();

  async function open(
    name: string,
    options: {
      theme?: 'dark' | 'light' | 'contrast';
      truth?: string;
      part?: [number, number | null];
      /** Of a folder of frames. */
      frames?: { digits: string[]; missing?: number };
      size?: number;
      sample?: Partial<ClipSample>;
      answers?: Partial<Handlers<ClipHostSurface>>;
      state?: unknown;
      width?: number;
      height?: number;
      before?: (page: Page) => Promise<void>;
    } = {},
  ) {
    const { theme = 'dark', truth, part, size, sample, frames } = options;
    const asked: string[] = [];
    const clip: ClipSnapshot = {
      file: join(site.media.folder, name),
      path: `clips/${name}`,
      url: site.harness.mediaUrl(name),
      kind: /png|tiff$/.test(name) ? 'image' : 'video',
      ...(frames && { frames: { before: '', after: '.jpg', missing: 0, rate: 12, ...frames } }),
      size: size ?? (name.startsWith('no ') ? null : statSync(join(site.media.folder, name)).size),
      truth: truth === undefined ? null : { dataset: 'kinetics-mini', label: truth, split: 'val' },
      start: part?.[0] ?? null,
      end: part?.[1] ?? null,
      run: null,
    };
    const view = await site.harness.open({
      view: 'clip',
      surface: clipHostSurface,
      theme,
      width: options.width ?? 1100,
      height: options.height ?? 640,
      state: options.state,
      before: options.before,
      handlers: {
        'clipView/ready': async () => clip,
        'clipView/predict': async () => said,
        'clipView/train': async () => {
          asked.push('train');
          return {};
        },
        'clipView/sample': async () =>
          truth === undefined
            ? null
            : {
                truth: clip.truth!,
                ...{ excluded: false, tags: [], position: 3, samples: 98, hasPrevious: true, hasNext: true },
                ...sample,
              },
        ...quiet(asked),
        ...options.answers,
      },
    });
    const source = (state: string) => view.page.locator(`[data-testid=picture][data-source=${state}]`).waitFor();
    const video = view.page.getByTestId('video');
    const seconds = () => video.evaluate((element) => (element as HTMLVideoElement).currentTime);
    const ready = () => eventually(() => video.evaluate((element) => (element as HTMLVideoElement).readyState)).toBe(4);
    return { ...view, asked, source, video, seconds, ready };
  }

  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => String(from + i).padStart(5, '0'));

  test('plays a folder of frames, steps and scrubs through it, with ticks, heat map and timeline of the same frames', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const seen = Array.from({ length: 8 }, (_, i) => ((i + 0.5) / 8) * 3);
      const answers = {
        'clipView/seen': async () => ({ run: said.run, times: seen, rate: 12, crops: 1 }),
        'clipView/attention': async () => attentionOf(seen),
        'clipView/timeline': pagesOf(timelineOf(3)),
      };
      const view = await open('frames', {
        theme,
        truth: 'Drumming Fingers',
        frames: { digits: numbered(1, 36) },
        answers,
      });
      const { page } = view;
      const canvas = page.getByTestId('frames');
      const frame = () => canvas.getAttribute('data-frame');
      await eventually(frame).toBe('00001');
      for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
      await eventually(frame).toBe('00004');
      await page.keyboard.press('ArrowLeft');
      await eventually(frame).toBe('00003');
      await eventually(() => page.getByTestId('time').textContent()).toBe('0:00.17 / 0:03.00 · frame 3 of 36');
      await page.keyboard.press('End');
      await eventually(frame).toBe('00036');
      await page.keyboard.press('Shift+ArrowLeft');
      await eventually(frame).toBe('00026');
      await page.getByLabel('Position').fill('1');
      await eventually(frame).toBe('00013');
      await eventually(() => page.getByTestId('ticks').locator('span').count()).toBe(8);
      await page.getByTestId('attention').click();
      await page.getByTestId('heat').waitFor();
      // The model saw frames 3, 7, 12, 16 … of 36: the fourth is the nearest to the 13th from the third.
      await eventually(() => page.getByTestId('heat').getAttribute('data-frame')).toBe('2');
      await page.keyboard.press('Home');
      await eventually(() => page.getByTestId('heat').getAttribute('data-frame')).toBe('0');
      const colours = await canvas.evaluate((element) => {
        const { width, height } = element as HTMLCanvasElement;
        return [width, height];
      });
      expect(colours).toEqual([320, 240]);
      await eventually(() => page.locator('.timeline-cell').count()).toBeGreaterThan(2);
      await view.shot(`clip-frames-${theme}`);
      await expectAccessible(page);
      expect(view.complaints).toEqual([]);
      await page.close();
    }
  });

  test('a folder of frames plays by itself in a loop, stops at its end without one, and does not wait for ever', async () => {
    const view = await open('frames', { frames: { digits: numbered(30, 36) } });
    const { page } = view;
    const frame = () => page.getByTestId('frames').getAttribute('data-frame');
    await eventually(frame).toBe('00030');
    await page.keyboard.press(' ');
    const shown = new Set<string | null>();
    for (let last = ''; shown.size < 7 || last !== '00030'; ) {
      last = (await frame()) ?? '';
      shown.add(last);
    }
    await page.keyboard.press('l');
    await eventually(() => page.getByTestId('play').getAttribute('aria-label')).toBe('Play (space)');
    await eventually(frame).toBe('00036');
    await page.keyboard.press(' '); // from the beginning
    await eventually(frame).not.toBe('00036');
    await page.close();
  });

  test('frames that are missing or damaged are told in one sentence, and the rest is played', async () => {
    const digits = numbered(1, 36).filter((each) => each !== '00003');
    const pages = pagesOf(timelineOf(3, 1));
    const warning = '2 of its 36 frames cannot be decoded.';
    const warned = { 'clipView/timeline': async (asked: { from: number }) => ({ ...(await pages(asked)), warning }) };
    const view = await open('holes', { frames: { digits, missing: 1 }, answers: warned });
    const { page } = view;
    const trouble = page.getByTestId('frames-trouble');
    await page.getByTestId('timeline-area').waitFor();
    expect(await page.getByText(warning).count()).toBe(0); // the player has said it
    const film = await open('clip.mp4', { answers: warned });
    await film.page.getByText(warning).waitFor();
    await film.page.close();
    await eventually(() => trouble.textContent()).toBe(
      '⚠ 1 of its 36 frames is missing, 1 cannot be read: what is there is played.',
    );
    await page.getByLabel('Position').fill(String(3 / 12)); // the fourth that is there
    await eventually(() => trouble.textContent()).toBe('⚠ Frame 00005 cannot be read: the one before it is shown.');
    await view.shot('clip-frames-holes');
    await page.close();
    const none = await open('ruins', { frames: { digits: numbered(1, 36) } });
    await none.page.getByText('None of the frames of this clip can be shown').waitFor();
    await none.page.close();
    const gone = await open('frames', { frames: { digits: [], missing: 36 } });
    await gone.page.getByText('None of the 36 frames of this clip is in its folder any more.').waitFor();
    await gone.page.close();
  });

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
      await eventually(() => view.page.getByTestId('head-kinetics-mini').getByTestId('verdict').textContent()).toBe(
        '✓ right',
      );
      await expectAccessible(view.page);
      await view.shot(`clip-${theme}`);
      // The browser stops a video by itself whose page it takes for hidden, as it may just after a screenshot: to the front, and
      // space again.
      const play = async () => {
        if (await view.video.evaluate((element) => (element as HTMLVideoElement).paused)) {
          await view.page.bringToFront();
          await view.page.keyboard.press(' ');
        }
        return view.seconds();
      };
      await eventually(play).toBeGreaterThan(0.2);
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });

  test.each(['clip.avi', 'odd.avi', 'clip.wmv', 'clip.flv', 'clip.mpg'])(
    'converts %s while the predictions are there already',
    async (name) => {
      const view = await open(name, { truth: 'archery' });
      await view.page.getByTestId('converting').waitFor();
      await view.page.getByTestId('head-kinetics-mini').waitFor();
      await eventually(() => view.page.getByTestId('picture').getAttribute('data-source')).toBe('converting');
      await view.shot('clip-converting');
      await view.source('converted');
      await view.ready();
      const [width, duration] = await view.video.evaluate((element) => {
        const { videoWidth, duration } = element as HTMLVideoElement;
        return [videoWidth, duration] as const;
      });
      expect(width).toBe(320);
      expect(duration).toBeGreaterThan(0.9);
      await eventually(() => view.page.getByTestId('verdict').textContent()).toBe('✕ wrong');
      // The converter's memory goes with its worker.
      await eventually(() => view.page.workers().length).toBe(0);
      await view.shot(`clip-converted-${name}`);
      expect(view.complaints).toEqual([]);
      await view.page.close();
    },
  );

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
    await eventually(() => view.page.getByTestId('failure').textContent()).toMatch(sentence);
    await view.page.getByTestId('head-kinetics-mini').waitFor();
    await view.shot(`clip-failed-${name.replaceAll(' ', '-')}`);
    await view.page.close();
  });

  const long = timelineOf(12);
  const longAnswers = {
    'clipView/timeline': pagesOf(long),
    'clipView/seen': async () => ({ run: said.run, times: seconds(8, 12), rate: 25, crops: 1 }),
    'clipView/attention': async () => attentionOf(seconds(8, 12)),
  };

  test('a long video has a timeline that is read, clicked and moved by keys', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const view = await open('long.mp4', { theme, truth: 'riding a bike', height: 900, answers: longAnswers });
      await view.ready();
      const area = view.page.getByTestId('timeline-area');
      await eventually(() => area.locator('.timeline-cell').count()).toBe(2 * long.plan.windows);
      await eventually(() => view.page.getByTestId('ticks').locator('span').count()).toBe(8);
      const box = (await area.boundingBox())!;
      const x = (time: number) => 112 + (time / 12) * (box.width - 112);
      await area.hover({ position: { x: x(3), y: 10 } });
      const readout = view.page.getByTestId('timeline-readout');
      await eventually(() => readout.textContent()).toContain('<img src=x onerror=document.title="broken">');
      await eventually(() => readout.textContent()).toContain('bowling');
      await view.shot(`clip-timeline-${theme}`);
      await area.click({ position: { x: x(9.2), y: 10 } });
      await eventually(view.seconds).toBeCloseTo(9.2, 1);
      await eventually(async () => Number(await area.locator('.timeline-now').getAttribute('x1'))).toBeCloseTo(
        x(9.2),
        -1,
      );
      const now = async () => Number(await area.getAttribute('aria-valuenow'));
      const before = await now();
      await area.press('ArrowRight');
      await eventually(now).toBe(before + 1);
      await eventually(view.seconds).toBeCloseTo(long.plan.stride * before + 0.5, 1);
      await eventually(() => area.getAttribute('aria-valuetext')).toMatch(/^0:09\.\d+ to 0:.*kinetics-mini: .*%/);
      await area.press('Home');
      await eventually(now).toBe(1);
      // The film's own keys are the page's.
      await view.page.locator('main').click({ position: { x: 4, y: 4 } });
      await view.page.keyboard.press('Shift+ArrowRight');
      await eventually(view.seconds).toBeCloseTo(0.5 + 10 / 25 + 0.02, 1);
      await view.page.getByTestId('timeline-classes').getByRole('button', { name: 'archery' }).click();
      await eventually(view.seconds).toBeCloseTo(4.5, 1);
      expect(await view.page.title()).not.toBe('broken');
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });

  test.each([420, 1280])('nothing is wider than a page of %i pixels', async (width) => {
    const answers = { ...longAnswers, 'clipView/attention': async () => attentionOf(seconds(8, 12)) };
    const view = await open('long.mp4', { width, height: 800, truth: 'riding a bike', answers });
    await view.ready();
    await view.page.keyboard.press('a');
    await view.page.getByTestId('heat').waitFor();
    await view.page.getByTestId('timeline-area').waitFor();
    await view.shot(`clip-${width}`);
    expect(await view.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await view.page.close();
  });

  test('a timeline comes page by page, is stopped, goes on, and is saved', async () => {
    let release = () => {};
    const pages = pagesOf(long);
    const from: number[] = [];
    const view = await open('long.mp4', {
      answers: {
        ...longAnswers,
        'clipView/timeline': async (page, signal) => {
          from.push(page.from);
          if (from.length === 2)
            await new Promise<void>((done) => {
              release = done;
              signal.addEventListener('abort', () => done());
            });
          return pages(page);
        },
      },
    });
    await eventually(() => view.page.getByTestId('timeline-state').textContent()).toBe('8 of 23');
    await view.page.getByRole('button', { name: 'Stop' }).click();
    await view.page.getByTestId('timeline-resume').click();
    await eventually(() => view.page.getByTestId('timeline-state').textContent()).toBe('');
    release();
    expect(from).toEqual([0, 8, 8, 16]);
    await view.page.getByRole('button', { name: 'Save Timeline' }).click();
    await view.page.getByText('Save as SVG…').click();
    await eventually(() => view.asked).toEqual(['save timeline-long.mp4.svg true']);
    await view.page.close();
  });

  test('where the model looked is laid over the film and follows it', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const view = await open('long.mp4', { theme, height: 900, truth: 'riding a bike', answers: longAnswers });
      await view.ready();
      const centre = () =>
        view.video.evaluate((element) => {
          const { width, height } = element.getBoundingClientRect();
          return { x: width / 2, y: height / 2 };
        });
      const shot = async () => (await view.video.screenshot()).toString('base64');
      const bare = await shot();
      await view.page.keyboard.press('a');
      const heat = view.page.getByTestId('heat');
      await heat.waitFor();
      await eventually(() => heat.getAttribute('data-frame')).toBe('0');
      const covered = await shot();
      expect(covered).not.toBe(bare);
      // The square in the middle of the film, 320 × 240 in a wider box.
      const [square, box] = [(await heat.boundingBox())!, (await view.video.boundingBox())!];
      expect(square.width).toBeCloseTo(square.height, 0);
      expect(square.height).toBeCloseTo(box.height, 0);
      expect(square.x + square.width / 2).toBeCloseTo(box.x + (await centre()).x, 0);
      // The spot wanders from the upper left to the lower right.
      const brightest = () =>
        heat.evaluate((element) => {
          const canvas = element as HTMLCanvasElement;
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          let best = 0;
          for (let i = 0; i < data.length; i += 4)
            if (data[i]! + data[i + 1]! > data[best]! + data[best + 1]!) best = i;
          return ((best / 4) % canvas.width) / canvas.width;
        });
      await eventually(brightest).toBeLessThan(0.15);
      await view.page.keyboard.press('End');
      await eventually(() => heat.getAttribute('data-frame')).toBe('7');
      await eventually(brightest).toBeGreaterThan(0.85);
      await eventually(() => view.page.getByTestId('heat-frame').textContent()).toMatch(/frame 8 of 8, at 0:11\.25/);
      await view.shot(`clip-attention-${theme}`);
      const strong = await shot();
      await view.page.getByTestId('opacity').fill('0.2');
      await eventually(shot).not.toBe(strong);
      await view.page.getByTestId('attention').click();
      await heat.waitFor({ state: 'detached' });
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });

  test('an image has a heat map too, and a model without one says so', async () => {
    const view = await open('clip.png', {
      state: { run: null, classes: '1', attention: true, opacity: 0.8, speed: '1', loop: true, window: '' },
      answers: { 'clipView/attention': async () => attentionOf([null], 4) },
    });
    await view.page.getByTestId('heat').waitFor();
    await eventually(() => view.page.getByTestId('head-kinetics-mini').locator('.class').count()).toBe(1);
    await view.shot('clip-attention-image');
    await view.page.close();
    const other = await open('clip.png', {
      answers: {
        'clipView/attention': async () => {
          throw new UserError('no-attention', 'This model cannot tell where it looked.');
        },
      },
    });
    await other.page.getByTestId('predictions').waitFor();
    await other.page.keyboard.press('a');
    await eventually(() => other.page.getByTestId('attention-failure').textContent()).toBe(
      'This model cannot tell where it looked.',
    );
    await other.page.close();
  });

  test('what was set survives a reload, and each choice asks what it must', async () => {
    const runs: (string | undefined)[] = [];
    const windows: (number | undefined)[] = [];
    const answers: Partial<Handlers<ClipHostSurface>> = {
      ...longAnswers,
      'clipView/predict': async ({ run }) => {
        runs.push(run);
        return { ...said, run: run ?? said.run };
      },
      'clipView/timeline': async (page) => {
        windows.push(page.window);
        return longAnswers['clipView/timeline'](page);
      },
    };
    const view = await open('long.mp4', { truth: 'yoga', answers });
    await view.ready();
    const choose = async (testId: string, text: string) => {
      await view.page.getByTestId(testId).click();
      await view.page
        .getByTestId(testId)
        .getByRole('option', { name: text, exact: text.length < 4 })
        .click();
    };
    await choose('classes', 'all');
    await eventually(() => view.page.getByTestId('head-kinetics-mini').locator('.class').count()).toBe(7);
    await choose('classes', '1');
    // The label itself is always told.
    await eventually(() => view.page.getByTestId('head-kinetics-mini').locator('.class').count()).toBe(2);
    await choose('run', 'baseline-k');
    await eventually(() => view.page.getByTestId('predictions').getAttribute('data-run')).toBe('baseline-k');
    await choose('window', '4 s');
    await eventually(() => windows.at(-1)).toBe(4);
    await choose('speed', '0.25×');
    await eventually(() => view.video.evaluate((element) => (element as HTMLVideoElement).playbackRate)).toBe(0.25);
    await view.page.getByTestId('loop').click();
    await view.page.getByTestId('copy-cli').click();
    await view.page.keyboard.press('n');
    await view.page.getByTestId('relabel').click();
    await view.page.getByTestId('exclude').click();
    await eventually(() => view.asked).toEqual(['copy baseline-k 1', 'step 1', 'relabel', 'exclude']);
    expect(runs).toEqual([undefined, 'baseline-k']);
    const state = view.state();
    await view.page.close();

    const again = await open('long.mp4', { truth: 'yoga', answers, state });
    await again.ready();
    await eventually(() => runs.at(-1)).toBe('baseline-k');
    await eventually(() => windows.at(-1)).toBe(4);
    await eventually(() => again.page.getByTestId('head-kinetics-mini').locator('.class').count()).toBe(2);
    const [rate, loop] = await again.video.evaluate((element) => {
      const video = element as HTMLVideoElement;
      return [video.playbackRate, video.loop];
    });
    expect([rate, loop]).toEqual([0.25, false]);
    await again.page.close();
  });

  test('another part of the same file begins anew', async () => {
    const asked: string[] = [];
    let part = 0;
    const parts = [
      [2, 4],
      [6, 8],
    ] as const;
    const note =
      <T extends unknown[], R>(what: string, answer: (...args: T) => R) =>
      (...args: T) => {
        asked.push(`${what} ${part}`);
        return answer(...args);
      };
    const times = () => [parts[part]![0] + 0.5, parts[part]![0] + 1];
    const view = await open('long.mp4', {
      truth: 'archery',
      state: { run: null, classes: '1', attention: true, opacity: 0.8, speed: '1', loop: true, window: '' },
      answers: {
        'clipView/ready': async () => ({
          ...{
            file: join(site.media.folder, 'long.mp4'),
            path: 'clips/long.mp4',
            url: site.harness.mediaUrl('long.mp4'),
          },
          ...{ kind: 'video', size: 1e6, truth: null, run: null, start: parts[part]![0], end: parts[part]![1] },
        }),
        'clipView/predict': note('predict', async () => said),
        'clipView/seen': note('seen', async () => ({ run: said.run, times: times(), rate: 25, crops: 1 })),
        'clipView/attention': note('attention', async () => attentionOf(times())),
        'clipView/timeline': note('timeline', async ({ from }: { from: number }) => {
          const [start, end] = parts[part]!;
          const plan = { from: start, to: end, length: 1 + part / 2, stride: 0.5, windows: 2, frames: 8 };
          return { run: said.run, from, plan, windows: [heads, heads].slice(from), warning: null };
        }),
      },
    });
    await view.ready();
    const timeline = view.page.getByTestId('timeline');
    await eventually(() => timeline.textContent()).toContain('2 windows of 1 s');
    await eventually(view.seconds).toBeCloseTo(2, 1);
    part = 1;
    view.host.notify('clipView/changed', {});
    await eventually(view.seconds).toBeCloseTo(6, 1);
    await eventually(() => timeline.textContent()).toContain('2 windows of 1.5 s');
    // Ticks at a quarter and at half of its two seconds.
    const tick = view.page.getByTestId('ticks').locator('span').first();
    await eventually(() => tick.getAttribute('style')).toContain('25%');
    await eventually(() => [...new Set(asked)].toSorted()).toEqual(
      ['attention', 'predict', 'seen', 'timeline'].flatMap((what) => [`${what} 0`, `${what} 1`]),
    );
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test.each([
    [11.5, null],
    [11.5, 12],
    [11, 11.5],
    [0, 0.5],
  ] as const)('the part from %s to %s s is played in a loop, and no other', async (start, end) => {
    const view = await open('long.mp4', { part: [start, end] });
    await view.ready();
    await eventually(view.seconds).toBeCloseTo(start, 1);
    await view.video.evaluate((element) => void (element as HTMLVideoElement).play());
    const times = await view.video.evaluate(loopTimes);
    expect(Math.min(...times)).toBeGreaterThan(start - 0.05);
    expect(Math.max(...times)).toBeLessThan((end ?? 12) + 0.2);
    // Without the loop it stops at its end, and begins again at its beginning.
    await view.page.keyboard.press('l');
    const stopped = () =>
      view.video.evaluate(
        (element, late) => (element as HTMLVideoElement).paused && (element as HTMLVideoElement).currentTime > late,
        start + 0.3,
      );
    await eventually(stopped).toBe(true);
    await view.page.keyboard.press(' ');
    expect(await view.seconds()).toBeGreaterThan(start - 0.05);
    await eventually(stopped).toBe(true);
    await view.page.close();
  });

  test('what is opened over the timeline stays inside of the window', async () => {
    // All three heads, with three classes of most.
    const said = long.windows.map(() => Object.fromEntries(Object.entries(heads).map(([k, v]) => [k, v.slice(0, 3)])));
    const answers = { ...longAnswers, 'clipView/timeline': pagesOf({ plan: long.plan, windows: said }) };
    const view = await open('long.mp4', { width: 1280, height: 800, truth: 'riding a bike', answers });
    await view.ready();
    const area = view.page.getByTestId('timeline-area');
    await eventually(() => area.locator('.timeline-cell').count()).toBe(3 * long.plan.windows);
    await area.hover({ position: { x: 300, y: 10 } });
    const readout = (await view.page.getByTestId('timeline-readout').boundingBox())!;
    await view.shot('clip-readout');
    expect(readout.y).toBeGreaterThanOrEqual(0);
    expect(readout.y + readout.height).toBeLessThanOrEqual(800);
    await view.page.close();
  });

  test('a wrong head’s label is named as such, without the sign of a right one', async () => {
    const view = await open('clip.mp4', { truth: 'archery' });
    const head = view.page.getByTestId('head-kinetics-mini');
    await head.waitFor();
    await eventually(() => head.getByTestId('verdict').textContent()).toBe('✕ wrong');
    await eventually(() => head.locator('.truth').textContent()).toContain('label');
    expect(await head.textContent()).not.toContain('✓');
    await expectAccessible(view.page);
    await view.shot('clip-wrong');
    await view.page.close();
  });

  test('a short clip says that it has no timeline; an excluded sample can be included', async () => {
    const tags = ['night', '<b>to check</b>\u202e $(zap)'];
    const view = await open('clip.mp4', { truth: 'archery', sample: { excluded: true, hasNext: false, tags } });
    await eventually(() => view.page.getByTestId('tags').locator('bdi').allTextContents()).toEqual([
      'night',
      '<b>to check</b>\ufffd $(zap)',
    ]);
    await view.page.getByTestId('tag').click();
    await view.page.getByTestId('untag').click();
    await view.shot('clip-tags');
    await view.page.getByTestId('timeline-one').waitFor();
    await eventually(() => view.page.getByTestId('truth').textContent()).toContain('excluded');
    await view.page.getByTestId('exclude').click();
    await eventually(() => view.asked).toEqual(['tag', 'untag', 'include']);
    await view.page.close();
  });

  test('offers training where nothing is trained', async () => {
    const view = await open('clip.mp4', {
      answers: {
        'clipView/predict': async () => {
          throw new UserError('no-run', 'Train a model on your datasets; then every head says here what it sees.');
        },
        'clipView/runs': async () => [],
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
    ['ucf101-style.avi', 'converted', 320, 240],
    ['h265_video.mp4', undefined, 128, 128], // some builds of Chromium play it, others do not
    ['av1_video.mkv', undefined, 640, 360],
    ['h264_10bits.mp4', undefined, 200, 200],
    ['corrupted.mp4', undefined, 1280, 720],
    ['unordered.mov', undefined, 50, 50],
    ['nasa_13013.mp4', undefined, 320, 180],
    ['kinetics-style-armwrestling.mp4', undefined, 427, 256], // its pixels are not square,
    ['kinetics-style-pool.mp4', undefined, 455, 256],
    ['rotated-0.mov', undefined, 568, 320],
    ['rotated-90.mov', undefined, 320, 568],
    ['rotated-180.mov', undefined, 568, 320],
    ['rotated-270.mov', undefined, 320, 568],
  ])('%s is shown', async (name, state, ...size) => {
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
          run: null,
        }),
        'clipView/predict': async () => ({ run: 'run', protocol: '1 clip × 1 centre crop', heads: {} }),
        'clipView/train': async () => ({}),
        'clipView/sample': async () => null,
        ...quiet([]),
      },
    });
    const shown = () =>
      page
        .getByTestId('video')
        .evaluate(
          (element) => {
            const { videoWidth, videoHeight } = element as HTMLVideoElement;
            return [videoWidth, videoHeight];
          },
          undefined,
          { timeout: 500 },
        )
        .catch(() => []);
    await eventually(shown).toEqual(size);
    const source = await page.getByTestId('picture').getAttribute('data-source');
    console.log(`${name}: ${source}`);
    if (state) expect(source).toBe(state);
    await page.close();
  });
});
