// Predictions from elsewhere become an evaluation with the figures that follow from them, in a workspace with the dataset and
// without one; what does not fit is told by line.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { writeParquet } from '../../src/data/parquet.ts';
import { type ImportRequest, importPredictions } from '../../src/evaluation/importPredictions.ts';
import { recomputeReport } from '../../src/evaluation/recompute.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import { createHandlers } from '../../src/runner/handlers.ts';
import { newestRun } from '../../src/runs/listRuns.ts';
import { readHeadRecords } from '../../src/runs/predictionsFile.ts';
import { openRun } from '../../src/runs/runFolder.ts';

const labels = ['apple', 'banana, "ripe"', 'cherry', 'date', 'elder', 'fig'];
let root: string;
/** Three files a class in val; the dataset "fruit". */
let workspace: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "cover's import-"));
  workspace = join(root, 'workspace');
  for (const label of labels)
    for (const split of ['train', 'val']) {
      const folder = join(workspace, 'fruit', split, label);
      mkdirSync(folder, { recursive: true });
      for (let i = 0; i < 3; i++) writeFileSync(join(folder, `${label[0]}${i}.png`), 'png');
    }
  const datasets = { fruit: { kind: 'image', path: 'fruit', format: 'classFolders' } };
  writeFileSync(join(workspace, 'cover.json'), JSON.stringify({ datasets }));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function imported(name: string, content: string, options: Partial<ImportRequest> = {}) {
  const file = join(root, name);
  if (content !== '') writeFileSync(file, content);
  const problems: string[] = [];
  const onEvent = (event: JobEvent) => {
    if (event.event === 'problem') problems.push(`${event.problem.line}: ${event.problem.message}`);
  };
  const done = await importPredictions({ workspace, file, onEvent, ...options });
  const run = await openRun(workspace, done.run);
  const [head] = Object.values((await run.readReport()).heads);
  return { ...done, folder: run, head: head!, problems };
}

/** A workspace of its own with datasets of class folders: the files of each, by their paths. */
function workspaceOf(name: string, datasets: Readonly<Record<string, readonly string[]>>): string {
  const folder = join(root, name);
  for (const [dataset, paths] of Object.entries(datasets))
    for (const path of paths) {
      mkdirSync(join(folder, dataset, path, '..'), { recursive: true });
      writeFileSync(join(folder, dataset, path), 'png');
    }
  const configs = Object.keys(datasets).map((path) => [path, { kind: 'image', path, format: 'classFolders' }]);
  writeFileSync(join(folder, 'cover.json'), JSON.stringify({ datasets: Object.fromEntries(configs) }));
  return folder;
}

/** Scores of every val sample: right but for each class's last file, which is taken for the next class. */
const judgedPaths = labels.flatMap((label, truth) =>
  [0, 1, 2].map((i) => ({ path: `val/${label}/${label[0]}${i}.png`, truth, i })),
);
const scoresOf = ({ truth, i }: { truth: number; i: number }) =>
  labels.map((_, k) => (k === (i === 2 ? (truth + 1) % 6 : truth) ? 0.5 : k === truth ? 0.3 : i === 2 ? 0.05 : 0.1));

