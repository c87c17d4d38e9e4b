// What a runner says of one file beyond `predict/file`: which frames were seen, where the model looked, windows over a long video,
// and which sample it is. The run is a real one with a small model of random weights.
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { ResolvedExperiment } from '../../src/config/resolved.ts';
import { Predictor } from '../../src/evaluation/predictor.ts';
import { mostWindows, planTimeline, stretchesOf } from '../../src/evaluation/timelinePlan.ts';
import { Encoder } from '../../src/media/encoder.ts';
import { encodeImage } from '../../src/media/sharp.ts';
import { exportModel } from '../../src/model/exportModel.ts';
import { modelSpecOf } from '../../src/model/modelSpec.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { createHandlers } from '../../src/runner/handlers.ts';
import { createRun } from '../../src/runs/runFolder.ts';
import { grainyFrames } from '../media/fixtures.ts';
import { reference } from '../model/referenceModel.ts';

const { experiment: plain, spec } = reference();
const { frames, imageSize } = plain.model;
const side = imageSize / plain.model.patchSize;
const seconds = 12;
const signal = new AbortController().signal;
let workspace: string;
let runner: ReturnType<typeof createHandlers>;
const asked = <T extends object>(more: T) => ({ workspace, ...more });
const video = () => join(workspace, 'clips', 'train', 'walking', 'long.mp4');
const picture = () => join(workspace, 'picture.png');

async function makeRun(name: string, change: (experiment: ResolvedExperiment) => ResolvedExperiment): Promise<string> {
  const experiment = change({ ...plain, name });
  const random = new Random(5);
  const model = modelSpecOf(experiment);
  const layout = parameterLayout(model);
  const weights = Float32Array.from({ length: layout.size }, () => 0.3 * random.normal());
  const run = await createRun(workspace, name, experiment);
  await run.writeModel(exportModel(experiment, model, layout, weights));
  await run.setState({ state: 'done' });
  return run.id;
}

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'cover predictions-'));
  for (const split of ['train', 'val']) mkdirSync(join(workspace, 'clips', split, 'walking'), { recursive: true });
  const encoder = await Encoder.create();
  const [length, rate] = [64, 5];
  // Grey levels run over: what matters is that windows differ.
  const pixels = grainyFrames(seconds * rate, length, length);
  const made = { clips: [pixels], frames: seconds * rate, side: length, rate, format: 'mp4' as const };
  const [bytes] = await encoder.encode(made);
  await encoder.close();
  const others = ['train/walking/a.mp4', 'train/walking/b.mp4', 'val/walking/c.mp4'].map((name) =>
    join(workspace, 'clips', name),
  );
  for (const file of [video(), ...others]) writeFileSync(file, bytes!);
  writeFileSync(picture(), await encodeImage(pixels.slice(0, length * length * 3), length, length, 'png'));
  writeFileSync(
    join(workspace, 'cover.json'),
    JSON.stringify({ datasets: { clips: { kind: 'video', path: 'clips', format: 'classFolders' } } }),
  );
  runner = createHandlers({ ffmpeg: undefined, notify: () => {} });
});
afterAll(async () => {
  await runner.close();
  rmSync(workspace, { recursive: true, force: true });
});

