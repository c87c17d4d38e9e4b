// Whole comparisons of a workspace on disk: images, videos and frames of every kind of evidence, and what is read again.
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { workspaceSchema } from '../../src/config/experiment.ts';
import { compareWorkspace } from '../../src/curation/compareWorkspace.ts';
import type { FoundDuplicates } from '../../src/curation/findDuplicates.ts';
import { fingerprintFile } from '../../src/curation/fingerprintFile.ts';
import { duplicateProblems, leakWarnings } from '../../src/curation/storedFindings.ts';
import { duplicatesReportSchema } from '../../src/protocol/duplicates.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import { createHandlers } from '../../src/runner/handlers.ts';

let root: string;
let workspace: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "cover's duplicates-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  workspace = join(root, String(++count));
});

/** A picture of soft blobs that no other seed has, 96 × 64. */
function picture(seed: number): Sharp {
  const random = new Random(seed, 9);
  const raw = new Uint8Array(6 * 4 * 3).map(() => random.below(256));
  return sharp(raw, { raw: { width: 6, height: 4, channels: 3 } }).resize(96, 64, { kernel: 'cubic' });
}

async function write(path: string, image: Sharp | Buffer): Promise<void> {
  const file = join(workspace, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, Buffer.isBuffer(image) ? image : await image.png().toBuffer());
}

type Datasets = Record<
  string,
  { exclude?: string[]; kind?: 'video'; format?: 'mmaction2' | 'epicKitchens'; column?: string }
>;
const configOf = (datasets: Datasets) =>
  workspaceSchema.parse({
    datasets: Object.fromEntries(
      Object.entries(datasets).map(([name, rest]) => [
        name,
        { kind: 'image', path: name, format: 'classFolders', ...rest },
      ]),
    ),
  });

async function compare(
  datasets: Datasets,
  signal?: AbortSignal,
  unreadable: readonly string[] = [],
): Promise<{ told: string[]; read: number; report: FoundDuplicates['report'] }> {
  let read = 0;
  const { report } = await compareWorkspace(
    workspace,
    { ...configOf(datasets), unreadable },
    {
      signal,
      onEvent: (event) => {
        if (event.task === 'compare' && event.dataset === 'frames') read = event.total;
      },
    },
  );
  const told = report.findings.map(({ evidence, leak, conflict, samples }) => {
    const marks = [leak && 'leak', conflict && 'conflict'].filter(Boolean).join(' ');
    return `${evidence}${marks && ` ${marks}`}: ${samples
      .map(({ id }) => id)
      .sort()
      .join(', ')}`;
  });
  return { told, read, report };
}

/** Six pictures of two classes in train and in val, all different. */
async function writeColours(): Promise<void> {
  for (const [s, split] of ['train', 'val'].entries())
    for (let i = 0; i < 6; i++) await write(`set/${split}/${i % 2 ? 'b' : 'a'}/${i}.png`, picture(100 * s + i));
}

