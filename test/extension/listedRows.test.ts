// A list as a tree shows it: read before the editor is told, and told only where it is another one.
import { beforeEach, expect, test } from 'vitest';
import { ListedRows } from '../../src/extension/listedRows.ts';

let onDisk: string[];
let reads: number;
/** Answers that are held back until they are called. */
let held: (() => void)[] | undefined;
const newList = () =>
  new ListedRows(async () => {
    reads++;
    const found = [...onDisk];
    if (held) await new Promise<void>((resolve) => held?.push(resolve));
    return found;
  });

beforeEach(() => {
  onDisk = ['a', 'b'];
  reads = 0;
  held = undefined;
});

test('what nobody asked for yet is read when it is asked for', async () => {
  const list = newList();
  expect(await list.isChanged()).toBe(true);
  expect(reads).toBe(0);
  expect(await list.rows()).toEqual(['a', 'b']);
  expect(reads).toBe(1);
});

test('the same list is not told, another one is there when it is', async () => {
  const list = newList();
  await list.rows();
  expect(await list.isChanged()).toBe(false);
  onDisk = ['a'];
  expect(await list.isChanged()).toBe(true);
  reads = 0;
  expect(await list.rows()).toEqual(['a']);
  expect(reads).toBe(0);
  expect(await list.rows()).toEqual(['a']);
  expect(reads).toBe(1);
});

test('of several changes the last one counts', async () => {
  const list = newList();
  await list.rows();
  held = [];
  onDisk = ['a'];
  const first = list.isChanged();
  onDisk = ['c'];
  const second = list.isChanged();
  held[1]!();
  expect(await second).toBe(true);
  held[0]!();
  expect(await first).toBe(false);
  expect(await list.rows()).toEqual(['c']);
});

test('what the editor reads meanwhile may be older: it asks again', async () => {
  const list = newList();
  await list.rows();
  held = [];
  onDisk = ['passing'];
  const late = list.rows();
  onDisk = ['a', 'b'];
  const changed = list.isChanged();
  held[0]!();
  expect(await late).toEqual(['passing']);
  expect(await changed).toBe(true);
  held = undefined;
  expect(await list.rows()).toEqual(['a', 'b']);
});

test('what was read for a view that is hidden is not shown later', async () => {
  const list = newList();
  await list.rows();
  onDisk = ['a'];
  await list.isChanged();
  onDisk = ['c'];
  list.forget();
  expect(await list.rows()).toEqual(['c']);
});
