// The README's table of speeds: it says what the files of results say, the newest of every machine and case.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseOptions } from '../../bench/options.ts';
import {
  drawReadme,
  markers,
  type ResultFile,
  readResults,
  speedSection,
  withSection,
} from '../../bench/readmeTable.ts';

const root = join(__dirname, '../..');
const [start, end] = markers;

test('the table in README.md says what bench/results says (else: npm run bench -- --readme)', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const results = await readResults(join(root, 'bench/results'));
  expect(results.length).toBeGreaterThan(0);
  expect(withSection(readme, speedSection(results), 'README.md')).toBe(readme);
});

type Report = ResultFile['report'];
type Case = Report['cases'][number];

const slower = (median: number) => ({ timeOverOurs: { median }, peakBytes: 2e9 });
const training: Case = {
  model: 'small',
  mode: 'training',
  device: 'cpu',
  batch: 2,
  ours: { ms: { median: 1234.5 }, clipsPerSecond: 1.62, gflops: 123.4, peakBytes: 1.5e9 },
  share: { median: 0.805 },
  bare: null,
  torch: { eager: slower(1.304), compiled: slower(1.196) },
};
const inference: Case = { ...training, mode: 'inference', batch: 1, bare: slower(1.01), torch: null };

function result(name: string, date: string, cases: Case[], machine: Partial<Report['machine']> = {}): ResultFile {
  return {
    name,
    report: {
      date,
      machine: { cpu: 'A CPU', cores: 2, memoryBytes: 25e9, os: 'Linux', devices: { cpu: 'A CPU' }, ...machine },
      versions: { 'cover-studio': '0.1.0', onnxruntime: '1.30.0' },
      rounds: 5,
      cases,
    },
  };
}

/** Of each table its file and what its rows have in the first three columns. */
function tables(...results: ResultFile[]): [string, ...string[]][] {
  return speedSection(results)
    .split('\n\n')
    .flatMap((block, i, blocks): [string, ...string[]][] => {
      const file = /\]\(bench\/results\/(.*?)\)/.exec(block)?.[1];
      if (file === undefined) return [];
      const rows = blocks[i + 1]!.split('\n').slice(2);
      return [[file, ...rows.map((row) => row.split(' | ').slice(0, 3).join(' | ').slice(2))]];
    });
}

test('a row of each case, with what was not measured left empty', () => {
  expect(speedSection([result('a.json', '2026-11-22T10:00:00.000Z', [training, inference])])).toBe(`
A CPU, 2 cores, 25 GB, Linux; onnxruntime 1.30.0. Medians of 5 alternating rounds, 2026-11-22 ([a.json](bench/results/a.json)):

| case | device | ms | clips/s | GFLOP/s | of the machine’s rate | peak memory: ours / eager | over PyTorch eager | over compiled | over bare onnxruntime |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|
| \`small\` training, 2 clips | cpu | 1,235 | 1.62 | 123 | 81 % | 1.5 GB / 2.0 GB | 1.30 × | 1.20 × |  |
| \`small\` inference, 1 clip | cpu | 1,235 | 1.62 | 123 | 81 % | 1.5 GB |  |  | 1.01 × |

`);
});

test('the newest file that has a case of a machine is taken; its other cases stay with the older', () => {
  const older = result('b.json', '2026-11-22T10:00:00.000Z', [training, inference]);
  const newer = result('a.json', '2026-11-23T10:00:00.000Z', [
    { ...training, ours: { ms: { median: 1000 }, clipsPerSecond: 2, gflops: 150, peakBytes: null } },
  ]);
  const expected = [
    ['a.json', '`small` training, 2 clips | cpu | 1,000'],
    ['b.json', '`small` inference, 1 clip | cpu | 1,235'],
  ];
  expect(tables(older, newer)).toEqual(expected);
  expect(tables(newer, older)).toEqual(expected);
  const all = result('c.json', '2026-11-24T10:00:00.000Z', [inference, training]);
  expect(tables(older, all, newer).map(([file]) => file)).toEqual(['c.json']);
});

test.each<[string, Partial<Case>, Partial<Report['machine']>]>([
  ['another batch', { batch: 3 }, {}],
  ['another model', { model: '192,4,3,4,49,4' }, {}],
  ['another CPU', {}, { cpu: 'B CPU' }],
  ['other cores', {}, { cores: 4 }],
])('%s is another case', (_, change, machine) => {
  const [a, b] = [
    result('a.json', '2026-11-22', [training]),
    result('b.json', '2026-11-23', [{ ...training, ...change }], machine),
  ];
  expect(tables(a, b).map(([file]) => file)).toEqual(['b.json', 'a.json']);
});

test('another graphics adapter of the same machine is another device, and is named', () => {
  const on = (name: string, adapter: string) =>
    result(name, '2026-11-22', [{ ...training, device: 'webgpu' }], { devices: { cpu: 'A CPU', webgpu: adapter } });
  const both = [on('a.json', 'Adapter A, driver 1'), on('b.json', 'Adapter B, driver 1')];
  expect(tables(...both)).toHaveLength(2);
  expect(speedSection(both)).toContain('Linux; webgpu: Adapter A, driver 1; onnxruntime');
});

test('what failed is told', () => {
  const failed = { failed: 'out of memory' };
  const [text] = tables(
    result('a.json', '2026-11-22', [
      { ...training, ours: failed, share: null, torch: { eager: failed, compiled: null } },
    ]),
  );
  expect(text).toEqual(['a.json', '`small` training, 2 clips | cpu | failed']);
  const eager = { ...training, torch: { eager: failed, compiled: failed } };
  expect(speedSection([result('a.json', '2026-11-22', [eager])])).toContain('| 1.5 GB / – | – | – |  |\n');
  expect(speedSection([])).toBe('\nNothing has been measured yet.\n\n');
});

test('the rest of the README stays as it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cover-readme-'));
  try {
    const readme = join(folder, 'README.md');
    const { name, report } = result('a.json', '2026-11-22', [training]);
    writeFileSync(join(folder, name), JSON.stringify(report));
    writeFileSync(readme, `before $& $1\n${start}\nold\n${end}\nafter`);
    await drawReadme(readme, folder);
    const drawn = readFileSync(readme, 'utf8');
    expect(drawn).toBe(`before $& $1\n${start}\n${speedSection([{ name, report }])}${end}\nafter`);
    await drawReadme(readme, folder);
    expect(readFileSync(readme, 'utf8')).toBe(drawn);
    writeFileSync(join(folder, 'b.json'), '{"date": 1}');
    await expect(drawReadme(readme, folder)).rejects.toMatchObject({
      code: 'bench-result-unreadable',
      file: join(folder, 'b.json'),
    });
    expect(readFileSync(readme, 'utf8')).toBe(drawn);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each(['no markers', `${start}\n`, `${end}\n${start}\n`, `${start}\n${end}\n`.repeat(2), `${start}\n${end}${end}`])(
  'a README without the two lines once and in order is refused: %j',
  (text) => {
    expect(() => withSection(text, 'new', 'README.md')).toThrow('README.md needs the lines');
  },
);

test('--readme', () => {
  expect(parseOptions(['--readme'], 'results').readme).toBe(true);
  expect(parseOptions([], 'results').readme).toBe(false);
});
