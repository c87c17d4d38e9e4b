// Files that are damaged, misnamed, hostile or not there at all: each costs itself one clear sentence, and nothing else.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decoder } from '../../src/media/decoder.ts';
import { createFfmpeg } from '../../src/media/ffmpeg.ts';
import { backends, grainyFrames, h264, makeClip, marksOf, refusal, temporaryFolder, wholeClip } from './fixtures.ts';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const odd = [1, 3, 5, 7, 9, 11, 13, 15];
const codecs = {
  mp4: [...h264, '-movflags', '+faststart'],
  mkv: h264,
  avi: ['-c:v', 'mpeg4', '-q:v', '2'],
  webm: ['-c:v', 'libvpx', '-b:v', '2M'],
};
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeAll(async () => {
  for (const [extension, output] of Object.entries(codecs))
    await makeClip(path(`plain.${extension}`), { output, extension });
});

describe.each(backends)('the %s ffmpeg', (backend) => {
  let decoder: Decoder;
  beforeAll(async () => {
    decoder = await Decoder.create({ backend, workers: 2 });
  });
  afterAll(() => decoder.close());

  it.each([
    '-i.mp4',
    '%05d.mp4',
    'it\'s "quoted".mp4',
    'two\nlines.mp4',
    'Überraschung – 滑雪 🎿.mp4',
    'a:b,c;[d].mp4',
    'http:',
    '$(touch x) `y` & z.mp4',
    'no suffix',
    'strange.s\'uf"f ix',
  ])('reads a file named %j', async (name) => {
    writeFileSync(path(name), readFileSync(path('plain.mp4')));
    expect(marksOf(await decoder.decode(wholeClip(path(name))))).toEqual(odd);
  });

  it('reads a file by a relative name that begins with "-"', async () => {
    const before = process.cwd();
    process.chdir(folder); // the tests of a file run in a process of their own
    try {
      writeFileSync('-x.mp4', readFileSync('plain.mp4'));
      expect(marksOf(await decoder.decode(wholeClip('-x.mp4')))).toEqual(odd);
    } finally {
      process.chdir(before);
    }
  });

  const playlist = (target: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${target}\n#EXT-X-ENDLIST\n`;
  it.each<[string, string]>([
    ['list.m3u8', playlist('plain.mp4')],
    ['list.mp4', playlist('plain.mp4')],
    ['list.ffconcat', 'ffconcat version 1.0\nfile plain.mp4\n'],
    ['concat.mp4', 'ffconcat version 1.0\nfile plain.mp4\n'],
    [
      'session.sdp',
      'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n',
    ],
    [
      'dash.mpd',
      '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>plain.mp4</BaseURL></Period></MPD>',
    ],
    ['noise.mp4', 'this is no video at all, only words. '.repeat(100)],
  ])('refuses %s, which names other files or is no video', async (name, text) => {
    writeFileSync(path(name), text);
    const said = await refusal(decoder, wholeClip(path(name)));
    expect(said).toMatch(
      /^unreadable-media: .* could not be decoded: (it is not a video container that is read here|Invalid data found.*)\. Check the file, or exclude it\.$/s,
    );
    expect(said).toContain(name);
  });

  it('says in one sentence what is wrong with a file', async () => {
    writeFileSync(path('empty.mp4'), '');
    mkdirSync(path('folder.mp4'), { recursive: true });
    await makeClip(path('sound.mp4'), {
      output: ['-vn', '-f', 'lavfi', '-i', 'sine=d=1', '-map', '1:a', '-c:a', 'aac'],
      extension: 'mp4',
    });
    const said = async (name: string, more = {}) =>
      (await refusal(decoder, wholeClip(path(name), more))).replace(path(name), '…');
    const sentence = (reason: string) =>
      `unreadable-media: … could not be decoded: ${reason}. Check the file, or exclude it.`;
    expect(await said('missing.mp4')).toBe(sentence('there is no such file'));
    expect(await said('empty.mp4')).toBe(sentence('it is empty'));
    expect(await said('folder.mp4')).toBe(sentence('it is a folder without numbered images'));
    expect(await said('sound.mp4')).toBe(sentence('it holds no video'));
    expect(await said('plain.mp4', { start: 5, end: 6 })).toMatch(
      /its part begins at 5.00 s, but the file ends at 2.0\d s/,
    );
    expect(await said('plain.mp4', { start: 1, end: 1 })).toBe(sentence('its part ends before it begins'));
  });

  it('warns where a part reaches beyond the file', async () => {
    const clip = await decoder.decode(wholeClip(path('plain.mp4'), { start: 1, end: 3 }));
    expect(clip.warning).toMatch(/should end at 3.00 s, but the file ends at 2.0\d s/);
    expect(clip.duration).toBeCloseTo(1, 1);
  });

  it.each(['plain.mp4', 'plain.mkv', 'plain.avi', 'plain.webm'])(
    'uses what is left of a truncated %s',
    async (name) => {
      const cut = path(`cut-${name}`);
      const extension = name.slice(6) as keyof typeof codecs;
      await makeClip(cut, { output: codecs[extension], extension }, grainyFrames(16, 64, 48));
      const bytes = readFileSync(cut);
      writeFileSync(cut, bytes.subarray(0, Math.floor(bytes.length * 0.75)));
      const clip = await decoder.decode(wholeClip(cut));
      expect(clip.warning).toMatch(/^Only a part of it could be decoded: .*\.$/);
      expect(clip.frames).toBeGreaterThan(3);
      // Rising, from the beginning: nothing made up.
      const marks = marksOf(clip);
      expect(marks).toEqual([...marks].sort((a, b) => a - b));
      expect(marks[0]).toBeLessThan(2);
    },
  );

  it('gives up on a file that takes too long, and goes on with the next', async () => {
    await makeClip(
      path('slow.mp4'),
      { width: 640, height: 480, frames: 32, output: h264, extension: 'mp4' },
      new Uint8Array(640 * 480 * 3 * 32),
    );
    const hasty = await Decoder.create({ backend, timeoutMs: 1, workers: 1 });
    expect(await refusal(hasty, wholeClip(path('slow.mp4')))).toMatch(/unreadable-media: .* it took longer than 0 s/);
    await hasty.close();
    const [slow, good] = await Promise.all([
      refusal(decoder, wholeClip(path('slow.mp4'))),
      decoder.decode(wholeClip(path('plain.mp4'))),
    ]);
    expect(slow).toBe('decoded 8 frames');
    expect(marksOf(good)).toEqual(odd);
  });

  it('stops at once when it is cancelled, waiting or working, and goes on with others', async () => {
    const controller = new AbortController();
    const cancelled = Array.from({ length: 20 }, () =>
      refusal2(decoder.decode(wholeClip(path('slow.mp4')), controller.signal)),
    );
    const kept = decoder.decode(wholeClip(path('plain.mp4')));
    controller.abort();
    expect(new Set(await Promise.all(cancelled))).toEqual(new Set(['cancelled']));
    expect(marksOf(await kept)).toEqual(odd);
  });

  it('answers many at once, each with its own frames', async () => {
    const names = ['plain.mp4', 'plain.mkv', 'plain.avi', 'plain.webm', 'missing.mp4', 'noise.mp4'];
    const all = await Promise.all(
      Array.from({ length: 24 }, (_, i) => {
        const name = names[i % names.length]!;
        return refusal(decoder, wholeClip(path(name), { count: 1 + (i % 5) }));
      }),
    );
    for (const [i, said] of all.entries())
      expect(said).toMatch(i % 6 < 4 ? new RegExp(`decoded ${1 + (i % 5)} frames`) : /^unreadable-media/);
  });
});

async function refusal2(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

describe('the bundled ffmpeg', () => {
  it('loses one run when its worker breaks, and starts another', async () => {
    const core = await createFfmpeg({ backend: 'core' });
    // More memory than the core can have: it ends abnormally.
    const broken = await core.run({
      input: { bytes: new Uint8Array(16) },
      arguments: [
        '-f',
        'lavfi',
        '-i',
        'color=s=16000x16000:r=1',
        '-frames:v',
        '30',
        '-vf',
        'reverse',
        '-f',
        'rawvideo',
        '{output}',
      ],
      maxBytes: 1000,
      timeoutMs: 60_000,
    });
    expect(broken.ended === 'crash' || broken.code !== 0).toBe(true);
    const fine = await core.run({
      input: { bytes: new Uint8Array(16) },
      arguments: ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', '4x4', '-i', '{input}', '-f', 'rawvideo', '{output}'],
      maxBytes: 1000,
      timeoutMs: 60_000,
    });
    expect([fine.ended, fine.code, fine.bytes.length]).toEqual(['exit', 0, 16]);
    await core.close();
  });

  it('reads one file many more times than one core lasts', async () => {
    const decoder = await Decoder.create({ backend: 'core', workers: 1 });
    for (let i = 0; i < 130; i++) {
      const clip = await decoder.decode(wholeClip(path('plain.webm')));
      expect(marksOf(clip)).toEqual(odd);
    }
    await decoder.close();
  });
});

it('says so where the ffmpeg that was asked for does not start', async () => {
  await expect(Decoder.create({ ffmpeg: path('plain.mp4') })).rejects.toThrow(/does not start as ffmpeg/);
  await expect(Decoder.create({ ffmpeg: '/bin/true', backend: 'native' })).rejects.toThrow(/does not start as ffmpeg/);
});
