// Measures the index on a tree of a million files (hard links to one small file, 1,000 classes, removed afterwards): the
// first indexing, indexing again with nothing changed and with a few files added, changed and removed, the largest memory
// of each whole process, and how long the explorer's questions and the editor's tree take, without and with what a probe
// of all files would have stored. With --imagenet the tree is ImageNet-1k's (1,281,000 files and 50,000 in val), read by
// that format. It wants an idle machine. `node scripts/millionFiles.mjs [FILES | --imagenet]`, after `npm run build`.
import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import esbuild from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isImageNet = process.argv[2] === '--imagenet';
const number = isImageNet ? 1_281_000 : Number(process.argv[2] ?? 1_000_000);
const classes = 1000;
const edits = 5000;
const tellUsage =
  'data:text/javascript,process.on("exit",()=>{const{maxRSS,userCPUTime,systemCPUTime}=process.resourceUsage();console.error("usage",maxRSS,userCPUTime+systemCPUTime)})';

const folder = mkdtempSync(join(tmpdir(), 'cover-million-'));
try {
  if (isImageNet) makeImageNet();
  else makeTree();
  await index('first indexing');
  await index('again, nothing changed');
  if (!isImageNet) await changesAndQuestions();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function changesAndQuestions() {
  writeFileSync(join(folder, 'data/val/class 0007/added.jpg'), 'x');
  await index('again, one file more');
  for (const label of ['0100', '0500', '0900']) {
    const inside = (split, name) => join(folder, 'data', split, `class ${label}`, name);
    writeFileSync(inside('train', 'added.jpg'), 'x');
    rmSync(inside('train', `class ${label}_000001.jpg`));
    rmSync(inside('val', `class ${label}_000010.jpg`));
    writeFileSync(inside('val', `class ${label}_000010.jpg`), 'changed');
    utimesSync(inside('val', `class ${label}_000010.jpg`), 1, 1);
  }
  await index('again, 3 files added, 3 removed, 3 changed');
  await index('again, nothing changed');
  makeEdits();
  await index(`again, with ${edits.toLocaleString('en')} edits in 100 classes`);
  await index('again, nothing changed');
  console.log(`the index is ${(statSync(join(folder, '.cover/index.duckdb')).size / 1e6).toFixed(0)} MB`);
  await questions();
  await pretendProbed();
  console.log('with all files probed:');
  await questions();
}

/** Every other one excludes a sample, the others give one another class. */
function makeEdits() {
  const lines = Array.from({ length: edits }, (_, i) => {
    const name = (label) => `class ${String(label).padStart(4, '0')}`;
    const label = name(i % 100);
    const file = `${label}_${String(11 + 10 * Math.floor(i / 100)).padStart(6, '0')}.jpg`;
    const change = i % 2 === 0 ? { excluded: true } : { label: name((i + 1) % 100) };
    return JSON.stringify({ id: `million/train/${label}/${file}`, ...change });
  });
  writeFileSync(join(folder, 'cover.edits.jsonl'), `${lines.sort().join('\n')}\n`);
}

/** What `cover index --probe` stores, without asking a million files. */
async function pretendProbed() {
  const instance = await DuckDBInstance.create(join(folder, '.cover/index.duckdb'));
  const connection = await instance.connect();
  await connection.run(
    "INSERT INTO media SELECT md5_number_lower(file), file, size, mtime, 'mjpeg', 320, 240, 0, NULL, NULL, NULL FROM samples",
  );
  connection.closeSync();
  instance.closeSync();
}

function makeImageNet() {
  const began = Date.now();
  let names = '';
  for (let label = 0; label < classes; label++) {
    const id = `n${String(1_440_764 + 37 * label).padStart(8, '0')}`;
    names += `${id} name ${label}, another name\n`;
    const inside = (split, name) => join(folder, 'data', split, id, `${name}.JPEG`);
    for (const split of ['train', 'val']) mkdirSync(join(folder, 'data', split, id), { recursive: true });
    const original = inside('train', `${id}_0`);
    writeFileSync(original, 'x');
    for (let file = 1; file < number / classes; file++) linkSync(original, inside('train', `${id}_${file}`));
    for (let file = 0; file < 50; file++)
      linkSync(original, inside('val', `ILSVRC2012_val_${String(label * 50 + file).padStart(8, '0')}`));
  }
  writeFileSync(join(folder, 'data/LOC_synset_mapping.txt'), names);
  const datasets = { imagenet: { kind: 'image', path: 'data', format: 'imageNet' } };
  writeFileSync(join(folder, 'cover.json'), JSON.stringify({ datasets }));
  console.log(`${(number + 50_000).toLocaleString('en')} files made in ${seconds(began)} s`);
}

function makeTree() {
  const began = Date.now();
  const each = Math.floor(number / classes);
  for (let label = 0; label < classes; label++) {
    const name = `class ${String(label).padStart(4, '0')}`;
    for (const split of ['train', 'val']) mkdirSync(join(folder, 'data', split, name), { recursive: true });
    const original = join(folder, 'data/train', name, `${name}_000000.jpg`);
    writeFileSync(original, 'x');
    for (let file = 1; file < each; file++) {
      const split = file % 10 === 0 ? 'val' : 'train';
      linkSync(original, join(folder, 'data', split, name, `${name}_${String(file).padStart(6, '0')}.jpg`));
    }
  }
  const datasets = { million: { kind: 'image', path: 'data', format: 'classFolders' } };
  writeFileSync(join(folder, 'cover.json'), JSON.stringify({ datasets }));
  console.log(`${(each * classes).toLocaleString('en')} files made in ${seconds(began)} s`);
}

async function index(what) {
  const began = Date.now();
  const { code, stdout, stderr } = await run([
    '--import',
    tellUsage,
    join(root, 'dist/cli.js'),
    'index',
    '--workspace',
    folder,
    '--json',
  ]);
  const dataset = stdout.split('\n').find((line) => line.startsWith('{"event":"dataset"'));
  const { samples } = JSON.parse(dataset ?? '{}');
  const [, kibibytes, microseconds] = /usage (\d+) (\d+)/.exec(stderr) ?? [];
  const memory = ((kibibytes * 1024) / 1e9).toFixed(2);
  const cpu = (microseconds / 1e6).toFixed(1);
  const told = `${seconds(began)} s (${cpu} s of a core), at most ${memory} GB`;
  console.log(`${what}: ${told}, ${samples?.toLocaleString('en')} samples, exit ${code}`);
  if (code !== 0) throw new Error(stderr);
}

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** The editor's Datasets tree, with a stand-in for the editor and real answers. */
async function treeOver(ask) {
  const file = join(folder, 'datasetsTree.cjs');
  const editor = `
    export class EventEmitter { event = () => {}; fire() {} }
    export class ThemeIcon {}
    export class ThemeColor {}
    export class MarkdownString {}
    export class FileDecoration {}
    export const window = {};
    export class TreeItem {}
    export const TreeItemCollapsibleState = {};
    export class Uri { static from() { return new Uri(); } }
    export const workspace = { isTrusted: true, workspaceFolders: [{ uri: { scheme: 'file', fsPath: ${JSON.stringify(folder)} } }] };`;
  await esbuild.build({
    entryPoints: [join(root, 'src/extension/datasetsTree.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    plugins: [
      {
        name: 'editor',
        setup(build) {
          build.onResolve({ filter: /^vscode$/ }, () => ({ path: 'vscode', namespace: 'editor' }));
          build.onLoad({ filter: /.*/, namespace: 'editor' }, () => ({ contents: editor }));
        },
      },
    ],
  });
  const { DatasetsTree } = createRequire(file)(file);
  return new DatasetsTree(
    { ask },
    () => ask('index/datasets', { workspace: folder }),
    () => {},
  );
}

/** As the editor asks: through one runner process, each question ten times. */
async function questions() {
  const child = spawn(process.execPath, [join(root, 'dist/runner.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, result, error } = JSON.parse(line);
    waiting.get(id)?.(error ? Promise.reject(new Error(error.message)) : result);
  });
  let lastId = 0;
  const ask = (method, params) =>
    new Promise((resolve) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      child.stdin.write(`${JSON.stringify({ id, method, params: { workspace: folder, ...params } })}\n`);
    });
  const split = { dataset: 'million', split: 'train' };
  const page = { ...split, label: 'class 0500', offset: 0, limit: 100 };
  for (const [method, params, what = ''] of [
    ['index/datasets', {}],
    ['index/classes', split],
    ['index/samples', page],
    ['index/samples', { ...page, offset: 700 }, ' deep in a class'],
    ['index/samples', { ...page, filter: '_0007' }, ' of a class with a text'],
    ['index/samples', { ...split, offset: 800_000, limit: 100 }, ' deep in a split'],
    ['index/samples', { ...split, filter: '0500_0007', offset: 0, limit: 100 }, ' of a split with a text'],
    ['index/samples', { ...split, filter: 'jpg', offset: 0, limit: 100 }, ' of a split with a text that all have'],
    ['index/samples', { ...split, filter: 'zebra', offset: 0, limit: 100 }, ' of a split with a text that none has'],
    ['curation/matchCounts', { filter: '0500_0007' }],
    ['curation/matchCounts', { filter: 'jpg' }, ' with a text that all have'],
    ['curation/matches', { ...split, filter: '0007' }],
    ['curation/excluded', { dataset: 'million', offset: 0, limit: 100 }],
    ['curation/classes', { dataset: 'million' }],
    ['curation/similar', { id: 'x', file: '/x/class 0500_000712.jpg', limit: 60 }],
  ]) {
    await time(`${method}${what}`, () => ask(method, params));
  }
  let round = 0;
  const edit = (change) =>
    ask('curation/edit', { edits: [{ id: 'million/train/class 0700/class 0700_000301.jpg', ...change }] });
  await time('excluding a sample and including it again', async () => {
    await edit({ excluded: ++round % 2 === 1 });
    return [];
  });
  const tree = await treeOver(ask);
  const items = async (parent) => {
    tree.refresh();
    const nodes = await tree.getChildren(parent);
    for (const node of nodes) tree.getTreeItem(node);
    return nodes;
  };
  let node;
  for (const what of [
    'datasets',
    'splits of a dataset',
    'first 100 of 1,000 classes',
    'first 100 samples of a class',
  ]) {
    const parent = node;
    [node] = await time(`tree: ${what}`, () => items(parent));
  }
  child.stdin.end();
  await new Promise((resolve) => child.on('close', resolve));
}

async function time(what, ask) {
  const times = [];
  let rows = [];
  for (let round = 0; round < 10; round++) {
    const began = performance.now();
    rows = await ask();
    times.push(performance.now() - began);
  }
  const [first] = times;
  const [least, , , , , median] = times.sort((a, b) => a - b);
  const told = `${median.toFixed(1)} ms (least ${least.toFixed(1)}, first ${first.toFixed(1)} ms)`;
  console.log(`${what}: ${told}, ${rows.length} rows`);
  return rows;
}

function seconds(began) {
  return ((Date.now() - began) / 1000).toFixed(1);
}
