// The clip view with a model's predictions. Short: the page's own tests are test/webview/clipView.test.ts.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const steps = [
  {
    name: 'a clip opens with bars for every head, in every theme',
    run: async ({ window, forEachTheme, axe, shoot }) => {
      await window.openFile('train-0001.webm');
      await window.command('CoVeR: Show Predictions');
      const view = await window.webview('[data-testid="clip"]');
      await view.locator('[data-testid="head-shapes-mini"]').waitFor();
      await forEachTheme(async (theme) => {
        await axe(view);
        await shoot(`clip-${theme}`);
      });
    },
  },
  {
    name: 'where the model looked lies over the clip, and the next sample of the class takes its place',
    run: async ({ window, axe, shoot }) => {
      const view = await window.webview('[data-testid="clip"]');
      await view.locator('[data-testid="attention"]').click();
      await view.locator('[data-testid="heat"]').waitFor();
      await axe(view);
      await shoot('clip-attention');
      await view
        .locator('[data-testid="position"]')
        .filter({ hasText: /^1 of \d/ })
        .waitFor();
      await view.locator('[data-testid="next"]').click();
      await view
        .locator('[data-testid="position"]')
        .filter({ hasText: /^2 of \d/ })
        .waitFor();
      await view.locator('[data-testid="heat"]').waitFor();
      await view.locator('[data-testid="head-shapes-mini"]').waitFor();
      await shoot('clip-next');
    },
  },
  {
    name: 'a long video has a timeline, and a click on it moves the film',
    run: async ({ window, folder, axe, shoot }) => {
      if (!makeLong(join(folder, 'long.mp4'))) return;
      await window.openFile('long.mp4');
      await window.command('CoVeR: Show Predictions');
      const view = await window.webview('[data-testid="timeline"]');
      // Empty, and so not visible, when all windows are there.
      await view.locator('[data-testid="timeline-state"]').filter({ hasText: /^$/ }).waitFor({ state: 'attached' });
      await view.locator('[data-testid="play"][aria-label^="Pause"]').click();
      const area = view.locator('[data-testid="timeline-area"]');
      const { width } = await area.boundingBox();
      // The rows begin 112 pixels from the left; the video has 30 seconds.
      await area.click({ position: { x: 112 + (width - 112) / 2, y: 10 } });
      await view
        .locator('[data-testid="time"]')
        .filter({ hasText: /0:1[45]/ })
        .waitFor();
      await axe(view);
      await shoot('clip-timeline');
      await window.closeEditors();
    },
  },
  {
    name: 'a folder of frames plays, with the frames that the model saw and where it looked',
    run: async ({ window, folder, forEachTheme, axe, shoot }) => {
      const [gestures, config] = [join(folder, 'gestures'), join(folder, 'cover.json')];
      const before = readFileSync(config, 'utf8');
      if (!makeFrames(gestures)) return;
      try {
        const written = JSON.parse(before);
        written.datasets.gestures = { kind: 'video', path: 'gestures', format: 'jester' };
        writeFileSync(config, JSON.stringify(written));
        await window.expand('Datasets', 'gestures');
        await window.expand('Datasets', /^val/);
        await window.expand('Datasets', 'Drumming Fingers');
        await window.row('Datasets', /^2\b/).click();
        const view = await window.webview('[data-testid="frames"][data-frame]');
        await view.locator('[data-testid="ticks"] span').first().waitFor({ state: 'attached' });
        await view.locator('[data-testid="play"][aria-label^="Pause"]').click();
        const heat = view.locator('[data-testid="attention"]');
        if ((await heat.getAttribute('aria-pressed')) !== 'true') await heat.click();
        await view.locator('[data-testid="heat"]').waitFor();
        await view.getByText('1 of its 36 frames is missing').waitFor();
        await forEachTheme(async (theme) => {
          await axe(view);
          await shoot(`clip-frames-${theme}`);
        });
      } finally {
        // The steps after it know the workspace without.
        writeFileSync(config, before);
        rmSync(gestures, { recursive: true });
      }
      await window.row('Datasets', 'gestures').waitFor({ state: 'detached' });
    },
  },
];

/** Two clips as Jester has them, by the machine's ffmpeg; a frame of the second is missing. False where there is none. */
function makeFrames(root) {
  for (const clip of ['1', '2']) {
    mkdirSync(join(root, clip), { recursive: true });
    const source = 'testsrc2=size=176x100:rate=12:duration=3';
    const out = join(root, clip, '%05d.jpg');
    if (spawnSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, out]).status !== 0) return false;
  }
  rmSync(join(root, '2', '00007.jpg'));
  writeFileSync(join(root, 'jester-v1-train.csv'), '1;Drumming Fingers\n');
  writeFileSync(join(root, 'jester-v1-validation.csv'), '2;Drumming Fingers\n');
  return true;
}

/** Half a minute of a test picture, by the machine's ffmpeg; false where there is none. */
function makeLong(file) {
  const source = 'testsrc2=size=320x240:rate=25:duration=30';
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
  const { status } = spawnSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, ...codec, file]);
  if (status !== 0) console.log('skipped: the timeline, since there is no ffmpeg that could make a long video');
  return status === 0;
}
