import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InlineCache } from '../../src/evaluation/inlineCache.ts';
import type { InlineClip } from '../../src/protocol/inline.ts';

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'cover-inline-'));
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

const clip = (name: string): InlineClip => ({ file: `/clips/${name}`, kind: 'video', start: null, end: null });
const state = { size: 10, mtime: 1.5 };
const heads = (probability: number) => ({ k: [{ label: 'archery', probability }] });
const said = (name: string, probability: number) => ({ clip: clip(name), state, heads: heads(probability) });
const fileOf = (digest: string) => join(workspace, '.cover', 'inline', `${digest}.jsonl`);

async function known(cache: InlineCache, ...names: string[]): Promise<(number | undefined)[]> {
  await cache.refresh();
  return names.map((name) => cache.get(clip(name), state)?.k?.[0]?.probability);
}

test('a reader takes up what a writer adds, and the newest counts', async () => {
  const reader = new InlineCache(workspace, 'm');
  const writer = new InlineCache(workspace, 'm');
  expect(await known(reader, 'a')).toEqual([undefined]);
  await writer.add([said('a', 0.123456), said('b', 0.5)]);
  expect(await known(reader, 'a', 'b', 'c')).toEqual([0.1235, 0.5, undefined]);
  await writer.add([said('a', 0.75)]);
  expect(await known(reader, 'a', 'b')).toEqual([0.75, 0.5]);
  expect(await known(new InlineCache(workspace, 'm'), 'a')).toEqual([0.75]);
  expect(await known(new InlineCache(workspace, 'other'), 'a')).toEqual([undefined]);
});

test('another state of the file, and another part of it, are not known', async () => {
  const cache = new InlineCache(workspace, 'm');
  await cache.add([said('a', 0.5)]);
  await cache.refresh();
  expect(cache.get(clip('a'), { ...state, mtime: 2 })).toBeUndefined();
  expect(cache.get(clip('a'), { ...state, size: 11 })).toBeUndefined();
  expect(cache.get({ ...clip('a'), start: 1, end: 2 }, state)).toBeUndefined();
  expect(cache.get({ ...clip('a'), frames: { pattern: '%d.jpg', first: 1, count: 2 } }, state)).toBeUndefined();
});

test('what cannot be read is passed over, a half line waits for its other half', async () => {
  const cache = new InlineCache(workspace, 'm');
  await cache.add([said('a', 0.5)]);
  const line = readFileSync(fileOf('m'), 'utf8').replace('/clips/a', '/clips/b');
  appendFileSync(fileOf('m'), `{"clip":\n{"clip":"/clips/c","heads":3}\n${line.slice(0, 20)}`);
  expect(await known(cache, 'a', 'b', 'c')).toEqual([0.5, undefined, undefined]);
  appendFileSync(fileOf('m'), line.slice(20));
  expect(await known(cache, 'a', 'b')).toEqual([0.5, 0.5]);
  rmSync(fileOf('m'));
  expect(await known(cache, 'a')).toEqual([undefined]);
});

test('the oldest clips and models go', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `${i}`);
  const limits = { clips: 8, models: 2 };
  await new InlineCache(workspace, 'm', limits).add(names.map((name) => said(name, 0.5)));
  for (const [index, digest] of ['old', 'older'].entries()) {
    mkdirSync(join(workspace, '.cover', 'inline'), { recursive: true });
    writeFileSync(fileOf(digest), '');
    utimesSync(fileOf(digest), 1000 - index, 1000 - index);
  }
  const reader = new InlineCache(workspace, 'm', limits);
  await reader.refresh();
  const later = new InlineCache(workspace, 'm', limits);
  await later.add([said('new', 0.25)]);
  expect(await known(reader, '0', '11', '12', '19', 'new')).toEqual([undefined, undefined, 0.5, 0.5, 0.25]);
  expect(readFileSync(fileOf('m'), 'utf8').trim().split('\n')).toHaveLength(9);
  expect(readdirSync(join(workspace, '.cover', 'inline')).toSorted()).toEqual(['m.jsonl', 'old.jsonl']);
});
