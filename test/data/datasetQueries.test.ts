// The dataset page's questions over a real index and a real predictions.parquet: filters → ids, and counts that agree with them.
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import type { WorkspaceConfig } from '../../src/config/experiment.ts';
import { editSamples } from '../../src/curation/editSamples.ts';
import { findingMarks } from '../../src/curation/findingMarks.ts';
import { storeFindings } from '../../src/curation/storedFindings.ts';
import { readSamples } from '../../src/data/datasetIndex.ts';
import { DatasetQueries } from '../../src/data/datasetQueries.ts';
import { fewest, mediaFolders } from '../../src/data/mediaFolders.ts';
import { probeMedia } from '../../src/data/probeMedia.ts';
import { recordProblems, updateIndex } from '../../src/data/updateIndex.ts';
import type { SampleFilters } from '../../src/protocol/datasetQueries.ts';
import { type PredictionRecord, writePredictionsFile } from '../../src/runs/predictionsFile.ts';
import { files, grow, tree } from './tree.ts';

const config: WorkspaceConfig = {
  datasets: {
    clips: { kind: 'video', path: 'clips', format: 'classFolders', exclude: ['train/cat/2.mp4'] },
    other: { kind: 'image', path: 'other', format: 'classFolders' },
  },
};

/** clips: train cat 0-4 (2 excluded), train Dog 0-2, val cat 0-2, val Dog 0-1; what the run says of the val ones is below. */
async function made() {
  const folder = tree({
    ...files(5, 'clips/train/cat/', '.mp4'),
    ...files(3, 'clips/train/Dog/', '.mp4'),
    ...files(3, 'clips/val/cat/', '.mp4'),
    ...files(2, 'clips/val/Dog/', '.mp4'),
    ...files(4, 'other/train/x/', '.png'),
    ...files(1, 'other/val/x/', '.png'),
  });
  writeFileSync(join(folder, 'cover.json'), JSON.stringify(config));
  await updateIndex(folder, config);
  const queries = new DatasetQueries();
  onTestFinished(() => queries.close());
  const ask = { workspace: folder, dataset: 'clips' };
  const marks = () => findingMarks(folder, 'clips');
  const predictions = { file: join(folder, 'predictions [1].parquet'), head: 'clips' };
  const ids = async (filters: SampleFilters, judged = false) => {
    const joined = { marks: marks(), ...(judged && { predictions }) };
    const whole = { ...ask, filters, offset: 0, limit: 100 };
    const found = await queries.ids(whole, joined);
    const page = await queries.page(whole, joined);
    expect(page.samples.map(({ id }) => id)).toEqual(found);
    expect(page.total).toBe(found.length);
    expect((await queries.facets({ ...ask, filters }, joined)).total).toBe(found.length);
    return found.map((id) => id.replace('clips/', '').replace('.mp4', ''));
  };
  const facets = (filters: SampleFilters, judged = false) =>
    queries.facets({ ...ask, filters }, { marks: marks(), ...(judged && { predictions }) });
  return { folder, queries, ask, marks, predictions, ids, facets };
}

/** cat/0 right 0.95, cat/1 called Dog 0.6, cat/2 could not be read, Dog/0 right 0.5; Dog/1 was not judged. */
async function judge(folder: string, file: string) {
  const samples = new Map((await readSamples(folder, 'clips')).map((sample) => [sample.id, sample]));
  const of = (id: string) => samples.get(`clips/val/${id}.mp4`)!;
  const head = (first: number, probability: number) => ({
    clips: { top: [first, 1 - first], probabilities: [probability, 1 - probability] },
    other: { top: [0], probabilities: [1] },
  });
  const records: PredictionRecord[] = [
    { sample: of('cat/0'), truth: 1, truthProbability: 0.95, heads: head(1, 0.95) },
    { sample: of('cat/1'), truth: 1, truthProbability: 0.4, heads: head(0, 0.6) },
    { sample: of('cat/2'), truth: 1, missing: 'It is damaged.' },
    { sample: of('Dog/0'), truth: 0, truthProbability: 0.5, heads: head(0, 0.5) },
  ];
  await writePredictionsFile(file, records, { clips: ['Dog', 'cat'], other: ['x'] });
}

const every = ['train/Dog/0', 'train/Dog/1', 'train/Dog/2', 'train/cat/0', 'train/cat/1', 'train/cat/3', 'train/cat/4'];
const all = [...every, 'train/cat/2', 'val/Dog/0', 'val/Dog/1', 'val/cat/0', 'val/cat/1', 'val/cat/2'];