describe('what is found', () => {
  it('nothing among different pictures', async () => {
    await writeColours();
    const { told, report } = await compare({ set: {} });
    expect(told).toEqual([]);
    expect(report).toMatchObject({ compared: 12, unreadable: 0, leaking: {}, total: 0, conflicts: 0 });
  });

  const jpeg = (quality: number) => async (own: Sharp) => own.jpeg({ quality }).toBuffer();
  it.each<[string, (own: Sharp) => Promise<Buffer>, string]>([
    ['the same bytes', (own) => own.png().toBuffer(), 'bytes'],
    ['JPEG of low quality', jpeg(35), 'look'],
    [
      'half the size',
      async (own) =>
        sharp(await own.png().toBuffer())
          .resize(48)
          .jpeg()
          .toBuffer(),
      'look',
    ],
    ['WebP', (own) => own.webp({ quality: 50 }).toBuffer(), 'look'],
    [
      'mirrored',
      async (own) =>
        sharp(await own.png().toBuffer())
          .flop()
          .jpeg()
          .toBuffer(),
      'look',
    ],
    [
      'black bars',
      async (own) =>
        sharp(await own.png().toBuffer())
          .extend({ top: 8, bottom: 8, background: '#000' })
          .jpeg()
          .toBuffer(),
      'look',
    ],
    [
      'a margin cut off',
      async (own) =>
        sharp(await own.png().toBuffer())
          .extract({ left: 2, top: 1, width: 92, height: 61 })
          .jpeg()
          .toBuffer(),
      'look',
    ],
  ])('a training picture held out: %s', async (_, change, evidence) => {
    await writeColours();
    await write('set/val/a/copy.jpg', await change(picture(0)));
    const { told, report } = await compare({ set: {} });
    expect(told).toEqual([`${evidence} leak: set/train/a/0.png, set/val/a/copy.jpg`]);
    expect(report.leaking).toEqual({ set: { [evidence]: 1 } });
    expect(report.pairs).toEqual([{ leak: true, evidence, from: 'set train', to: 'set val', findings: 1 }]);
  });

  it('copies inside a split, with two labels, and in another dataset', async () => {
    await writeColours();
    await write('set/train/b/again.jpg', await picture(0).jpeg({ quality: 60 }).toBuffer());
    for (const label of ['x', 'y'])
      for (let i = 0; i < 3; i++)
        await write(`other/test/${label}/${i}.png`, picture(label === 'x' ? 300 + i : 400 + i));
    await write('other/train/x/7.png', picture(500));
    await write('other/test/x/1.jpg', await picture(1).jpeg({ quality: 60 }).toBuffer());
    const { told } = await compare({ set: {}, other: {} });
    expect(told).toEqual([
      'look leak: other/test/x/1.jpg, set/train/b/1.png',
      'look conflict: set/train/a/0.png, set/train/b/again.jpg',
    ]);
  });

  it('black and flat pictures are like nothing, and what cannot be read is counted', async () => {
    await writeColours();
    for (const [i, level] of [0, 3, 200].entries())
      for (const split of ['train', 'val']) {
        const flat = { width: 40, height: 30 + i, channels: 3 as const, background: { r: level, g: level, b: level } };
        await write(
          `set/${split}/a/flat${i}${split}.png`,
          await sharp({ create: flat })
            .png({ compressionLevel: split === 'val' ? 0 : 9 })
            .toBuffer(),
        );
      }
    await write('set/train/a/broken.png', Buffer.from('no picture'));
    const { told, report } = await compare({ set: {} });
    expect(told).toEqual([]);
    expect(report).toMatchObject({ compared: 19, unreadable: 1 });
  });

  it('names with a YouTube id: the same part is a leak, another part is a weaker one', async () => {
    await writeColours();
    const named = (seconds: string) => `0wR5jVB-WPk_${seconds}.png`;
    await write(`set/train/a/${named('000010_000020')}`, picture(31));
    await write(`set/train/b/${named('000090_000100')}`, picture(32));
    await write(`set/val/a/${named('000015_000025')}`, picture(33));
    const { told, report } = await compare({ set: {} });
    const [ten, ninety] = [`set/train/a/${named('000010_000020')}`, `set/train/b/${named('000090_000100')}`];
    const held = `set/val/a/${named('000015_000025')}`;
    expect(told).toEqual([`video leak: ${ten}, ${held}`, `source leak: ${ten}, ${ninety}, ${held}`]);
    expect(report.leaking).toEqual({ set: { video: 1 } });
  });

  it('excluded samples are not compared', async () => {
    await writeColours();
    await write('set/val/a/copy.png', picture(0));
    expect((await compare({ set: { exclude: ['val/a/copy.png'] } })).told).toEqual([]);
  });
});

