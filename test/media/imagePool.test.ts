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
    const writes = [];
    setInterval(() => writes.shift()?.(), 1);
    createInterface(process.stdin).on('close', () => process.exit()).on('line', (line) => {
      const { file, id } = JSON.parse(line);
      if (file === 'crash') process.kill(process.pid, 'SIGSEGV');
      else if (file === 'exit') process.exit(3);
      else if (file === 'hang') for (;;);
      else {
        const header = Buffer.from(JSON.stringify({ id, image: { width: 1, height: 1 } }));
        const length = Buffer.alloc(4);
        length.writeUInt32LE(header.length);
        const all = Buffer.concat([length, header, Buffer.from('abc')]);
        // In pieces, as pipes give them.
        for (let i = 0; i < all.length; i++) writes.push(() => process.stdout.write(all.subarray(i, i + 1)));
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

/** What comes of the files. */
function tell(pool: ImagePool, files: readonly string[], limitMs: number): Promise<string[]> {
  return Promise.all(
    files.map((file) =>
      pool.decode(file, 8, limitMs).then(
        ({ data }) => Buffer.from(data).toString(),
        (error: Error) => error.message,
      ),
    ),
  );
}

const crashed =
  process.platform === 'win32' ? expect.stringContaining('crashed') : 'the image decoder crashed on it (SIGSEGV)';

test.each([1, 2])('a crash costs one file, and none of those beside it (%i processes)', async (processes) => {
  const pool = new ImagePool(processes, path('fragile.cjs'));
  const files = ['good', 'crash', 'good', 'exit', 'crash', 'good', 'good', 'crash', 'good'];
  expect(await tell(pool, files, 60_000)).toEqual(
    files.map((file) => ({ good: 'abc', crash: crashed, exit: 'the image decoder crashed on it (exit code 3)' })[file]),
  );
  await expect(pool.header('exit', 60_000)).rejects.toThrow('crashed on it (exit code 3)');
  expect(await tell(pool, ['good', 'good', 'good'], 60_000)).toEqual(['abc', 'abc', 'abc']);
  pool.close();
});

test('a hang costs one file', async () => {
  const pool = new ImagePool(1, path('fragile.cjs'));
  expect(await tell(pool, ['good'], 60_000)).toEqual(['abc']); // the process has started
  // The limit of the second is not its own fault: the first keeps the process busy.
  const told = [tell(pool, ['hang'], 10), tell(pool, ['good'], 60_000)];
  expect((await Promise.all(told)).flat()).toEqual(['it took longer than 0 s', 'abc']);
  pool.close();
});

test('what is called off is not waited for', async () => {
  const pool = new ImagePool(1, path('fragile.cjs'));
  const stop = new AbortController();
  const hanging = pool.header('hang', 60_000, stop.signal);
  stop.abort();
  await expect(hanging).rejects.toThrow('cancelled');
  pool.close();
});

test('a program that was not built is told', async () => {
  const pool = new ImagePool(1, path('absent.cjs'));
  await expect(pool.decode(path('noise.png'), 8, 60_000)).rejects.toThrow('absent.cjs is missing');
  pool.close();
});