describe('the same predictions in every form give the same figures', () => {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const csv = [
    ['sample', ...labels.map((label) => quoted(`score:${label}`))].join(','),
    ...judgedPaths.map((sample) => [quoted(sample.path), ...scoresOf(sample)].join(',')),
  ].join('\n');
  const dump = JSON.stringify(judgedPaths.map(scoresOf));
  const logits = judgedPaths.map((sample) => scoresOf(sample).map((p) => Math.log(p) + 3));
  const list = judgedPaths.map(({ path, truth }) => `${path} ${truth}`).join('\n');
  const items = judgedPaths.map((sample) => ({
    ...{ pred_scores: { item: scoresOf(sample) }, gt_labels: { item: [sample.truth] } },
    filename: `/elsewhere/fruit/${sample.path}`,
  }));
  const forms: [string, string, Partial<ImportRequest>][] = [
    ['table.csv', csv, {}],
    ['table.tsv', csv.replaceAll(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/g, '\t'), {}],
    ['dump.json', dump, { annotations: 'list.txt' }],
    ['logits.json', JSON.stringify(logits), { annotations: 'list.txt' }],
    ['items.json', JSON.stringify(items), {}],
    [
      'by-name.json',
      JSON.stringify(Object.fromEntries(judgedPaths.map((sample) => [sample.path, scoresOf(sample)]))),
      {},
    ],
  ];
  it.each(forms)('%s', async (name, content, options) => {
    writeFileSync(join(root, 'list.txt'), list);
    const annotations = options.annotations && { annotations: join(root, options.annotations) };
    const { head, problems, notes } = await imported(name, content, { ...options, ...annotations, dataset: 'fruit' });
    expect({ problems, samples: head.samples, missing: head.missing }).toEqual({
      problems: [],
      samples: 18,
      missing: 0,
    });
    expect([head.top1, head.meanClass]).toEqual([12 / 18, 2 / 3].map((value) => expect.closeTo(value, 12)));
    expect(head.top5).toBe(1);
    // −(12 ln 0.5 + 6 ln 0.3) / 18, and (12 (0.25 + 5 × 0.01) + 6 (0.49 + 0.25 + 4 × 0.0025)) / 18.
    expect(head.calibration?.nll).toBeCloseTo(-(12 * Math.log(0.5) + 6 * Math.log(0.3)) / 18, 6);
    expect(head.calibration?.brier).toBeCloseTo((12 * 0.3 + 6 * 0.75) / 18, 6);
    expect(head.calibration?.ece).toBeCloseTo(2 / 3 - 0.5, 6);
    expect(head.unavailable).toEqual([]);
    expect(notes.join('\n')).toContain(name === 'logits.json' ? 'taken for logits' : 'taken for probabilities');
    expect(notes.some((note) => note.startsWith('Warning:'))).toBe(name.endsWith('.json'));
  });

  it('table.parquet, and our own predictions.parquet', async () => {
    const file = join(root, 'table.parquet');
    await writeParquet(file, {
      id: { type: 'VARCHAR', values: judgedPaths.map(({ path }) => `fruit/${path}`) },
      scores: { type: 'FLOAT[]', values: judgedPaths.map(scoresOf) },
    });
    const first = await imported('table.parquet', '', { dataset: 'fruit' });
    expect([first.head.top1, first.head.samples]).toEqual([12 / 18, 18]);
    const again = await importPredictions({
      ...{ workspace, file: first.folder.file('predictions.parquet'), dataset: 'fruit', onEvent: () => undefined },
    });
    const report = await (await openRun(workspace, again.run)).readReport();
    const { run: _, ...figures } = report.heads.fruit!;
    expect({ ...figures, protocol: '' }).toEqual({ ...first.head, run: undefined, protocol: '' });
  });
});

