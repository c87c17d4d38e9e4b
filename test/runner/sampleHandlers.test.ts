// The sample workspace as the editor asks for it. That it is drawn is tested in test/samples: here, what is around it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHandlers } from '../../src/runner/handlers.ts';
import { sampleMarker } from '../../src/samples/workspace.ts';
import { files, tree } from '../data/tree.ts';

const never = new AbortController().signal;
const create = async (folder: string, signal = never) => {
  const { handlers, close } = createHandlers({ ffmpeg: undefined, notify: () => {} });
  try {
    return await handlers['samples/create']({ folder }, signal);
  } finally {
    await close();
  }
};

test('what is whole is not drawn again, and gets a cover.json with its datasets', async () => {
  const folder = tree({
    [sampleMarker]: '',
    ...files(2, 'motion-mini/train/up/', '.mp4'),
    ...files(2, 'motion-mini/train/down/', '.mp4'),
    ...files(2, 'textures-mini/train/dots/', '.png'),
    ...files(2, 'textures-mini/train/rings/', '.png'),
  });
  expect(await create(folder)).toEqual({ folder });
  const { datasets } = JSON.parse(readFileSync(join(folder, 'cover.json'), 'utf8'));
  expect(datasets).toEqual({
    'motion-mini': { kind: 'video', path: 'motion-mini', format: 'classFolders' },
    'textures-mini': { kind: 'image', path: 'textures-mini', format: 'classFolders' },
  });
});

test('a cover.json that is there stays as it is', async () => {
  const folder = tree({ [sampleMarker]: '', 'cover.json': '{ "datasets": {} } // mine\n' });
  await create(folder);
  expect(readFileSync(join(folder, 'cover.json'), 'utf8')).toContain('// mine');
});

test('nothing is drawn among other files, nor when it was stopped', async () => {
  const folder = tree({ 'thesis.txt': 'mine' });
  await expect(create(folder)).rejects.toMatchObject({ code: 'folder-in-use' });
  expect(existsSync(join(folder, 'motion-mini'))).toBe(false);
  const empty = tree({});
  await expect(create(empty, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  expect(existsSync(join(empty, sampleMarker))).toBe(false);
});