describe('filters', () => {
  const cases: [string, SampleFilters, string[]][] = [
    ['none: train first, classes by name, excluded ones last in their class', {}, all],
    ['a split', { splits: ['val'] }, all.slice(8)],
    ['a class and a split', { splits: ['train'], labels: ['Dog'] }, every.slice(0, 3)],
    ['two classes', { splits: ['val'], labels: ['cat', 'Dog'] }, all.slice(8)],
    ['a class that is not there', { labels: ["'; DROP TABLE rows; --"] }, []],
    ['no class at all', { labels: [] }, []],
    ['a text in any case', { text: 'dOG/1' }, ['train/Dog/1', 'val/Dog/1']],
    ['digits and signs', { text: '4.' }, ['train/cat/4']],
    ['signs that patterns would know', { text: '%' }, []],
    ['excluded ones', { excluded: true }, ['train/cat/2']],
    ['others', { excluded: false, splits: ['train'] }, every],
    ['predictions where none are chosen', { correctness: 'correct' }, []],
    [
      'not judged where none are chosen',
      { correctness: 'none', labels: ['Dog'], splits: ['val'] },
      ['val/Dog/0', 'val/Dog/1'],
    ],
    ['a size where nothing was probed', { sizes: [[320, 240]] }, []],
  ];
  test('each leaves what it says', async () => {
    const { ids } = await made();
    for (const [name, filters, expected] of cases) expect(await ids(filters), name).toEqual(expected);
  });

  test('of predictions, alone and with others', async () => {
    const { folder, predictions, ids } = await made();
    await judge(folder, predictions.file);
    const table: [SampleFilters, string[]][] = [
      [{ correctness: 'correct' }, ['val/Dog/0', 'val/cat/0']],
      [{ correctness: 'wrong' }, ['val/cat/1']],
      [{ correctness: 'none', splits: ['val'] }, ['val/Dog/1', 'val/cat/2']],
      [{ predicted: ['Dog'] }, ['val/Dog/0', 'val/cat/1']],
      [{ predicted: ['Dog'], labels: ['cat'] }, ['val/cat/1']],
      [{ predicted: ['nothing'] }, []],
      [{ confidence: [0.5, 0.6] }, ['val/Dog/0']],
      [{ confidence: [0.55, 1] }, ['val/cat/0', 'val/cat/1']],
      [{ confidence: [0.55, 1], correctness: 'correct', text: 'CAT' }, ['val/cat/0']],
    ];
    for (const [filters, expected] of table)
      expect(await ids(filters, true), JSON.stringify(filters)).toEqual(expected);
  });
});

test('pages anywhere are parts of the whole, and say what is known of each sample', async () => {
  const { folder, queries, ask, marks, predictions } = await made();
  await judge(folder, predictions.file);
  const joined = { marks: marks(), predictions };
  for (const filters of [{}, { text: 'cat' }, { correctness: 'correct' }] as SampleFilters[]) {
    const whole = await queries.ids({ ...ask, filters, offset: 0, limit: 100 }, joined);
    for (let offset = 0; offset <= whole.length; offset++) {
      const page = await queries.page({ ...ask, filters, offset, limit: 3 }, joined);
      expect(page.samples.map(({ id }) => id)).toEqual(whole.slice(offset, offset + 3));
    }
  }
  const page = await queries.page({ ...ask, filters: { text: 'val/cat/1' }, offset: 0, limit: 5 }, joined);
  expect(page).toEqual({
    total: 1,
    samples: [
      {
        id: 'clips/val/cat/1.mp4',
        dataset: 'clips',
        split: 'val',
        label: 'cat',
        file: join(folder, 'clips/val/cat/1.mp4'),
        kind: 'video',
        start: null,
        end: null,
        excluded: false,
        tags: [],
        findings: [],
        prediction: { label: 'Dog', probability: expect.closeTo(0.6, 5), correct: false },
      },
    ],
  });
});

test('a part of the page leaves its own filter out of account', async () => {
  const { folder, predictions, facets } = await made();
  await judge(folder, predictions.file);
  const facet = await facets({ splits: ['val'], labels: ['cat'], correctness: 'wrong' }, true);
  expect(facet).toMatchObject({
    total: 1,
    all: 13,
    classes: [
      { label: 'Dog', samples: [0, 0] },
      { label: 'cat', samples: [0, 1] },
    ],
    splits: [
      { name: 'train', samples: 0 },
      { name: 'val', samples: 1 },
    ],
    excluded: { excluded: 0, others: 1 },
    media: null,
    compared: false,
    predictions: { correct: 1, wrong: 1, none: 1, predicted: [{ label: 'Dog', samples: 1, correct: 0 }] },
  });
  const free = await facets({}, true);
  expect(free.excluded).toEqual({ excluded: 1, others: 12 });
  expect(free.classes).toEqual([
    { label: 'Dog', samples: [3, 2] },
    { label: 'cat', samples: [5, 3] },
  ]);
  expect(free.predictions?.confidence.correct[19]).toBe(1);
  expect(free.predictions?.confidence.correct[10]).toBe(1);
  expect(free.predictions?.confidence.wrong[12]).toBe(1);
});