describe('labels alone', () => {
  it('with the dataset: what is not predicted is missing, what fits nothing is told', async () => {
    const lines = ['file,pred,label', 'a0,apple,apple', 'b1.png,"banana, ""ripe""",1', 'c2,mango,cherry', 'zz,fig,fig'];
    lines.push('d0,elder,elder', 'a0,date,apple', ',fig,fig', 'e0,4,');
    const { head, problems, notes } = await imported('labels.csv', lines.join('\n'), { dataset: 'fruit' });
    expect([head.samples, head.missing, head.top1, head.top5]).toEqual([4, 14, 3 / 4, null]);
    expect(problems).toEqual([
      expect.stringMatching(/^8: .*names no sample/),
      expect.stringMatching(/^4: .*no class is called "mango"/),
    ]);
    const told = notes.join('\n');
    for (const part of ['1 prediction left out: of no sample', 'came before', '1 sample with another class'])
      expect(told).toContain(part);
    expect(head.unavailable).toHaveLength(2);
    expect(head.calibration).toBeNull();
  });

  it('without one: the file is all there is, and the figures can be made again', async () => {
    const text = 'video;truth;predicted;probability\nclips/a b.mp4;run;run;0.9\nc.mp4;jump;run;0.6\n';
    const { head, folder, notes } = await imported('ówn names.csv', text, { split: 'test', protocol: '1 view' });
    expect(head).toMatchObject({ classes: ['jump', 'run'], top1: 0.5, split: 'test', protocol: '1 view', samples: 2 });
    expect(head.calibration?.ece).toBeCloseTo((0.1 + 0.6) / 2, 6);
    expect(notes[0]).toMatch(/sorted by name/);
    expect((await recomputeReport(folder)).heads).toEqual({ [head.head]: head });
    const [cell] = await folder.cellPredictions(head.head, 0, 1, 0, 10);
    expect(cell).toMatchObject({ predicted: 'run', sample: { label: 'jump', file: join(root, 'c.mp4') } });
    await expect(newestRun(workspace)).rejects.toMatchObject({ code: 'no-run' });
    // What the editor's views ask.
    const { handlers, close } = createHandlers({ ffmpeg: undefined, notify: () => undefined });
    const { signal } = new AbortController();
    const where = { workspace, run: folder.id };
    expect(await handlers['evaluation/get']({ ...where, head: head.head }, signal)).toEqual(head);
    expect((await handlers['runs/get'](where, signal)).summary).toMatchObject({
      state: 'done',
      heads: { 'own-names': { top1: 0.5 } },
    });
    await expect(handlers['evaluate/run'](where, signal)).rejects.toMatchObject({ code: 'not-trained' });
    await close();
  });
});

describe('only predictions of the split count', () => {
  const animals = ['cat', 'dog', 'eel'];
  const splits = (split: string) =>
    animals.flatMap((label, k) => [0, 1].map((i) => `${split}/${label}/img_${2 * k + i}.png`));
  const classOf = (path: string) => path.split('/').at(-2)!;
  const another = (path: string) => animals[(animals.indexOf(classOf(path)) + 1) % 3]!;
  let workspace: string;
  beforeAll(() => {
    workspace = workspaceOf('splits', {
      animals: [...splits('train'), ...splits('val')],
      others: splits('val').map((path) => path.replace('val/', 'val/x')),
    });
  });

  it.each<[string, (path: string) => string]>([
    ['by id', (path) => `animals/${path}`],
    ['by path', (path) => path],
    ['by a path of another machine', (path) => `D:\\data\\animals\\${path.replaceAll('/', '\\')}`],
    ['by file', (path) => join(workspace, 'animals', path)],
  ])('%s', async (_, named) => {
    const lines = [
      ...splits('train').map((path) => [path, classOf(path)]),
      ...splits('val').map((path) => [path, another(path)]),
    ];
    const text = ['sample,predicted', ...lines.map(([path, label]) => `${named(path!)},${label}`)].join('\n');
    const { head, notes } = await imported('all.csv', text, { workspace, dataset: 'animals' });
    expect([head.samples, head.missing, head.top1]).toEqual([6, 0, 0]);
    expect(notes).toContain('6 predictions left out: of no sample in animals val.');
  });

  it('an id of another dataset, or of an excluded sample, is no other sample of that name', async () => {
    const held = splits('val')[0]!;
    const edit = { id: `animals/${splits('val')[2]}`, excluded: true };
    writeFileSync(join(workspace, 'cover.edits.jsonl'), `${JSON.stringify(edit)}\n`);
    const lines = [`others/${held.replace('val/', 'val/x')},dog`, `${splits('val')[2]},dog`, `animals/${held},cat`];
    const { head, notes } = await imported('ids.csv', ['id,pred', ...lines].join('\n'), {
      workspace,
      dataset: 'animals',
    });
    rmSync(join(workspace, 'cover.edits.jsonl'));
    expect([head.samples, head.top1]).toEqual([1, 1]);
    expect(notes).toContain('2 predictions left out: of no sample in animals val.');
  });

  it('where classes number their files alike', async () => {
    const paths = animals.flatMap((label) =>
      Array.from({ length: 20 }, (_, i) => `${label}/${String(i).padStart(3, '0')}.png`),
    );
    const workspace = workspaceOf('numbered', { pets: paths });
    const text = ['sample,predicted', ...paths.map((path) => `pets/${path},${classOf(path)}`)].join('\n');
    const { head } = await imported('perfect.csv', text, { workspace, dataset: 'pets' });
    expect([head.missing, head.top1]).toEqual([0, 1]);
  });

  it.each(['csv', 'parquet'])('names may be composed in another way than on the disk: %s', async (ending) => {
    const paths = ['é', 'ü'].map((letter) => `val/cat/${letter}.png`.normalize('NFD'));
    const workspace = workspaceOf(`composed-${ending}`, { pets: [...paths, 'val/dog/e.png'] });
    const named = [paths[0]!, paths[1]!.normalize('NFC')];
    if (ending === 'parquet')
      await writeParquet(join(root, 'composed.parquet'), {
        sample: { type: 'VARCHAR', values: named },
        predicted: { type: 'VARCHAR', values: ['cat', 'dog'] },
      });
    const text = ending === 'csv' ? ['sample,predicted', `${named[0]},cat`, `${named[1]},dog`].join('\n') : '';
    const { head } = await imported(`composed.${ending}`, text, { workspace, dataset: 'pets' });
    expect([head.samples, head.top1]).toEqual([2, 0.5]);
  });
});

