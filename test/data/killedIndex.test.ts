// `cover index`, with and without --probe, that is killed (kill -9) at random moments and then runs undisturbed leaves the
// same index as one that was never killed, and nothing beside it. COVER_KILLS sets how often, COVER_SEED the moments.
import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { listDatasets, listProblems, listSamples, readSamples } from '../../src/data/datasetIndex.ts';
import { encodeImage } from '../../src/media/sharp.ts';
import { tree } from './tree.ts';

const kills = Number(process.env.COVER_KILLS ?? 4);
const seed = Number(process.env.COVER_SEED ?? 1);
/** Enough for a staging file: more than wait in the memory. */
const [classes, each] = [20, 1000];

/** Class folders of links to one picture and some that are no picture, and a few of them in a list. */
async function workspace(): Promise<string> {
  const root = tree({ 'list/': '' });
  const picture = await encodeImage(new Uint8Array(8 * 6 * 3), 8, 6, 'png');
  for (let label = 0; label < classes; label++) {
    const folder = join(root, `folders/train/c${label}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '0.png'), picture);
    writeFileSync(join(folder, 'bad.png'), 'no picture');
    for (let file = 1; file < each; file++) linkSync(join(folder, '0.png'), join(folder, `${file}.png`));
  }
  const names = [...Array.from({ length: 60 }, (_, file) => `c${file % 3}/${file}`), 'c1/bad'];
  const lines = names.map((name) => `../folders/train/${name}.png,${name.slice(0, 2)}`);
  writeFileSync(join(root, 'list/m.csv'), `path,label\n${lines.join('\n')}\n`);
  return root;
}

const folders = { kind: 'image', path: 'folders', format: 'classFolders', holdOut: 0.1 };
const list = { kind: 'image', path: 'list/m.csv', format: 'manifest' };

/** Runs `cover index`; killed after so many milliseconds. Resolves to whether it came to its end before. */
function index(root: string, options: readonly string[], killAfter?: number): Promise<boolean> {
  return new Promise((done, fail) => {
    const args = [resolve('dist/cli.js'), 'index', '--workspace', root, '--json', ...options];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let told = '';
    child.stderr.on('data', (text) => {
      told += text;
    });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    child.on('error', fail);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0 || signal === 'SIGKILL') done(code === 0);
      else fail(new Error(told));
    });
  });
}

/** All that the index says. */
async function content(root: string) {
  const pages = { folders: 1000, list: 100 };
  const media = [];
  for (const [dataset, limit] of Object.entries(pages))
    for (const split of ['train', 'val']) media.push(await listSamples(root, { dataset, split, offset: 0, limit }));
  return {
    datasets: await listDatasets(root),
    samples: [await readSamples(root, 'folders'), await readSamples(root, 'list')],
    problems: (await listProblems(root, Number.POSITIVE_INFINITY)).sort((a, b) => (a.file < b.file ? -1 : 1)),
    media,
    // DuckDB's own log of what it will fold into the file is a part of it, and stays or goes as it likes.
    left: readdirSync(join(root, '.cover'))
      .filter((name) => !name.endsWith('.wal'))
      .sort(),
  };
}

test.each([
  ['cover index', [], { folders, list }],
  ['cover index --probe', ['--probe'], { list }],
])(
  `%s, killed ${kills} times`,
  async (_, options, datasets) => {
    const root = await workspace();
    writeFileSync(join(root, 'cover.json'), JSON.stringify({ datasets }));
    const start = performance.now();
    await index(root, options);
    const wholeMs = performance.now() - start;
    const whole = await content(root);
    rmSync(join(root, '.cover'), { recursive: true });
    const random = new Random(seed, options.length);
    let killed = 0;
    for (let i = 0; i < kills; i++) if (!(await index(root, options, wholeMs * random.uniform()))) killed++;
    await index(root, options);
    expect(killed).toBeGreaterThan(0);
    expect(await content(root)).toEqual(whole);
  },
  120_000 + kills * 60_000,
);