describe('where the model looked', () => {
  test.each([
    ['divided', { clips: 1, crops: 1 }, null],
    ['joint', { clips: 1, crops: 1 }, null],
    ['space', { clips: 2, crops: 3 }, 'the middle one of 2 clips, the centre one of 3 crops'],
  ] as const)('%s attention, %j', async (attention, views, view) => {
    const run = await makeRun(`look-${attention}`, (one) => ({ ...one, views, model: { ...one.model, attention } }));
    const seen = await runner.handlers['predict/seen'](asked({ run, file: video() }), signal);
    const found = await runner.handlers['predict/attention'](asked({ run, file: video() }), signal);
    expect(found).toMatchObject({ run, kind: attention, side, view });
    expect(found.frames).toHaveLength(frames);
    expect(seen).toMatchObject({ run, crops: views.crops });
    expect(seen.times).toHaveLength(frames * views.clips);
    const step = seconds / seen.times.length;
    seen.times.forEach((time, i) => void expect(time).toBeCloseTo((i + 0.5) * step, 1));
    // The second of two clips lies between the frames of the first.
    found.frames.forEach(
      ({ time }, i) => void expect(time).toBeCloseTo(seen.times[views.clips * i + views.clips - 1]!, 1),
    );
    for (const { grid } of found.frames) expect(grid).toHaveLength(side ** 2);
    const sum = found.frames.flatMap(({ grid }) => grid).reduce((a, b) => a + b, found.classToken);
    expect(sum).toBeCloseTo(1, 3);
    expect(new Set(found.frames.flatMap(({ grid }) => grid)).size).toBeGreaterThan(side ** 2);

    const still = await runner.handlers['predict/attention'](asked({ run, file: picture() }), signal);
    expect(still.frames).toHaveLength(1);
    expect(still.frames[0]).toMatchObject({ time: null });
    expect(await runner.handlers['predict/seen'](asked({ run, file: picture() }), signal)).toMatchObject({ times: [] });
  });

  test('a part of a file is seen in that part', async () => {
    const run = await makeRun('part', (one) => one);
    const sample = { kind: 'video' as const, start: 4, end: 6 };
    const { frames: seen } = await runner.handlers['predict/attention'](asked({ run, file: video(), sample }), signal);
    expect(seen[0]!.time).toBeCloseTo(4 + 1 / frames, 1);
    expect(seen.at(-1)!.time).toBeCloseTo(6 - 1 / frames, 1);
  });

  test('a model that is not as its experiment says is refused with a sentence', async () => {
    const id = await makeRun('other', (one) => one);
    const folder = join(workspace, '.cover', 'runs', id);
    const deeper = { ...plain, name: 'other', model: { ...plain.model, depth: spec.depth + 1 } };
    renameSync(join(folder, 'experiment.json'), join(folder, 'old.json'));
    writeFileSync(join(folder, 'experiment.json'), JSON.stringify(deeper));
    await expect(runner.handlers['predict/attention'](asked({ run: id, file: video() }), signal)).rejects.toMatchObject(
      {
        code: 'no-attention',
        file: join(folder, 'model.onnx'),
      },
    );
  });
});