describe('scores are of the classes that the file says', () => {
  const animals = ['cat', 'dog', 'eel'];
  const paths = animals.flatMap((label) => [0, 1].map((i) => `val/${label}/${label}${i}.png`));
  const classOf = (path: string) => path.split('/')[1]!;
  /** A table with a column a class: all right but for the second file of each class. */
  const table = (columns: readonly string[]) => {
    const scoresOf = (path: string) => {
      const right = animals.indexOf(classOf(path));
      const ranked = [0, 1, 2].map((k) => animals[(right + k + (path.endsWith('1.png') ? 1 : 0)) % 3]);
      return columns.map((name) => [0.6, 0.3, 0.1][ranked.indexOf(name.toLowerCase())]);
    };
    const header = ['sample', ...columns.map((name) => `score:${name}`)];
    return [header, ...paths.map((path) => [path, ...scoresOf(path)])].map((row) => row.join(',')).join('\n');
  };
  let zoo: Partial<ImportRequest>;
  beforeAll(() => {
    zoo = { workspace: workspaceOf('zoo', { animals: paths }), dataset: 'animals' };
  });

  it('our own predictions whose classes are in another order than the dataset’s', async () => {
    const first = await imported('unsorted.csv', table(['eel', 'cat', 'dog']), zoo);
    expect([first.head.classes, first.head.top1]).toEqual([['eel', 'cat', 'dog'], 0.5]);
    const file = first.folder.file('predictions.parquet');
    const again = await imported('unused', '', { ...zoo, file });
    expect(again.head.classes).toEqual(animals);
    const { top1, meanClass, calibration } = first.head;
    expect(again.head).toMatchObject({ top1, meanClass, calibration, unavailable: [] });
  });

  it('our own predictions whose rows do not tell the order: by their names alone', async () => {
    const many = ['ant', 'bee', 'cat', 'dog', 'eel', 'fly', 'gnu', 'hen'];
    const aviary = {
      workspace: workspaceOf('many', { many: many.map((name) => `val/${name}/${name}.png`) }),
      dataset: 'many',
    };
    const columns = [...many].reverse();
    const scores = columns.map((name) => (name === 'ant' ? 0.65 : 0.05));
    const text = `sample,${columns.map((name) => `score:${name}`).join()}\nant,${scores.join()}\n`;
    const first = await imported('many.csv', text, aviary);
    const again = await imported('unused', '', { ...aviary, file: first.folder.file('predictions.parquet') });
    expect([again.head.samples, again.head.top1, again.head.precisionRecall]).toEqual([1, 1, null]);
    expect(again.notes.join()).toContain('only its best classes count');
  });

  it.each<[string, string[], string]>([
    ['in another order', animals, 'eel\ndog\ncat\n'],
    ['in another way of writing', animals, 'Cat\nDog\nEel\n'],
    ['of numbered columns', ['0', '1', '2'], 'cat\ndog\neel\n'],
  ])('--classes with the names of the columns %s', async (_, columns, classes) => {
    writeFileSync(join(root, 'names.txt'), classes);
    const text = table(animals).replace('score:cat,score:dog,score:eel', columns.map((name) => `score:${name}`).join());
    const { head } = await imported('named.csv', text, { ...zoo, classes: join(root, 'names.txt') });
    expect([head.samples, head.top1]).toEqual([6, 0.5]);
    expect(head.calibration?.nll).toBeCloseTo(-(Math.log(0.6) + Math.log(0.1)) / 2, 6);
  });

  it.each([
    ['cat\ndog\nfox\n', /has a column "score:eel", and .*names\.txt no such class\. Leave out --classes/],
    [
      'cat\ndog\neel\nfox\n',
      /names\.txt has the class "fox", and .*named\.csv no column of its scores\. Leave out --classes/,
    ],
  ])('--classes that contradict the columns are refused', async (classes, message) => {
    writeFileSync(join(root, 'names.txt'), classes);
    const done = imported('named.csv', table(animals), { ...zoo, classes: join(root, 'names.txt') });
    await expect(done).rejects.toMatchObject({ code: 'bad-classes', message: expect.stringMatching(message) });
  });

  it('names that are only written in another way are the same', async () => {
    const { head, problems } = await imported('written.csv', table(['Cat', 'DOG', 'eel']), zoo);
    expect([head.classes, head.samples, head.top1, problems]).toEqual([animals, 6, 0.5, []]);
    const labels = await imported('labels.csv', 'sample,predicted\ncat0,Cat\ndog0,DOG\n', zoo);
    expect([labels.head.samples, labels.head.top1]).toEqual([2, 1]);
  });

  it.each<[string, Partial<ImportRequest>]>([
    ['seen from their sums', {}],
    ['given', { scores: 'probabilities' }],
  ])('probabilities that rounding took out of 0 … 1 are at its ends: %s', async (_, options) => {
    const text = 'sample,score:cat,score:dog,score:eel\ncat0,1.0000001,-0.0000001,0\ndog0,0.3,0.6,0.1\n';
    const { head, folder, notes, problems } = await imported('over.csv', text, { ...zoo, ...options });
    expect([head.samples, problems, notes.join()]).toEqual([2, [], expect.stringContaining('taken for probabilities')]);
    const { judged } = await readHeadRecords(folder.file('predictions.parquet'), 'animals');
    expect([...judged[0]!.probabilities!]).toEqual([1, 0, 0]);
    const best = await imported('best.csv', 'sample,pred,probability\ncat0,cat,1.0000001\n', zoo);
    const [record] = (await readHeadRecords(best.folder.file('predictions.parquet'), 'animals')).judged;
    expect(record).toMatchObject({ confidence: 1, truthProbability: 1 });
  });

  it.each(['60%', '0,6', 'nan'])(
    'a probability that is no number, %s, is told, and its prediction counts',
    async (text) => {
      const table = `sample;pred;probability\ncat0;cat;0.5\ndog0;cat;${text}\neel0;eel;\n`;
      const { head, notes, problems } = await imported('unread.csv', table, zoo);
      expect([head.samples, head.top1, problems]).toEqual([3, 2 / 3, []]);
      expect(notes).toContain(
        `Warning: the probabilities of 1 prediction do not count: "${text}" (line 3) is no number.`,
      );
    },
  );

  it('a class that the file does not have is named, and the samples keep the reason', async () => {
    const text = 'sample,score:cat,score:dog\ncat0,0.9,0.1\neel0,0.5,0.5\n';
    const { head, problems, folder } = await imported('part.csv', text, zoo);
    expect([head.samples, head.missing]).toEqual([1, 5]);
    expect(problems).toEqual([
      '3: Line 3 is left out: its sample is of the class "eel", which the predictions do not have.',
    ]);
    const { missing } = await readHeadRecords(folder.file('predictions.parquet'), 'animals');
    const reasons = Object.fromEntries(missing.map(({ sample, reason }) => [sample, reason]));
    expect(reasons['animals/val/eel/eel0.png']).toBe(
      'Line 3 of part.csv is left out: its sample is of the class "eel", which the predictions do not have.',
    );
    expect(reasons['animals/val/eel/eel1.png']).toBe('part.csv has no prediction of it.');
  });

  it('a line that cannot be used is the reason why its sample has no prediction, unless another line has one', async () => {
    const lines = [
      'sample,predicted,probability',
      'cat0,cat,1.7',
      'dog0,,0.5',
      'dog0,dog,0.5',
      'fox0,,',
      'eel0,eel,0.4',
    ];
    const { head, problems, folder } = await imported('refused.csv', lines.join('\n'), zoo);
    expect([head.samples, head.missing]).toEqual([2, 4]);
    expect(problems).toEqual([
      '2: Line 2 is left out: 1.7 is no probability.',
      '3: Line 3 is left out: it has no prediction.',
    ]);
    const { missing } = await readHeadRecords(folder.file('predictions.parquet'), 'animals');
    const reasons = Object.fromEntries(missing.map(({ sample, reason }) => [sample, reason]));
    expect(reasons['animals/val/cat/cat0.png']).toBe('Line 2 of refused.csv is left out: 1.7 is no probability.');
    expect(reasons['animals/val/cat/cat1.png']).toBe('refused.csv has no prediction of it.');
    expect(Object.keys(reasons)).not.toContain('animals/val/dog/dog0.png');
  });

  it('classes that are numbers are in the order of numbers', async () => {
    const numbers = Array.from({ length: 12 }, (_, k) => String(k));
    const paths = numbers.map((label) => `val/${label}/v${label}.png`);
    const actions = { workspace: workspaceOf('numbers', { actions: paths }), dataset: 'actions' };
    const dump = numbers.map((_, truth) => numbers.map((_, k) => (k === truth ? 0.89 : 0.01)));
    writeFileSync(join(root, 'numbers.txt'), paths.map((path, k) => `${path} ${k}`).join('\n'));
    const annotations = join(root, 'numbers.txt');
    const scored = await imported('numbers.json', JSON.stringify(dump), { ...actions, annotations });
    expect([scored.head.top1, scored.head.classes]).toEqual([1, numbers]);
    await writeParquet(join(root, 'numbers.parquet'), {
      sample: { type: 'VARCHAR', values: paths },
      predicted: { type: 'INTEGER', values: numbers.map(Number) },
    });
    const labelled = await imported('numbers.parquet', '', actions);
    expect([labelled.head.top1, labelled.notes.join()]).toEqual([1, expect.not.stringContaining('Warning')]);
  });
});

