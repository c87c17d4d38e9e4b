// Images are decoded in processes of their own: a file that makes one crash or hang costs itself, and the next is decoded.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import { ImagePool } from '../../src/media/imagePool.ts';
import { decodeImage } from '../../src/media/sharp.ts';

let folder: string;
const path = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cover-pool-'));
  const noise = {
    create: {
      width: 300,
      height: 200,
      channels: 3 as const,
      noise: { type: 'gaussian' as const, mean: 99, sigma: 40 },
      background: 'black',
    },
  };
  await sharp(noise).toFile(path('noise.png'));
  await sharp(noise).toFile(path("-name with [options] and 'marks'.jpg"));
  writeFileSync(path('broken.png'), 'not a picture');
  // Stands for a libvips that breaks: the names of the files say how.
  writeFileSync(
    path('fragile.cjs'),
    `const { createInterface } = require('node:readline');
    createInterface(process.stdin).on('line', (line) => {
      const { file } = JSON.parse(line);
      if (file === 'crash') process.kill(process.pid, 'SIGSEGV');
      else if (file === 'exit') process.exit(3);
      else if (file === 'hang') for (;;);
      else {
        const header = Buffer.from(JSON.stringify({ width: 1, height: 1 }));
        const length = Buffer.alloc(4);
        length.writeUInt32LE(header.length);
        const all = Buffer.concat([length, header, Buffer.from('abc')]);
        // In pieces, as pipes give them.
        for (let i = 0; i < all.length; i++) setTimeout(() => process.stdout.write(all.subarray(i, i + 1)), 2 * i);
      }
    });`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('gives what libvips gives in this process, errors too', async () => {
  const pool = new ImagePool(2, distFile('imageProcess.js'));
  const names = ['noise.png', "-name with [options] and 'marks'.jpg"].flatMap((name) => [name, name, name]);
  const images = await Promise.all(names.map((name) => pool.decode(path(name), 150, 60_000)));
  for (const [i, name] of names.entries()) {
    const { data, ...own } = await decodeImage(path(name), 150);
    expect({ ...images[i], data: Buffer.compare(images[i]!.data, data) }).toEqual({ ...own, data: 0 });
  }
  const [own, theirs] = await Promise.all(
    [decodeImage(path('broken.png'), 8), pool.decode(path('broken.png'), 8, 60_000)].map((one) =>
      one.catch((error: Error) => error.message),
    ),
  );
  expect(theirs).toBe(own);
  await expect(pool.decode(path('absent.png'), 8, 60_000)).rejects.toThrow('ENOENT');
  pool.close();
  await expect(pool.decode(path('noise.png'), 8, 60_000)).rejects.toThrow('cancelled');
});

test('a crash or a hang costs one file', async () => {
  const pool = new ImagePool(1, path('fragile.cjs'));
  const told = ['good', 'crash', 'good', 'exit', 'good', 'hang', 'good'].map((file) =>
    pool.decode(file, 8, 10).then(
      ({ data }) => Buffer.from(data).toString(),
      (error: Error) => error.message,
    ),
  );
  expect(await Promise.all(told)).toEqual([
    'abc',
    process.platform === 'win32' ? expect.stringContaining('crashed') : 'the image decoder crashed on it (SIGSEGV)',
    'abc',
    'the image decoder crashed on it (exit code 3)',
    'abc',
    'it took longer than 0 s',
    'abc',
  ]);
  pool.close();
});

test('a program that was not built is told', async () => {
  const pool = new ImagePool(1, path('absent.cjs'));
  await expect(pool.decode(path('noise.png'), 8, 60_000)).rejects.toThrow('absent.cjs is missing');
  pool.close();
});
