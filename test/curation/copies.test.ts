// What ffmpeg makes of real clips is found again; other clips, of one class, one camera or one generator, are not taken for copies.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workspaceSchema } from '../../src/config/experiment.ts';
import { compareWorkspace } from '../../src/curation/compareWorkspace.ts';
import { type Fingerprint, fingerprintOf, frameSide, videoFrames } from '../../src/curation/fingerprint.ts';
import { likeness } from '../../src/curation/lookAlike.ts';
import { Decoder } from '../../src/media/decoder.ts';
import { createSampleWorkspace } from '../../src/samples/workspace.ts';
import { hasNative, hasSamples, samples } from '../media/fixtures.ts';

let folder: string;
let decoder: Decoder;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cover-copies-'));
  decoder = await Decoder.create();
});
afterAll(async () => {
  await decoder.close();
  rmSync(folder, { recursive: true, force: true });
});

async function look(file: string): Promise<Fingerprint> {
  const request = { file, kind: 'video', start: null, end: null, count: videoFrames, shortSide: frameSide } as const;
  return fingerprintOf(await decoder.decode(request), 'video');
}

const originals = [
  'clips/ucf101-style.avi',
  'datasets/surveillance-fights/val/fight/fi018.mp4',
  'datasets/surveillance-fights/train/noFight/nofi023.mp4',
];
const even = 'scale=trunc(iw/2)*2:trunc(ih/2)*2';
const x264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'];

describe.skipIf(!hasSamples || !hasNative)('a copy of a real clip', () => {
  it.each<[string, string, string[], string[]]>([
    ['of low quality', 'mp4', [], ['-vf', even, ...x264, '-crf', '35']],
    ['at half the size', 'mp4', [], ['-vf', 'scale=trunc(iw/4)*2:trunc(ih/4)*2', ...x264, '-crf', '28']],
    ['as MPEG-4 in AVI', 'avi', [], ['-vf', even, '-c:v', 'mpeg4', '-q:v', '8']],
    [
      'as VP8 in WebM',
      'webm',
      [],
      ['-vf', even, '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '400k'],
    ],
    ['at another frame rate', 'mp4', [], ['-vf', `fps=12,${even}`, ...x264, '-crf', '26']],
    ['without its first half second', 'mp4', ['-ss', '0.5'], ['-vf', even, ...x264, '-crf', '26']],
  ])('%s', async (name, extension, before, after) => {
    const missed: string[] = [];
    for (const [i, original] of originals.entries()) {
      const file = join(folder, `${name}-${i}.${extension}`);
      const own = join(samples, original);
      const args = ['-nostdin', '-loglevel', 'error', '-y', ...before, '-i', own, '-an', ...after, file];
      expect(spawnSync('ffmpeg', args).status).toBe(0);
      if (!likeness(await look(own), await look(file))) missed.push(original);
    }
    expect(missed).toEqual([]);
  });
});

describe.skipIf(!hasSamples)('another clip', () => {
  it('of the same class, even of the same camera a few seconds later, is no copy', async () => {
    const root = join(samples, 'datasets/surveillance-fights');
    const files = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.mp4'))
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files).toHaveLength(40);
    const prints = await Promise.all(files.map(look));
    const pairs = prints.flatMap((a, i) => prints.slice(0, i).flatMap((b, j) => (likeness(a, b) ? [[i, j]] : [])));
    expect(pairs.map(([i, j]) => `${files[i!]} ${files[j!]}`)).toEqual([]);
  });

  it('of the same digit is no copy', async () => {
    const path = join(samples, 'datasets/mnist-digits');
    const workspace = join(folder, 'digits');
    mkdirSync(workspace);
    const config = workspaceSchema.parse({ datasets: { digits: { kind: 'image', path, format: 'classFolders' } } });
    const { report } = await compareWorkspace(workspace, config, { onEvent: () => {} });
    expect(report).toMatchObject({ compared: 500, unreadable: 0, total: 0 });
  });
});

it('drawn samples of one class are no copies of one another', async () => {
  const workspace = join(folder, 'drawn');
  mkdirSync(workspace);
  await createSampleWorkspace(workspace, {
    motion: { train: 30, val: 6 },
    shapes: { train: 30, val: 6 },
    textures: { train: 60, val: 12 },
  });
  const datasetOf = (name: string, kind: string) => [
    `${name}-mini`,
    { kind, path: `${name}-mini`, format: 'classFolders' },
  ];
  const datasets = Object.fromEntries([
    datasetOf('motion', 'video'),
    datasetOf('shapes', 'video'),
    datasetOf('textures', 'image'),
  ]);
  const { report } = await compareWorkspace(workspace, workspaceSchema.parse({ datasets }), { onEvent: () => {} });
  expect(report).toMatchObject({ compared: 144, unreadable: 0, total: 0 });
});