test('sizes and lengths of probed files, and what could not be read', async () => {
  const { folder, ids, facets } = await made();
  const seconds = [1, 2, 2, 40];
  let asked = 0;
  await probeMedia(folder, async ({ file }) => {
    if (file.endsWith('Dog/1.mp4')) throw new UserError('file-unreadable', 'It is damaged.', file);
    const duration = seconds[asked++ % 4]!;
    return { codec: 'h264', width: file.includes('val') ? 640 : 320, height: 240, rotation: 0, duration, rate: 25 };
  });
  const { media, findings } = await facets({});
  expect(media?.sizes).toEqual([
    { width: 320, height: 240, samples: 6 },
    { width: 640, height: 240, samples: 4 },
  ]);
  expect(media?.unknown).toBe(3); // two are damaged, and excluded ones are not asked
  expect(media?.seconds?.counts.reduce((a, b) => a + b)).toBe(10);
  expect((await facets({ sizes: [[640, 240]] })).media?.sizes).toHaveLength(2);
  expect(await ids({ sizes: [[640, 240]] })).toEqual(['val/Dog/0', 'val/cat/0', 'val/cat/1', 'val/cat/2']);
  expect((await ids({ seconds: [40, null] })).length + (await ids({ seconds: [0, 40] })).length).toBe(10);
  expect(findings).toMatchObject([{ source: 'problem', severity: 'error', samples: 2, total: 2 }]);
  expect(await ids({ findings: [findings[0]!.kind] })).toEqual(['train/Dog/1', 'val/Dog/1']);
});

test('problems of decoding and findings of a comparison, by kind', async () => {
  const { folder, ids, facets } = await made();
  const samples = new Map((await readSamples(folder, 'clips')).map((sample) => [sample.id, sample]));
  const of = (id: string) => samples.get(`clips/${id}.mp4`)!;
  await storeFindings(folder, [
    { evidence: 'bytes', distance: null, detail: '', samples: [of('train/cat/0'), of('val/Dog/0')] },
    { evidence: 'look', distance: 0.1, detail: '', samples: [of('train/cat/1'), of('train/cat/3')] },
  ]);
  const file = of('val/cat/2').file;
  await recordProblems(folder, [{ severity: 'error', dataset: 'clips', file, message: `${file} is cut off.` }]);
  const { findings, compared } = await facets({ splits: ['train'] });
  expect(compared).toBe(true);
  expect(findings.map(({ kind, samples: number, total }) => [kind, number, total])).toEqual([
    ['… is cut off.', 0, 1],
    ['Leak: same bytes', 1, 2],
    ['Copies with different labels', 1, 2],
    ['Copy: looks the same', 2, 2],
  ]);
  expect(await ids({ findings: ['Leak: same bytes', '… is cut off.'] })).toEqual([
    'train/cat/0',
    'val/Dog/0',
    'val/cat/2',
  ]);
  expect(await ids({ findings: ['no such kind'] })).toEqual([]);
});

test('edited samples: another class, with the dataset’s own beside it, and excluded ones', async () => {
  const { folder, queries, ask, marks } = await made();
  const edits = [
    { id: 'clips/val/cat/0.mp4', label: 'Dog' },
    { id: 'clips/val/cat/1.mp4', excluded: true },
  ];
  writeFileSync(join(folder, 'cover.edits.jsonl'), `${edits.map((edit) => JSON.stringify(edit)).join('\n')}\n`);
  await updateIndex(folder, config);
  const page = { ...ask, filters: { splits: ['val'] }, offset: 0, limit: 10 };
  const { samples } = await queries.page(page, { marks: marks() });
  expect(samples.map(({ id, label, was, excluded }) => [id.slice(10, -4), label, was, excluded])).toEqual([
    ['Dog/0', 'Dog', undefined, false],
    ['Dog/1', 'Dog', undefined, false],
    ['cat/0', 'Dog', 'cat', false],
    ['cat/2', 'cat', undefined, false],
    ['cat/1', 'cat', undefined, true],
  ]);
});

