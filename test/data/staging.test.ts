import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WorkspaceConfig } from '../../src/config/experiment.ts';
import { readSamples } from '../../src/data/datasetIndex.ts';
import { classOf, type ScannedClass } from '../../src/data/scannedClass.ts';
import { Staging } from '../../src/data/staging.ts';
import { updateIndex } from '../../src/data/updateIndex.ts';
import { files, grow, tree } from './tree.ts';

/** A class of so many samples; 20,000 are more than wait in the memory. */
function scanned(label: string, samples = 20_000, size = 1): ScannedClass {
  const seen = Array.from({ length: samples }, (_, index) => {
    const path = `${label}/${String(index).padStart(6, '0')}.png`;
    return { sample: { path, file: `/d/${path}`, label, split: null, start: null, end: null }, size, mtime: 1 };
  });
  return classOf('context', 'train', label, seen, new Set());
}

const scans = (folder: string) => readdirSync(join(folder, '.cover')).filter((name) => name.startsWith('scan-'));

test('what a stopped scan kept, the next goes on with; then nothing is left', async () => {
  const folder = tree({});
  const [a, b, c] = [scanned('a'), scanned('b'), scanned('c', 3)] as const;
  const first = await Staging.open(folder);
  for (const one of [a, b, c]) await first.add('d', one);
  await first.close(true);
  expect(scans(folder)).toHaveLength(1);

  const second = await Staging.open(folder);
  expect([a, b].map((one) => second.idOf('d', one))).toEqual([1, 2]);
  expect(second.idOf('d', c), 'it waited in the memory').toBeUndefined();
  expect(second.idOf('other', a)).toBeUndefined();
  expect(second.idOf('d', scanned('a', 20_000, 2)), 'its files changed').toBeUndefined();
  await second.add('d', scanned('b', 20_000, 2));
  expect(second.idOf('d', scanned('b', 20_000, 2)), 'numbers go on').toBe(3);
  await second.close(false);
  expect(scans(folder)).toEqual([]);
});

test('a few samples need no file', async () => {
  const folder = tree({ '.cover/': '' });
  const staging = await Staging.open(folder);
  await staging.add('d', scanned('a', 100));
  await staging.close(true);
  expect(scans(folder)).toEqual([]);
});

test('what is damaged is removed, and what another living process keeps stays', async () => {
  const folder = tree({
    '.cover/scan-999999999-1.duckdb': 'junk',
    [`.cover/scan-${process.ppid}-1.duckdb`]: 'its own',
  });
  const staging = await Staging.open(folder);
  await staging.close(false);
  expect(scans(folder)).toEqual([`scan-${process.ppid}-1.duckdb`]);
});

test('an update that is cancelled in the middle goes on', async () => {
  const folder = tree({});
  for (let label = 0; label < 8; label++) grow(folder, files(5000, `d/c${label}/`, '.png'));
  const config: WorkspaceConfig = { datasets: { d: { kind: 'image', path: 'd', format: 'classFolders' } } };
  const controller = new AbortController();
  const onProgress = ({ done }: { done: number }) => done > 30_000 && controller.abort();
  await expect(updateIndex(folder, config, { signal: controller.signal, onProgress })).rejects.toMatchObject({
    code: 'cancelled',
  });
  expect(scans(folder)).toHaveLength(1);
  writeFileSync(join(folder, 'd/c0/0.png'), 'changed meanwhile');
  const [summary] = await updateIndex(folder, config);
  expect([summary?.samples, scans(folder)]).toEqual([40_000, []]);
  const samples = await readSamples(folder, 'd');
  expect(samples.map(({ id }) => id)).toEqual([...new Set(samples.map(({ id }) => id))]);
  expect(samples).toHaveLength(40_000);
}, 60_000);