it('recomputes published-style results from scores: top-1, top-5 and mean class of 400 classes', async () => {
  // Ranks drawn so that a known number is right, among the five best, and neither.
  const random = new Random(7);
  const [classes, each] = [400, 2];
  const samples = Array.from({ length: classes * each }, (_, i) => ({ name: `v${i}`, truth: i % classes }));
  const ranks = samples.map((_, i) => (i % 10 < 7 ? 0 : i % 10 < 9 ? 1 + (i % 4) : 5 + (i % 50)));
  const dump = samples.map(({ truth }, i) => {
    const scores = Array.from({ length: classes }, () => random.uniform() * 0.5);
    for (let k = 1; k <= ranks[i]!; k++) scores[(truth + k) % classes] = 2 + k / 100;
    scores[truth] = 1;
    return scores;
  });
  writeFileSync(join(root, 'k.txt'), samples.map(({ name, truth }) => `${name} 300 ${truth}`).join('\n'));
  const { head } = await imported('k.json', JSON.stringify(dump), { annotations: join(root, 'k.txt') });
  const share = (most: number) => ranks.filter((rank) => rank <= most).length / ranks.length;
  expect([head.top1, head.top5, head.samples]).toEqual([share(0), share(4), 800]);
  const perClass = Array.from(
    { length: classes },
    (_, c) => [ranks[c]!, ranks[c + classes]!].filter((rank) => rank === 0).length / each,
  );
  expect(head.meanClass).toBeCloseTo(perClass.reduce((sum, recall) => sum + recall, 0) / classes, 12);
});

