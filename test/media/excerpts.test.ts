// Decoding by excerpts of MP4 files gives the very frames that decoding them whole gives, several files at a time, and
// leaves to the usual way whatever it does not understand.
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { open, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { ClipRequest, DecodedClip } from '../../src/media/clip.ts';
import { Decoder } from '../../src/media/decoder.ts';
import { decodeVideo } from '../../src/media/decodeVideo.ts';
import { ExcerptQueue } from '../../src/media/excerptQueue.ts';
import { createFfmpeg } from '../../src/media/ffmpeg.ts';
import type { Ffmpeg, FfmpegJob } from '../../src/media/ffmpegJob.ts';
import { Limiter } from '../../src/media/limiter.ts';
import { readExcerpt, writeExcerpts } from '../../src/media/mp4Excerpt.ts';
import { readMp4Index } from '../../src/media/mp4Index.ts';
import { readPpm } from '../../src/media/ppm.ts';
import { backends, grainyFrames, h264, type MadeClip, makeClip, temporaryFolder, wholeClip } from './fixtures.ts';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
afterAll(() => rm(folder, { recursive: true, force: true }));

const medium = ['-c:v', 'libx264', '-preset', 'medium', '-pix_fmt', 'yuv420p'];
const mp4 = (...output: string[]): MadeClip => ({ frames: 48, rate: 12, output, extension: 'mp4' });
const clips: Record<string, MadeClip> = {
  'one group.mp4': mp4(...medium, '-g', '250', '-x264-params', 'bframes=3:b-adapt=0:scenecut=0'),
  'short groups.mp4': mp4(...medium, '-g', '7'),
  'open groups.mp4': mp4(...medium, '-g', '8', '-x264-params', 'open-gop=1'),
  'intra alone.mp4': mp4(...medium, '-g', '1'),
  'no B-frames.mov': { ...mp4(...h264), extension: 'mov' },
  'sets repeated.mp4': mp4(...medium, '-g', '8', '-x264-params', 'repeat-headers=1'),
  'interlaced.mp4': mp4(...medium, '-flags', '+ildct+ilme', '-x264-params', 'tff=1'),
  'wide pixels.mp4': mp4('-vf', 'setsar=2/1', ...medium),
  'variable.mp4': mp4(
    '-vf',
    'settb=1/1000,setpts=N*N*1000/64',
    '-fps_mode',
    'passthrough',
    '-enc_time_base',
    '1/1000',
    ...medium,
  ),
  'index first.mp4': mp4(...medium, '-movflags', '+faststart'),
};
/** Not understood: these are for ffmpeg itself. */
const others: Record<string, MadeClip> = {
  'fragments.mp4': mp4(...medium, '-g', '8', '-movflags', 'frag_keyframe+empty_moov'),
  'MPEG-4.mp4': mp4('-c:v', 'mpeg4'),
  'H.264.mkv': { ...mp4(...medium), extension: 'mkv' },
};

beforeAll(async () => {
  const data = grainyFrames(48, 64, 48);
  for (const [name, made] of Object.entries({ ...clips, ...others })) await makeClip(path(name), made, data);
});

const requests: Partial<ClipRequest>[] = [
  { count: 8 },
  { count: 1 },
  { count: 100 },
  { count: 8, pattern: { name: 'dense', clips: 2, stride: 3 } },
  { count: 5, pattern: { name: 'whole' } },
];

/** Adds a box of `bytes` zeros, which take no room on the disk. */
async function pad(file: string, bytes: number): Promise<void> {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(bytes);
  header.write('free', 4, 'latin1');
  appendFileSync(file, header);
  await truncate(file, (await stat(file)).size + bytes - 8);
}

/** A queue whose runs are counted. */
async function queueOf(backend: 'native' | 'core', spoil: (job: FfmpegJob) => FfmpegJob = (job) => job) {
  const ffmpeg = await createFfmpeg({ backend });
  const runs: FfmpegJob[] = [];
  const counted: Ffmpeg = {
    backend,
    together: ffmpeg.together,
    small: 0,
    run: (job, signal) => {
      runs.push(job);
      return ffmpeg.run(spoil(job), signal);
    },
    close: () => ffmpeg.close(),
  };
  const queue = new ExcerptQueue(counted, new Limiter(2), 2, 60_000);
  return { ffmpeg, runs, queue };
}

describe.each(backends)('with the %s ffmpeg', (backend) => {
  it('excerpts give what whole files give, many at once', async () => {
    const { ffmpeg, queue, runs } = await queueOf(backend);
    const asked = Object.keys(clips).flatMap((name) => requests.map((more) => wholeClip(path(name), more)));
    const got = await Promise.all(asked.map((request) => queue.decode(request)));
    for (const [i, request] of asked.entries()) {
      const whole = await decodeVideo(ffmpeg, request, { timeoutMs: 60_000 });
      const about = `${request.file} ${JSON.stringify(request)}`;
      expect(got[i], about).toBeDefined();
      expect(Buffer.compare(got[i]!.data, whole.data), about).toBe(0);
      expect({ ...got[i]!, data: 0, duration: 0 }, about).toEqual({ ...whole, data: 0, duration: 0 });
      expect(got[i]!.duration, about).toBeCloseTo(whole.duration!, 3);
    }
    expect(runs.length).toBeLessThanOrEqual(Math.ceil(asked.length / ffmpeg.together) + 8);
    await ffmpeg.close();
  });

  it('large files have runs of their own, and a run has time for each of its files', async () => {
    const { ffmpeg, queue, runs } = await queueOf(backend);
    const names = ['a.mp4', 'large b.mp4', 'large c.mp4', 'd.mp4', 'e.mp4'];
    for (const name of names) {
      copyFileSync(path('index first.mp4'), path(name));
      if (name.startsWith('large')) await pad(path(name), 20 * 2 ** 20);
    }
    const got = await Promise.all(names.map((name) => queue.decode(wholeClip(path(name)))));
    expect(new Set(got.map((clip) => clip && Buffer.from(clip.data).toString('base64'))).size).toBe(1);
    expect(got[0]?.frames).toBe(8);
    const files = runs.map(({ timeoutMs }) => timeoutMs / 60_000);
    expect(files.reduce((sum, n) => sum + n, 0)).toBe(names.length);
    if (ffmpeg.together >= names.length) expect(files.sort()).toEqual([1, 2, 2]);
    await ffmpeg.close();
  });

  it.skipIf(process.platform === 'win32')('a pipe is not waited for', async () => {
    const { ffmpeg, queue, runs } = await queueOf(backend);
    const pipe = path(`${backend} pipe.mp4`);
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    expect(await queue.decode(wholeClip(pipe))).toBeUndefined();
    expect(runs).toEqual([]);
    await ffmpeg.close();
  });

  it('what is not understood, or not wanted any more, costs no run', async () => {
    const { ffmpeg, queue, runs } = await queueOf(backend);
    for (const name of Object.keys(others)) expect(await queue.decode(wholeClip(path(name)))).toBeUndefined();
    expect(await queue.decode(wholeClip(path('absent.mp4')))).toBeUndefined();
    const stopped = AbortSignal.abort();
    await expect(queue.decode(wholeClip(path('one group.mp4')), stopped)).rejects.toThrow('cancelled');
    expect(runs).toEqual([]);
    await ffmpeg.close();
  });

  it('a run that fails, says anything or gives too little leaves its files to the usual way', async () => {
    const spoiled: ((job: FfmpegJob) => FfmpegJob)[] = [
      (job) => ({ ...job, arguments: ['-no_such_option', ...job.arguments] }),
      (job) => ({ ...job, arguments: job.arguments.map((argument) => argument.replace('eq(pts,', 'eq(pts+7,')) }),
      (job) => ({ ...job, input: { many: 'many' in job.input ? job.input.many.map((b) => b.slice(0, -40)) : [] } }),
      (job) => ({ ...job, timeoutMs: 1 }),
    ];
    for (const spoil of spoiled) {
      const { ffmpeg, queue, runs } = await queueOf(backend, spoil);
      expect(await queue.decode(wholeClip(path('one group.mp4')))).toBeUndefined();
      expect(runs).toHaveLength(1);
      await ffmpeg.close();
    }
  });

  it('a damaged file among sound ones costs itself alone', async () => {
    const bytes = readFileSync(path('one group.mp4'));
    const [from, to] = [bytes.indexOf('mdat'), bytes.lastIndexOf('moov')];
    for (let at = (from + to) >> 1; at < to - 8; at += 37) bytes[at]! ^= 0x55;
    writeFileSync(path('damaged.mp4'), bytes);
    copyFileSync(path('one group.mp4'), path('sound.mp4'));
    const decoder = await Decoder.create({ backend, workers: 1 });
    const names = ['one group.mp4', 'damaged.mp4', 'sound.mp4'];
    const decoded = await Promise.all(
      names.map((name) => decoder.decode(wholeClip(path(name))).catch((error: unknown) => error)),
    );
    expect((decoded[0] as DecodedClip).warning).toBeUndefined();
    expect(decoded[2]).toEqual(decoded[0]);
    const told = decoded[1] as { warning?: string; code?: string };
    expect(told.warning ?? told.code).toMatch(/^Only a part of it could be decoded|^unreadable-media$/);
    await decoder.close();
  });
});

test('an excerpt leaves out what nothing needs', async () => {
  const name = path('one group.mp4');
  const size = readFileSync(name).length;
  const file = await open(name, 'r');
  const index = (await readMp4Index(file, size))!;
  expect(index.times.length).toBe(48);
  const excerpts = await Promise.all([[0], [3, 20], [47]].map((wanted) => readExcerpt(file, index, wanted)));
  await file.close();
  const kept = excerpts.map((excerpt) => excerpt!.frames.length);
  expect(kept[0]).toBe(1);
  expect(kept[1]).toBeLessThan(20);
  expect(kept[2]).toBeLessThan(36);
});

test('a file that sets up its decoder anew on the way is left to the usual way', async () => {
  const bytes = readFileSync(path('sets repeated.mp4'));
  const wanted = [20, 40];
  const excerptOf = async (name: string) => {
    const file = await open(path(name), 'r');
    const index = (await readMp4Index(file, bytes.length))!;
    const excerpt = await readExcerpt(file, index, wanted);
    await file.close();
    return { excerpt, index };
  };
  const { excerpt, index } = await excerptOf('sets repeated.mp4');
  expect(excerpt).toBeDefined();
  expect(index.parameterSets.map((set) => set[0]! & 31)).toEqual([7, 8]);
  for (const set of index.parameterSets) {
    const changed = Buffer.from(bytes);
    const [from, to] = [changed.indexOf('mdat'), changed.lastIndexOf('moov')];
    let found = 0;
    for (let at = changed.indexOf(set, from); at >= 0 && at < to; at = changed.indexOf(set, at + 1)) {
      changed[at + set.length - 1]! ^= 0x10;
      found++;
    }
    expect(found).toBeGreaterThan(3);
    writeFileSync(path('sets changed.mp4'), changed);
    expect((await excerptOf('sets changed.mp4')).excerpt).toBeUndefined();
  }
});

test('a file of very many frames is written', async () => {
  const file = await open(path('one group.mp4'), 'r');
  const index = (await readMp4Index(file, (await file.stat()).size))!;
  const excerpt = (await readExcerpt(file, index, [0]))!;
  await file.close();
  const many = Array.from({ length: 150_000 }, () => excerpt);
  const { bytes, times } = writeExcerpts(many);
  expect(bytes.length).toBeGreaterThan(many.length * excerpt.frames[0]!.length);
  expect(times.at(-1)).toEqual([many.length - 1]);
});

test('a table of contents in any state is read or refused', async () => {
  const sound = readFileSync(path('index first.mp4'));
  const random = new Random(1);
  for (let i = 0; i < 300; i++) {
    const bytes = Uint8Array.from(sound);
    for (let k = 0; k < 1 + (i % 4); k++) bytes[random.below(Math.min(2000, bytes.length))] = random.below(256);
    writeFileSync(path('mutated.mp4'), i % 5 === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes);
    const file = await open(path('mutated.mp4'), 'r');
    const index = await readMp4Index(file, (await file.stat()).size);
    if (index) {
      const excerpt = await readExcerpt(file, index, [0, index.times.length - 1]);
      if (excerpt) expect(writeExcerpts([excerpt]).bytes.length).toBeLessThan(2 * sound.length + 2000);
    }
    await file.close();
  }
});

test.each<[string, string, number | undefined]>([
  ['two frames', 'P6\n1 1\n255\nabcP6\n1 1\n255\ndef', 2],
  ['a frame cut off', 'P6\n1 1\n255\nabcP6\n1 1\n255\nde', undefined],
  ['frames of two sizes', 'P6\n2 1\n255\nabcdefP6\n1 2\n255\nabcdef', undefined],
  ['nothing', '', undefined],
])('%s', (_, text, frames) => {
  expect(readPpm(Buffer.from(text))?.frames).toBe(frames);
});
