// What the fuzzer of annotations begins with: the small folder of each format, manifests of each kind, and, where they are,
// parts of the official lists (COVER_ANNOTATIONS), which are never copied into this repository.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../src/base/paths.ts';
import type { DatasetConfig } from '../../src/config/experiment.ts';
import { writeParquet } from '../../src/data/parquet.ts';
import { formatCases } from '../data/formatCases.ts';

export interface AnnotationSeed {
  name: string;
  /** By path inside the dataset's folder; one that ends with "/" is an empty folder. */
  files: Map<string, Buffer>;
  config: DatasetConfig;
}

export async function annotationSeeds(): Promise<AnnotationSeed[]> {
  const seeds = formatCases.map(({ name, files, config }): AnnotationSeed => {
    const own = Object.entries(files).map(([path, text]) => [path, Buffer.from(text as string | Uint8Array)] as const);
    return { name, files: new Map(own), config: { kind: 'video', path: '.', ...config } };
  });
  const media = { 'v/a b.mp4': 'x', 'v/-2.mp4': 'x', 'v/3.mp4': 'x' };
  const add = (name: string, files: Record<string, string | Buffer>, config: Partial<DatasetConfig>) =>
    seeds.push({
      name,
      files: new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)])),
      config: { kind: 'video', path: '.', format: 'manifest', ...config },
    });
  const lines = 'path,label,split,start,end\nv/a b.mp4,"one, two",train,0,2.5\nv/-2.mp4,b,val,,\nv/3.mp4,b,train,1,\n';
  add('manifest, CSV', { ...media, 'm.csv': lines }, { path: 'm.csv' });
  add('manifest, semicolons', { ...media, 'm.csv': lines.replaceAll(',', ';') }, { path: 'm.csv' });
  const rows = [
    { path: 'v/a b.mp4', label: 'a', split: 'train', start: 0, end: 1.5 },
    { path: 'v/-2.mp4', label: 'b' },
    { path: 'v/3.mp4', label: 'b', more: { x: [1, 2] } },
  ];
  add(
    'manifest, JSON Lines',
    { ...media, 'm.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join('') },
    { path: 'm.jsonl' },
  );
  add('manifest, Parquet', { ...media, 'm.parquet': await parquet() }, { path: 'm.parquet' });
  add('manifest, Parquet of other types', { ...media, 'm.parquet': await parquet(true) }, { path: 'm.parquet' });
  const images = { 'train/a/1.png': 'x', 'train/b/1.png': 'x', 'val/a/1.png': 'x', 'val/b/1.png': 'x' };
  const mapped = { format: 'classFolders', kind: 'image' } as const;
  add('mapping, JSON', { ...images, 'm.json': '{\n"a": "c",\n"b": null\n}' }, { ...mapped, mapping: 'm.json' });
  add('mapping, CSV', { ...images, 'm.csv': 'from,to\na,c\nb,\n' }, { ...mapped, mapping: 'm.csv' });
  seeds.push(...official());
  return seeds;
}

async function parquet(isOdd = false): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'cover-fuzz-seed-'));
  try {
    const file = join(folder, 'm.parquet');
    await writeParquet(file, {
      path: { type: 'VARCHAR', values: ['v/a b.mp4', 'v/-2.mp4', 'v/3.mp4'] },
      label: isOdd
        ? { type: 'VARCHAR[]', values: [['a'], ['b'], ['c']] }
        : { type: 'VARCHAR', values: ['a', 'b', null] },
      split: isOdd ? { type: 'BOOLEAN', values: [true, false, null] } : { type: 'VARCHAR', values: ['train', '', 'x'] },
      start: { type: 'DOUBLE', values: [0, Number.NaN, Number.POSITIVE_INFINITY] },
      end: { type: 'BIGINT', values: [2, null, 9] },
    });
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The first lines of the official lists; their files are not there, which is a problem a line. */
function official(): AnnotationSeed[] {
  const folder = resolve(process.env.COVER_ANNOTATIONS ?? join(packageRoot(), '../shared/annotations'));
  if (!existsSync(folder)) return [];
  const first = (path: string, number = 300) =>
    Buffer.from(readFileSync(join(folder, path), 'utf8').split('\n').slice(0, number).join('\n'));
  const names = ['classInd.txt', 'trainlist01.txt', 'testlist01.txt'];
  return [
    {
      name: 'official UCF101',
      files: new Map(names.map((name) => [name, first(`ucf101/${name}`)])),
      config: { kind: 'video', path: '.', format: 'ucf101' },
    },
    {
      name: 'official Kinetics',
      files: new Map([['kinetics-400_val.csv', first('kinetics/kinetics-400_val.csv')]]),
      config: { kind: 'video', path: '.', format: 'kinetics' },
    },
  ];
}