describe('what cannot be imported is one clear sentence', () => {
  it.each<[string, string, Partial<ImportRequest>, string, RegExp]>([
    ['scores.pkl', 'x', {}, 'bad-predictions', /pickle.*python -c/],
    ['scores.npy', 'x', {}, 'bad-predictions', /none of \.csv/],
    ['empty.csv', '', {}, 'bad-predictions', /could not be read|empty/],
    ['other.csv', 'a,b\n1,2\n', {}, 'bad-predictions', /needs the columns sample and predicted/],
    ['no.json', '{', {}, 'bad-predictions', /no JSON/],
    ['shape.json', '[{"a":1}]', {}, 'bad-predictions', /entry 1 has no pred_score/],
    ['nameless.json', '[[0.5,0.5]]', {}, 'bad-predictions', /--annotations/],
    ['width.json', '{"a0":[0.5,0.5]}', { dataset: 'fruit' }, 'bad-classes', /2 scores a sample, but there are 6/],
    ['nothing.csv', 'sample,predicted\nqq,apple\n', { dataset: 'fruit' }, 'bad-predictions', /named like fruit\/val/],
    ['lost.csv', 'sample,predicted\nqq,apple\n', { dataset: 'nuts' }, 'no-dataset', /it has fruit/],
    [
      'split.csv',
      'sample,predicted\nqq,apple\n',
      { dataset: 'fruit', split: 'test' },
      'no-split',
      /train, val|val, train/,
    ],
    ['large.csv', 'sample,label,predicted\nqq,0,99999\n', {}, 'bad-classes', /index 99999/],
    [
      'unlisted.json',
      '[[0.5,0.5]]',
      { annotations: 'none.txt' },
      'bad-predictions',
      /none\.txt could not be read: it does not exist\. Name the list/,
    ],
    [
      'longer.json',
      '[[0.5,0.5],[0.5,0.5]]',
      { annotations: 'one.txt' },
      'bad-predictions',
      /the scores of 2 samples, and .*one\.txt names 1\. Give the list/,
    ],
    ['untrue.csv', 'sample,predicted\nqq,apple\n', {}, 'bad-predictions', /no line says the class.*--dataset/],
  ])('%s', async (name, content, options, code, message) => {
    writeFileSync(join(root, 'one.txt'), 'a0 0\n');
    const annotations = options.annotations === 'one.txt' && { annotations: join(root, 'one.txt') };
    await expect(imported(name, content, { ...options, ...annotations })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