describe('a timeline', () => {
  test.each([
    [{ start: 0, end: 60 }, 2, 8, { windows: 59, length: 2, stride: 1 }],
    [{ start: 10, end: 13 }, 2, 8, { windows: 2, length: 2, stride: 1 }],
    [{ start: 0, end: 2.2 }, 2, 8, { windows: 1, length: 2.2 }],
    [{ start: 0, end: 0.5 }, 2, 8, { windows: 1, length: 0.5 }],
    [{ start: 0, end: 7200 }, 2, 8, { windows: mostWindows, length: 2 }],
    // As many as there may be, so more than half a window apart: they share seconds, but no frames.
    [{ start: 0, end: 180 }, 2, 8, { windows: mostWindows, length: 2 }],
    [{ start: 5, end: 126 }, 2, 8, { windows: mostWindows, length: 2 }],
    [{ start: 0, end: 240 }, 2, 8, { windows: mostWindows, length: 2 }],
    [{ start: 0, end: 122 }, 2, 7, { windows: mostWindows, length: 2 }],
    [{ start: 0, end: 10 }, 1, 5, { windows: 24 }],
    [{ start: 0, end: 3 }, 1, 1, { windows: 3, length: 1, stride: 1 }],
  ])('%j in windows of %i s with %i frames', (span, wanted, count, expected) => {
    const plan = planTimeline(span, wanted, count);
    expect(plan).toMatchObject({ from: span.start, to: span.end, frames: count, windows: expected.windows });
    for (const [name, value] of Object.entries(expected)) expect(plan[name as 'length']).toBeCloseTo(value, 6);
    expect(plan.from + (plan.windows - 1) * plan.stride + plan.length).toBeCloseTo(span.end, 6);
    // Every window once, each of its frames where the protocol has it.
    let next = 0;
    for (let from = 0; from < plan.windows; ) {
      const stretches = stretchesOf(plan, from);
      for (const { first, windows, start, end, count: decoded, step } of stretches) {
        expect(first).toBe(next);
        next += windows;
        for (let w = 0; w < windows; w++) {
          const at = (frame: number) => start + ((w * step + frame + 0.5) / decoded) * (end - start);
          const begins = plan.from + (first + w) * plan.stride;
          for (let f = 0; f < count; f++) expect(at(f)).toBeCloseTo(begins + ((f + 0.5) / count) * plan.length, 5);
        }
      }
      from = next;
    }
    expect(next).toBe(plan.windows);
  });

  test('comes page by page, says of a window what is said of that part, and is remembered until the file changes', async () => {
    const run = await makeRun('timeline', (one) => one);
    const window = 2;
    const ask = (from: number) =>
      runner.handlers['predict/timeline'](asked({ run, file: video(), window, from }), signal);
    const first = await ask(0);
    expect(first).toMatchObject({ run, from: 0, plan: { from: 0, windows: 11, frames } });
    expect(first.windows).toHaveLength(8);
    const second = await ask(8);
    expect(second.windows).toHaveLength(3);
    expect((await ask(11)).windows).toEqual([]);
    const whole = [...first.windows, ...second.windows];
    expect(await ask(0)).toEqual({ ...first, windows: whole });

    // Each alone, as a part of the file.
    const predictor = await Predictor.open({ workspace, run });
    const { length, stride } = first.plan;
    for (const i of [0, 5, 10]) {
      const part = { file: video(), start: i * stride, end: i * stride + length };
      const alone = await predictor.predict(part, 3);
      for (const [head, classes] of Object.entries(alone)) {
        expect(classes).toHaveLength(3);
        classes.forEach(({ label, probability }, k) => {
          expect(whole[i]![head]![k]!.label).toBe(label);
          expect(whole[i]![head]![k]!.probability).toBeCloseTo(probability, 4);
        });
      }
    }
    await predictor.close();

    // Another runner finds it on the disk; a changed file is looked at anew.
    const other = createHandlers({ ffmpeg: undefined, notify: () => {} });
    const again = await other.handlers['predict/timeline'](asked({ run, file: video(), window, from: 0 }), signal);
    expect(again.windows).toEqual(whole);
    const kept = readdirSync(join(workspace, '.cover', 'cache', 'timelines'));
    expect(kept).toHaveLength(1);
    utimesSync(video(), new Date(), new Date());
    const renewed = await other.handlers['predict/timeline'](asked({ run, file: video(), window, from: 0 }), signal);
    expect(renewed.windows).toHaveLength(8);
    await other.close();
  });

  test('of a folder of frames is as of a video that shows it at its rate; parts of one folder are not mixed up', async () => {
    const folder = join(workspace, 'frames');
    mkdirSync(folder);
    const [length, all] = [64, 48];
    const pixels = grainyFrames(all, length, length);
    for (let i = 0; i < all; i++) {
      if (i === 20) continue; // one is missing
      const image = pixels.slice(i * length * length * 3, (i + 1) * length * length * 3);
      writeFileSync(
        join(folder, `${String(i + 1).padStart(5, '0')}.png`),
        await encodeImage(image, length, length, 'png'),
      );
    }
    const run = await makeRun('folder', (one) => one);
    const part = (first: number, count: number) => ({
      file: folder,
      sample: { kind: 'video' as const, start: null, end: null, frames: { pattern: '%05d.png', first, count } },
    });
    const whole = part(1, all);
    const seen = await runner.handlers['predict/seen'](asked({ run, ...whole }), signal);
    expect(seen).toMatchObject({ rate: 12 });
    expect(seen.times).toHaveLength(frames);
    expect(seen.times.at(-1)).toBeCloseTo(((frames - 0.5) / frames) * (47 / 12), 6);
    const look = await runner.handlers['predict/attention'](asked({ run, ...whole }), signal);
    expect(look.frames.map(({ time }) => time)).toEqual(seen.times);
    const ask = (of: object, from = 0) =>
      runner.handlers['predict/timeline'](asked({ run, file: folder, window: 1, ...of, from }), signal);
    const { plan, windows } = await ask(whole);
    expect(plan.to).toBeCloseTo(47 / 12, 6);
    expect(windows.length).toBe(plan.windows);
    // The first window is what is said of the frames that are shown then.
    const predictor = await Predictor.open({ workspace, run });
    const alone = await predictor.predict({ file: folder, ...part(1, Math.ceil(plan.length * 12)).sample }, 3);
    await predictor.close();
    for (const [head, classes] of Object.entries(alone)) expect(windows[0]![head]![0]!.label).toBe(classes[0]!.label);
    const half = await ask(part(25, 24));
    expect(half.plan.to).toBeCloseTo(2, 6);
    expect(half.plan.windows).toBeLessThan(plan.windows);
    expect((await ask(whole)).plan).toEqual(plan);
    // A dataset that says how many frames a second it has: half as long, and of the same frames the same is said.
    const fast = { ...whole, sample: { ...whole.sample, frames: { ...whole.sample.frames, rate: 24 } } };
    const quick = await ask({ ...fast, window: 0.5 });
    expect(quick.plan).toEqual({ ...plan, to: plan.to / 2, length: plan.length / 2, stride: plan.stride / 2 });
    expect(quick.windows).toEqual(windows);
    expect((await ask(fast)).plan.to, 'what was said at another rate is another timeline').toBeCloseTo(47 / 24, 6);
    const seenFast = await runner.handlers['predict/seen'](asked({ run, ...fast }), signal);
    expect(seenFast).toEqual({ ...seen, rate: 24, times: seen.times.map((time) => time / 2) });

    const kept = () => readdirSync(join(workspace, '.cover', 'cache', 'timelines')).length;
    const before = kept();
    await ask(whole);
    expect(kept()).toBe(before);
    const name = `${String(25).padStart(5, '0')}.png`;
    utimesSync(join(folder, name), new Date(), new Date(Date.now() + 5000));
    await ask(whole);
    expect(kept(), 'a frame made anew in place is looked at anew').toBe(before + 1);
  });

  test('of many short windows some are asked, evenly spread', async () => {
    const run = await makeRun('gaps', (one) => one);
    const first = { run, file: video(), window: 0.05, from: 0 };
    const { plan, windows } = await runner.handlers['predict/timeline'](asked(first), signal);
    expect(plan).toMatchObject({ windows: mostWindows, length: 0.05 });
    expect(plan.stride).toBeGreaterThan(plan.length);
    expect(windows).toHaveLength(8);
    const predictor = await Predictor.open({ workspace, run });
    const part = { file: video(), start: 3 * plan.stride, end: 3 * plan.stride + plan.length };
    expect(await predictor.predict(part, 3)).toEqual(windows[3]);
    await predictor.close();
  });

  test('can be stopped, and the next question is answered', async () => {
    const run = await makeRun('stopped', (one) => one);
    const controller = new AbortController();
    const page = runner.handlers['predict/timeline'](
      asked({ run, file: video(), window: 1, from: 0 }),
      controller.signal,
    );
    controller.abort();
    await expect(page).rejects.toMatchObject({ code: 'cancelled' });
    expect(
      (await runner.handlers['predict/timeline'](asked({ run, file: video(), window: 1, from: 0 }), signal)).windows,
    ).toHaveLength(8);
  });

  test('an image, and a clip no longer than a window, have one', async () => {
    const run = await makeRun('short', (one) => one);
    const still = await runner.handlers['predict/timeline'](asked({ run, file: picture(), from: 0 }), signal);
    expect([still.plan.windows, still.windows]).toEqual([1, []]);
    const sample = { kind: 'video' as const, start: 1, end: 2 };
    const short = await runner.handlers['predict/timeline'](asked({ run, file: video(), sample, from: 0 }), signal);
    expect([short.plan.windows, short.windows]).toEqual([1, []]);
  });

  test('a file that is no video is refused', async () => {
    const run = await makeRun('none', (one) => one);
    const file = join(workspace, 'none.avi');
    writeFileSync(file, 'no video at all');
    await expect(
      runner.handlers['predict/timeline'](asked({ run, file, window: 2, from: 0 }), signal),
    ).rejects.toMatchObject({ code: 'unreadable-media', file });
  });
});

test('a file’s sample is found with its neighbours', async () => {
  expect(await runner.handlers['predict/sample'](asked({ file: video() }), signal)).toBeNull();
  await runner.handlers['index/update'](asked({}), signal);
  expect(await runner.handlers['predict/sample'](asked({ file: video() }), signal)).toMatchObject({
    sample: { id: 'clips/train/walking/long.mp4', dataset: 'clips', split: 'train', label: 'walking', start: null },
    excluded: false,
    tags: [],
    previous: { id: 'clips/train/walking/b.mp4' },
    next: null,
    position: 3,
    samples: 3,
  });
  const id = 'clips/train/walking/long.mp4';
  await runner.handlers['curation/edit'](asked({ edits: [{ id, tag: ['to check'] }] }), signal);
  expect(await runner.handlers['predict/sample'](asked({ file: video() }), signal)).toMatchObject({
    tags: ['to check'],
  });
  expect(await runner.handlers['predict/sample'](asked({ file: picture() }), signal)).toBeNull();
});
