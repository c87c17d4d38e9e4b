import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WorkspaceConfig } from '../../src/config/experiment.ts';
import { listDatasets, listProblems, listSamples } from '../../src/data/datasetIndex.ts';
import { type ProbeOptions, probeMedia } from '../../src/data/probeMedia.ts';
import { updateIndex } from '../../src/data/updateIndex.ts';
import { createProber, type Prober } from '../../src/media/prober.ts';
import { encodeImage } from '../../src/media/sharp.ts';
import { frames } from './formatCases.ts';
import { tree } from './tree.ts';

const config: WorkspaceConfig = { datasets: { d: { kind: 'image', path: 'd', format: 'classFolders', holdOut: 0 } } };
const page = { dataset: 'd', split: 'train', offset: 0, limit: 100 };
let prober: Prober;
beforeAll(() => {
  prober = createProber();
});
afterAll(() => prober.close());

const picture = (width: number, height: number, kind: 'png' | 'jpeg' = 'png') =>
  encodeImage(new Uint8Array(width * height * 3), width, height, kind);

/** Two classes of six images, one of them larger, one a JPEG, one no image. */
async function workspace(): Promise<string> {
  const folder = tree({ 'd/train/a/': '', 'd/train/b/': '' });
  const usual = await picture(8, 6);
  for (const label of ['a', 'b'])
    for (let index = 0; index < 6; index++) writeFileSync(join(folder, `d/train/${label}/${index}.png`), usual);
  writeFileSync(join(folder, 'd/train/b/3.png'), await picture(20, 10));
  writeFileSync(join(folder, 'd/train/b/4.png'), await picture(8, 6, 'jpeg'));
  writeFileSync(join(folder, 'd/train/b/5.png'), 'no image');
  await updateIndex(folder, config);
  return folder;
}

/** Probes, and tells which files were asked. */
async function probe(folder: string, options: ProbeOptions = {}, end = (_asked: number) => {}): Promise<string[]> {
  const asked: string[] = [];
  await probeMedia(
    folder,
    async (request, signal) => {
      asked.push(request.file.slice(folder.length + '/d/train/'.length));
      const facts = await prober.probe(request, signal);
      end(asked.length);
      return facts;
    },
    options,
  ).finally(() => asked.sort());
  return asked;
}

test('files are asked once, again where they changed, and what they said is told', async () => {
  const folder = await workspace();
  const counts: string[] = [];
  const asked = await probe(folder, { onProgress: (done, total) => counts.push(`${done}/${total}`) });
  expect([asked.length, asked[0], counts[0], counts.at(-1)]).toEqual([12, 'a/0.png', '1/12', '12/12']);
  const summary = {
    samples: 11,
    unreadable: 1,
    codecs: [
      { codec: 'png', samples: 10 },
      { codec: 'jpeg', samples: 1 },
    ],
    sizes: [
      { width: 8, height: 6, samples: 10 },
      { width: 20, height: 10, samples: 1 },
    ],
    differentSizes: 2,
    turned: 0,
    duration: null,
    rate: null,
  };
  expect((await listDatasets(folder))[0]).toMatchObject({ problems: 1, media: summary });
  expect(await listProblems(folder)).toMatchObject([
    { severity: 'error', dataset: 'd', file: join(folder, 'd/train/b/5.png') },
  ]);
  const samples = await listSamples(folder, { ...page, label: 'b' });
  const media = { codec: 'png', width: 8, height: 6, rotation: 0, duration: null, rate: null };
  expect(samples.map((sample) => sample.media)).toEqual([
    ...[media, media, media, { ...media, width: 20, height: 10 }, { ...media, codec: 'jpeg' }, undefined],
  ]);

  expect(await probe(folder)).toEqual([]);
  writeFileSync(join(folder, 'd/train/b/5.png'), await picture(8, 6));
  writeFileSync(join(folder, 'd/train/a/new.png'), await picture(8, 6));
  rmSync(join(folder, 'd/train/b/3.png'));
  await updateIndex(folder, config);
  expect(await listProblems(folder), 'the file changed').toEqual([]);
  expect((await listDatasets(folder))[0]?.media).toMatchObject({ samples: 10, unreadable: 0, differentSizes: 1 });
  expect(await probe(folder)).toEqual(['a/new.png', 'b/5.png']);
  expect((await listDatasets(folder))[0]?.media).toMatchObject({ samples: 12, unreadable: 0 });
});

