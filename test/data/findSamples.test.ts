import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireWorkspace } from '../../src/config/workspace.ts';
import { findSamples } from '../../src/data/findSamples.ts';
import { updateIndex } from '../../src/data/updateIndex.ts';

let workspace: string;
beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'cover-find-'));
  const files = [
    'clips/train/archery/a1.mp4',
    'clips/train/archery/0wR5jVB-WPk_000417_000427.mp4',
    'clips/train/bowling/a2.x.mp4',
    'clips/val/bowling/a1.webm',
  ];
  for (const file of files) {
    mkdirSync(dirname(join(workspace, file)), { recursive: true });
    writeFileSync(join(workspace, file), 'x');
  }
  writeFileSync(
    join(workspace, 'cover.json'),
    JSON.stringify({
      datasets: {
        clips: { kind: 'video', path: 'clips', format: 'classFolders', exclude: ['train/bowling/a2.x.mp4'] },
      },
    }),
  );
  expect(await findSamples(workspace, ['/a'], ['a1'])).toEqual([]); // before the first update
  await updateIndex(workspace, await requireWorkspace(workspace));
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

test.each<[string, string[], string[], string[]]>([
  ['nothing asked', [], [], []],
  ['by file', ['clips/train/archery/a1.mp4', 'clips/none.mp4'], [], ['clips/train/archery/a1.mp4']],
  ['by name, of whichever ending', [], ['a1'], ['clips/train/archery/a1.mp4', 'clips/val/bowling/a1.webm']],
  ['by the id that a name begins with', [], ['0wR5jVB-WPk'], ['clips/train/archery/0wR5jVB-WPk_000417_000427.mp4']],
  ['excluded ones too', [], ['a2.x'], ['clips/train/bowling/a2.x.mp4 excluded']],
  ['quotes are no more than text', ["a' OR 1=1 --"], ["a1') OR (1=1", '$v0'], []],
])('%s', async (_, files, names, expected) => {
  const found = await findSamples(
    workspace,
    files.map((file) => join(workspace, file)),
    names,
  );
  expect(found.map(({ id, excluded }) => `${id}${excluded ? ' excluded' : ''}`).toSorted()).toEqual(expected);
});