describe('nothing is read twice', () => {
  it('only what is new or changed', async () => {
    await writeColours();
    expect((await compare({ set: {} })).read).toBe(12);
    expect((await compare({ set: {} })).read).toBe(0);
    await write('set/train/a/new.png', picture(77));
    await write('set/val/a/2.png', picture(77));
    const { told, read } = await compare({ set: {} });
    // Same bytes: looked at once.
    expect({ told, read }).toEqual({ told: ['bytes leak: set/train/a/new.png, set/val/a/2.png'], read: 1 });
  });

  it('stopped in the middle, it goes on where it stood', async () => {
    await writeColours();
    const controller = new AbortController();
    const stopped = compareWorkspace(workspace, configOf({ set: {} }), {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.task === 'compare' && event.dataset === 'frames') controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow('cancelled');
    const { read } = await compare({ set: {} });
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(12);
  });

  it('a damaged file of fingerprints is made again', async () => {
    await writeColours();
    await compare({ set: {} });
    writeFileSync(fingerprintFile(workspace), 'not a database');
    expect((await compare({ set: {} })).read).toBe(12);
    expect((await compare({ set: {} })).read).toBe(0);
  });
});

describe('folders of frames', () => {
  const datasets: Datasets = { clips: { kind: 'video', format: 'mmaction2' } };

  /** Five frames of a clip that no other seed has, in the place of those that are there. */
  async function writeClip(name: string, seed: number): Promise<void> {
    for (let k = 1; k <= 5; k++) await write(`clips/${name}/img_0000${k}.png`, picture(1000 * seed + k));
  }

  beforeEach(async () => {
    await write('clips/train.txt', Buffer.from('a 5 0\nc 5 1\n'));
    await write('clips/val.txt', Buffer.from('b 5 0\nd 5 1\n'));
    for (const [name, seed] of Object.entries({ a: 1, b: 1, c: 2, d: 3 })) await writeClip(name, seed);
  });

  it('are read again where frames were made anew in place, and what was found of them is forgotten', async () => {
    const first = await compare(datasets);
    expect(first.told).toEqual(['bytes leak: clips/a, clips/b']);
    expect((await compare(datasets)).read).toBe(0);
    expect(await duplicateProblems(workspace)).toHaveLength(1);
    await writeClip('b', 2); // as "c"
    expect(await duplicateProblems(workspace)).toEqual([]);
    expect((await compare(datasets)).told).toEqual(['bytes leak conflict: clips/b, clips/c']);
  });

  it('leak where parts of one in training and in evaluation share frames, and are of one source where they share none', async () => {
    const header = 'narration_id,video_id,start_timestamp,stop_timestamp,start_frame,stop_frame,verb_class\n';
    const row = (first: number, last: number) => `P01_101_0,P01_101,00:00:${first},00:00:${last},${first},${last},0\n`;
    await write('epic/EPIC_100_train.csv', Buffer.from(header + row(1, 10) + row(8, 20) + row(31, 40)));
    await write('epic/EPIC_100_validation.csv', Buffer.from(header + row(36, 50) + row(51, 55)));
    for (let k = 1; k <= 55; k++)
      await write(`epic/P01_101/frame_${String(k).padStart(10, '0')}.png`, picture(Math.ceil(k / 5)));
    const { told } = await compare({ epic: { kind: 'video', format: 'epicKitchens', column: 'verb' } });
    const [first, ...others] = told;
    expect(first).toBe('bytes leak: epic/P01_101#f=31,40, epic/P01_101#f=36,50');
    expect(others).toContainEqual(expect.stringMatching(/^source leak: epic\/P01_101#f=1,10, .*#f=51,55/));
  });

  it('are copies whatever the numbers of their frames are', async () => {
    rmSync(join(workspace, 'clips/b'), { recursive: true });
    for (let k = 1; k <= 5; k++) await write(`clips/b/img_0010${k}.png`, picture(1000 + k));
    expect((await compare(datasets)).told).toEqual(['bytes leak: clips/a, clips/b']);
  });

  it('are the part of a video that their name says, whatever the numbers of their frames are', async () => {
    await write('clips/train.txt', Buffer.from('0wR5jVB-WPk_000417_000427 5 0\n'));
    await write('clips/val.txt', Buffer.from('cut/0wR5jVB-WPk_000420_000430 5 0\n'));
    for (const [seed, name] of ['0wR5jVB-WPk_000417_000427', 'cut/0wR5jVB-WPk_000420_000430'].entries())
      for (let k = 1; k <= 5; k++) await write(`clips/${name}/img_1250${k}.png`, picture(1000 * seed + k));
    expect((await compare(datasets)).told).toEqual([
      'video leak: clips/0wR5jVB-WPk_000417_000427, clips/cut/0wR5jVB-WPk_000420_000430',
    ]);
  });

  it('are read again where one of their frames was changed', async () => {
    await compare(datasets);
    await write('clips/b/img_00002.png', picture(7));
    expect((await compare(datasets)).told).toEqual(['look leak: clips/a, clips/b']);
    await writeClip('d', 9);
    expect(await compare(datasets)).toMatchObject({ told: ['look leak: clips/a, clips/b'], read: 1 });
  });
});

it('folders of frames that are called by the microsecond are compared as fast as any', {
  timeout: 20_000,
}, async () => {
  await write('clips/train.txt', Buffer.from('a 500000000 0\n'));
  await write('clips/val.txt', Buffer.from('b 500000000 0\n'));
  for (const name of ['a', 'b'])
    for (const [k, time] of ['1305031102175304', '1305031102211214', '1305031502243211'].entries())
      await write(`clips/${name}/${time}.png`, picture(k));
  const { told } = await compare({ clips: { kind: 'video', format: 'mmaction2' } });
  expect(told).toEqual(['bytes leak: clips/a, clips/b']);
});

describe('what is remembered', () => {
  it('leaks are warnings until a file changes or goes, or is excluded', async () => {
    await writeColours();
    expect(await duplicateProblems(workspace)).toEqual([]);
    await write('set/val/a/copy.png', picture(0));
    await compare({ set: {} });
    const problems = await duplicateProblems(workspace);
    expect(problems).toMatchObject([
      { severity: 'warning', dataset: 'set', file: join(workspace, 'set/train/a/0.png') },
    ]);
    expect(problems[0]!.message).toContain(
      '"set/train/a/0.png" (train) has the same bytes as "set/val/a/copy.png" (val)',
    );
    expect(await leakWarnings(workspace, 'cover.json', ['set'])).toMatchObject([
      { file: 'cover.json', dataset: 'set' },
    ]);
    expect(await leakWarnings(workspace, 'cover.json', ['other'])).toEqual([]);
    appendFileSync(join(workspace, 'set/val/a/copy.png'), 'x');
    expect(await duplicateProblems(workspace)).toEqual([]);
  });

  it.each([
    ['whose disk is away for a while', async () => compare({ set: {}, other: {} }), 'other'],
    ['whose lines in cover.json cannot be read', async () => compare({ set: {} }, undefined, ['other']), undefined],
  ])('findings of a dataset %s outlive a comparison without it', async (_, compareWithout, away) => {
    await writeColours();
    await write('other/val/a/copy.png', picture(0));
    await write('set/train/b/twice.png', picture(3));
    await write('set/train/b/again.png', picture(3));
    const both = await compare({ set: {}, other: {} });
    expect(both.told).toHaveLength(2);
    const problems = await duplicateProblems(workspace);
    if (away !== undefined) renameSync(join(workspace, away), join(workspace, 'unplugged'));
    expect((await compareWithout()).told).toHaveLength(1);
    if (away !== undefined) {
      expect(await duplicateProblems(workspace)).toEqual(problems.slice(1));
      renameSync(join(workspace, 'unplugged'), join(workspace, away));
    }
    expect(await duplicateProblems(workspace)).toEqual(problems);
    expect((await compare({ set: {}, other: {} })).told).toEqual(both.told);
    expect(await duplicateProblems(workspace)).toEqual(problems);
  });

  it('a copy beside one whose disk is away is told once', async () => {
    await writeColours();
    for (const path of ['other/val/a/copy.png', 'set/val/a/copy.png']) await write(path, picture(0));
    expect((await compare({ set: {}, other: {} })).told).toHaveLength(1);
    const problems = await duplicateProblems(workspace);
    renameSync(join(workspace, 'other'), join(workspace, 'unplugged'));
    expect((await compare({ set: {}, other: {} })).told).toHaveLength(1);
    expect(await duplicateProblems(workspace)).toHaveLength(1);
    renameSync(join(workspace, 'unplugged'), join(workspace, 'other'));
    expect(await duplicateProblems(workspace)).toEqual(problems);
  });

  it('files that are copied elsewhere keep their findings by themselves', async () => {
    await writeColours();
    cpSync(join(workspace, 'set/train/a/0.png'), join(workspace, 'set/val/b/late.png'));
    utimesSync(join(workspace, 'set/val/b/late.png'), 1, 1);
    expect((await compare({ set: {} })).told).toEqual(['bytes leak conflict: set/train/a/0.png, set/val/b/late.png']);
  });

  it('the runner compares, with progress, and lists the leaks among the problems of the index', async () => {
    await writeColours();
    await write('set/val/a/copy.png', picture(0));
    const { datasets } = configOf({ set: {} });
    writeFileSync(join(workspace, 'cover.json'), JSON.stringify({ datasets }));
    const tasks = new Set<string>();
    const notify = (event: JobEvent) => event.event === 'progress' && tasks.add(event.task);
    const { handlers, close } = createHandlers({ ffmpeg: undefined, notify });
    const report = await handlers['duplicates/find']({ workspace }, new AbortController().signal);
    expect(duplicatesReportSchema.parse(report)).toMatchObject({ total: 1, leaking: { set: { bytes: 1 } } });
    expect(tasks).toEqual(new Set(['index', 'compare']));
    expect(await handlers['index/problems']({ workspace }, new AbortController().signal)).toMatchObject([
      { severity: 'warning', dataset: 'set', message: expect.stringContaining('Leak: ') },
    ]);
    await close();
  });
});