test('what was asked when it was stopped is not asked again', async () => {
  const folder = await workspace();
  const controller = new AbortController();
  const stop = (asked: number) => asked === 4 && controller.abort();
  await expect(probe(folder, { signal: controller.signal, atOnce: 1 }, stop)).rejects.toMatchObject({
    code: 'cancelled',
  });
  expect((await listDatasets(folder))[0]?.media?.samples).toBe(4);
  const rest = await probe(folder, { atOnce: 3 });
  expect(rest).toEqual(['a/4.png', 'a/5.png', 'b/0.png', 'b/1.png', 'b/2.png', 'b/3.png', 'b/4.png', 'b/5.png']);
});

test('what is known is stored as it comes: a run that dies keeps it', async () => {
  const folder = await workspace();
  const seen: (number | undefined)[] = [];
  await probeMedia(
    folder,
    async (request) => {
      // Read in the middle, as another process would after this one was killed.
      seen.push((await listSamples(folder, page)).filter(({ media }) => media).length);
      return prober.probe(request);
    },
    { atOnce: 1, storeEvery: 0 },
  );
  expect(seen.slice(0, 4)).toEqual([0, 0, 1, 2]);
});

test('a probe that breaks costs one file; a file of two samples is asked once', async () => {
  const lines = ['path,label,start,end', 'v.mp4,a,0,1', 'v.mp4,b,1,2', 'w.mp4,a,0,1'];
  const folder = tree({ 'm.csv': `${lines.join('\n')}\n`, 'v.mp4': 'x', 'w.mp4': 'x' });
  await updateIndex(folder, { datasets: { m: { kind: 'video', path: 'm.csv', format: 'manifest', holdOut: 0 } } });
  const asked: string[] = [];
  await probeMedia(folder, async ({ file }) => {
    asked.push(file);
    if (file.endsWith('w.mp4')) throw new Error('it broke');
    return { codec: 'h264', width: 4, height: 2, rotation: 90, duration: 2, rate: 25 };
  });
  expect(asked.sort()).toEqual([join(folder, 'v.mp4'), join(folder, 'w.mp4')]);
  const [summary] = await listDatasets(folder);
  expect(summary?.media).toMatchObject({
    samples: 2,
    unreadable: 1,
    turned: 2,
    duration: { least: 2, median: 2, most: 2 },
  });
  expect((await listProblems(folder)).map(({ message }) => message)).toEqual([
    `${join(folder, 'w.mp4')} could not be read: it broke.`,
  ]);
});

test('a folder with frames of several clips is asked once, and all of them are known then', async () => {
  const line = (id: string, range: string, verb: number) =>
    `${id},P01,P01_01,0,00:00:00,00:00:01,${range},x,x,${verb},x,0,[],[]`;
  const folder = tree({
    'd/EPIC_100_train.csv': [
      'narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame,narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes',
      line('1', '1,3', 0),
      line('2', '3,8', 0),
      line('3', '5,7', 1),
      line('4', '9,9', 1),
    ].join('\n'),
    'd/EPIC_100_verb_classes.csv': 'id,key,instances,category\n0,take,[],x\n1,put,[],x\n',
    ...frames('d/P01/rgb_frames/P01_01', 9, (i) => `frame_${String(i).padStart(10, '0')}.jpg`),
  });
  const epic = { kind: 'video', path: 'd', format: 'epicKitchens', column: 'verb', holdOut: 0 } as const;
  await updateIndex(folder, { datasets: { d: epic } });
  const asked: string[] = [];
  const ask = async ({ file }: { file: string }) => {
    asked.push(file);
    return { codec: 'jpeg', width: 4, height: 2, rotation: 0, duration: null, rate: null };
  };
  await probeMedia(folder, ask);
  await probeMedia(folder, ask);
  expect(asked).toEqual([join(folder, 'd/P01/rgb_frames/P01_01')]);
  expect((await listDatasets(folder))[0]?.media?.samples).toBe(4);
  const samples = await listSamples(folder, page);
  expect(samples.map(({ media, frames }) => [frames?.count, media?.width])).toEqual([
    [3, 4],
    [1, 4],
    [3, 4],
    [6, 4],
  ]);
});