test('tags are a filter, are counted under the other ones, and follow an edit', async () => {
  const { folder, queries, ask, marks, ids, facets } = await made();
  const hostile = "'; DROP TABLE tagged; -- $(zap)\n**<b>";
  const edits = [
    { id: 'clips/train/Dog/0.mp4', tags: ['night', 'check'] },
    { id: 'clips/train/cat/2.mp4', tags: ['check', hostile] },
    { id: 'clips/val/cat/1.mp4', tags: ['check'] },
    { id: 'other/train/x/0.png', tags: ['elsewhere'] },
  ];
  writeFileSync(join(folder, 'cover.edits.jsonl'), `${edits.map((edit) => JSON.stringify(edit)).join('\n')}\n`);
  expect((await facets({})).tags).toEqual([]);
  await updateIndex(folder, config);
  const table: [SampleFilters, string[]][] = [
    [{ tags: ['check'] }, ['train/Dog/0', 'train/cat/2', 'val/cat/1']],
    [{ tags: ['check'], splits: ['train'], excluded: false }, ['train/Dog/0']],
    [{ tags: ['night', hostile] }, ['train/Dog/0', 'train/cat/2']],
    [{ tags: ['check'], text: 'cat' }, ['train/cat/2', 'val/cat/1']],
    [{ tags: ['elsewhere'] }, []],
    [{ tags: [] }, []],
  ];
  for (const [filters, expected] of table) expect(await ids(filters), JSON.stringify(filters)).toEqual(expected);
  const counted = async (filters: SampleFilters) =>
    (await facets(filters)).tags.map(({ tag, samples }) => `${tag === hostile ? 'hostile' : tag} ${samples}`);
  expect(await counted({})).toEqual(['hostile 1', 'check 3', 'night 1']);
  expect(await counted({ tags: ['night'], splits: ['train'] })).toEqual(['hostile 1', 'check 2', 'night 1']);
  const page = { ...ask, filters: { tags: ['check'] }, offset: 0, limit: 10 };
  const { samples } = await queries.page(page, { marks: marks() });
  expect(samples.map(({ tags }) => tags)).toEqual([['check', 'night'], [hostile, 'check'], ['check']]);
  await editSamples(folder, [{ id: 'clips/val/cat/1.mp4', untag: ['check'], tag: ['night'] }]);
  expect(await ids({ tags: ['night'] })).toEqual(['train/Dog/0', 'val/cat/1']);
  expect(await counted({})).toEqual(['hostile 1', 'check 2', 'night 2']);
});

test('the answers follow the index and the predictions', async () => {
  const { folder, predictions, ids } = await made();
  expect(await ids({ text: 'val/dog' })).toHaveLength(2);
  grow(folder, { 'clips/val/Dog/9.mp4': 'x' });
  rmSync(join(folder, 'clips/val/Dog/0.mp4'));
  await updateIndex(folder, config);
  expect(await ids({ text: 'val/dog' })).toEqual(['val/Dog/1', 'val/Dog/9']);
  await expect(ids({}, true)).rejects.toMatchObject({ code: 'no-report' });
  await judge(folder, predictions.file).catch(() => undefined);
  writeFileSync(predictions.file, 'this is no Parquet');
  await expect(ids({}, true)).rejects.toMatchObject({ code: 'run-damaged' });
});

test('a dataset that is not there, an index that is not there, and a question that nobody waits for', async () => {
  const { queries, ask, marks } = await made();
  const joined = { marks: marks() };
  const page = { ...ask, filters: {}, offset: 0, limit: 5 };
  await expect(queries.page({ ...page, dataset: 'gone' }, joined)).rejects.toMatchObject({ code: 'no-dataset' });
  await expect(queries.page({ ...page, workspace: tree({}) }, joined)).rejects.toMatchObject({
    code: 'missing-database',
  });
  const controller = new AbortController();
  const late = queries.facets(page, joined, controller.signal);
  controller.abort();
  await expect(late).rejects.toMatchObject({ code: 'cancelled' });
  expect((await queries.page(page, joined)).total).toBe(13);
});

test('the folders of a dataset, and nothing beside', async () => {
  const { folder } = await made();
  expect((await mediaFolders(folder, 'clips')).toSorted()).toEqual(
    ['train/Dog', 'train/cat', 'val/Dog', 'val/cat'].map((path) => join(folder, 'clips', path)),
  );
  const at = (...paths: string[]) => paths.map((path) => resolve('/', path));
  const cases: [string[], number, string[]][] = [
    [at('a/b/c', 'a/b', 'a/bc'), 9, at('a/b', 'a/bc')],
    [at('a/b/1', 'a/b/2', 'a/c/1'), 2, at('a/b', 'a/c')],
    [at('a/b/1', 'a/b/2', 'a/c/1'), 1, at('a')],
    [at('', 'x'), 1, at('x')],
    [at('x', 'y'), 1, at('x', 'y')],
  ];
  for (const [folders, most, expected] of cases) expect(fewest(folders, most)).toEqual(expected);
});
