// Every list of the known formats, read line by line as an editor would: each sample is found by a line that names it.
import { writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { expect, test } from 'vitest';
import { requireWorkspace } from '../../src/config/workspace.ts';
import { readSamples } from '../../src/data/datasetIndex.ts';
import { updateIndex } from '../../src/data/updateIndex.ts';
import { locateClips } from '../../src/evaluation/locateClips.ts';
import { layoutOf, mentionsIn } from '../../src/inline/layout.ts';
import { formatCases } from '../data/formatCases.ts';
import { tree } from '../data/tree.ts';

test.each(formatCases)('$name', async ({ files, config }) => {
  const workspace = tree(files);
  const datasets = { d: { kind: 'video', path: '.', holdOut: 0, ...config } };
  writeFileSync(join(workspace, 'cover.json'), JSON.stringify({ datasets }));
  const parsed = await requireWorkspace(workspace);
  await updateIndex(workspace, parsed);
  const found = new Set<string>();
  for (const [path, text] of Object.entries(files)) {
    if (typeof text !== 'string') continue;
    const lines = text.split('\n');
    const lineAt = (line: number) => lines[line];
    const document = join(workspace, path);
    const layout = layoutOf(document, lineAt);
    const mentions = layout ? mentionsIn(layout, lineAt, 0, lines.length) : [];
    const asked = mentions.map(({ candidates, startSec, endSec }) => ({
      candidates: candidates.map(({ name: written, isId }) => ({ name: written, isId })),
      ...(startSec !== undefined && { startSec }),
      ...(endSec !== undefined && { endSec }),
    }));
    const located = await locateClips({ workspace, config: parsed, document }, asked);
    for (const each of located) if (each?.sample) found.add(each.sample.id);
  }
  // What lies in class folders, or is told by its place in a list, no line names.
  const texts = Object.values(files).filter((text) => typeof text === 'string');
  const isNamed = (file: string) => texts.some((text) => text.includes(basename(file, extname(file)).slice(0, 11)));
  const samples = await readSamples(workspace, 'd');
  expect(samples.filter(({ file, id }) => isNamed(file) && !found.has(id)).map(({ id }) => id)).toEqual([]);
});

test('a folder of frames is in another state where its frames were made anew in place', async () => {
  const files = { 'train_list.txt': 'clips/a 3 0\n', 'clips/a/1.jpg': 'x', 'clips/a/2.jpg': 'x', 'clips/a/3.jpg': 'x' };
  const workspace = tree(files);
  const datasets = { d: { kind: 'video', path: '.', format: 'mmaction2', holdOut: 0 } };
  writeFileSync(join(workspace, 'cover.json'), JSON.stringify({ datasets }));
  const config = await requireWorkspace(workspace);
  await updateIndex(workspace, config);
  const state = async () => {
    const lines = [{ candidates: [{ name: 'clips/a', isId: false }] }];
    const [found] = await locateClips({ workspace, config, document: join(workspace, 'train_list.txt') }, lines);
    return found!.state;
  };
  const before = await state();
  expect(await state()).toEqual(before);
  for (const name of ['1.jpg', '2.jpg', '3.jpg']) writeFileSync(join(workspace, 'clips/a', name), 'made anew');
  expect(await state()).not.toEqual(before);
});
