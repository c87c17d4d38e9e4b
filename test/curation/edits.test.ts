import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { WorkspaceConfig } from '../../src/config/experiment.ts';
import { editSamples } from '../../src/curation/editSamples.ts';
import { listClasses, listDatasets, listProblems, listSamples, readSamples } from '../../src/data/datasetIndex.ts';
import { closeReader, withDatabase } from '../../src/data/duckdb.ts';
import { classNames, listExcluded, tagCounts, tagsOfSamples } from '../../src/data/editQueries.ts';
import { editsFile } from '../../src/data/editsFile.ts';
import { indexFile } from '../../src/data/indexFile.ts';
import { matchCounts, matchingClasses } from '../../src/data/nameQueries.ts';
import { updateIndex } from '../../src/data/updateIndex.ts';
import type { SampleEdit } from '../../src/protocol/curation.ts';
import type { DatasetSummary } from '../../src/protocol/datasets.ts';
import { readTrainingData } from '../../src/training/trainingData.ts';
import { files, grow, tree } from '../data/tree.ts';

const config: WorkspaceConfig = {
  datasets: {
    digits: { kind: 'image', path: 'digits', format: 'classFolders', exclude: ['train/b/2.png'] },
    clips: { kind: 'video', path: 'clips.csv', format: 'manifest' },
  },
};

function workspace(edits?: string): string {
  const rows = ['path,label,split,start,end'];
  for (const [label, split] of [
    ['run', 'train'],
    ['run', 'val'],
    ['jump', 'train'],
    ['jump', 'val'],
  ])
    for (const start of [0, 2]) rows.push(`v/${label}-${split}.mp4,${label},${split},${start},${start + 2}`);
  return tree({
    'cover.json': JSON.stringify(config),
    ...files(3, 'digits/train/a/', '.png'),
    ...files(3, 'digits/train/b/', '.png'),
    ...files(2, 'digits/val/a/', '.png'),
    ...files(2, 'digits/val/b/', '.png'),
    'clips.csv': `${rows.join('\n')}\n`,
    ...Object.fromEntries(['run-train', 'run-val', 'jump-train', 'jump-val'].map((name) => [`v/${name}.mp4`, 'x'])),
    ...(edits !== undefined && { 'cover.edits.jsonl': edits }),
  });
}

/** "train a 3, b 2 · val a 2, b 2" and how many are excluded and relabelled. */
async function told(folder: string, dataset: string): Promise<string> {
  const summary = (await listDatasets(folder)).find(({ name }) => name === dataset)!;
  const splits: string[] = [];
  for (const { name } of summary.splits) {
    const classes = await listClasses(folder, dataset, name);
    splits.push(`${name} ${classes.map(({ label, samples }) => `${label} ${samples}`).join(', ')}`);
  }
  return `${splits.join(' · ')} (${summary.excluded ?? 0} excluded, ${summary.relabelled ?? 0} relabelled)`;
}

/** Classes as they are stored: the fingerprints hold their samples. A class that a scan takes for the same keeps its number. */
function rowsOf(folder: string) {
  closeReader(indexFile(folder));
  return withDatabase(indexFile(folder), 'read', (database) =>
    database.all<{ id: number; fingerprint: string; label: string }>(
      'SELECT dataset, split, label, samples, rows, relabelled, fingerprint, id FROM classes ORDER BY 1, 2, 3',
    ),
  );
}

function counted(summaries: readonly DatasetSummary[]) {
  return summaries.map(({ problems: _, ...summary }) => summary);
}

const dead = spawnSync(process.execPath, ['-e', '0']).pid;
const claimFile = (folder: string) => join(folder, '.cover', 'edits.claim');

/** `cover edit exclude`, in a process of its own. Resolves to its exit code. */
function exclude(folder: string, id: string): Promise<number | null> {
  const args = [resolve('dist/cli.js'), 'edit', 'exclude', id, '--workspace', folder];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  return new Promise((done, fail) => child.on('error', fail).on('close', done));
}

const line = (edit: object) => `${JSON.stringify(edit)}\n`;

describe('edits when indexing', () => {
  test.each([
    { edits: undefined, digits: 'train a 3, b 2 · val a 2, b 2 (1 excluded, 0 relabelled)', problems: [] },
    {
      edits: line({ id: 'digits/train/a/1.png', excluded: true }),
      digits: 'train a 2, b 2 · val a 2, b 2 (2 excluded, 0 relabelled)',
      problems: [],
    },
    {
      edits: line({ id: 'digits/train/a/1.png', label: 'b' }) + line({ id: 'digits/val/b/0.png', label: 'a' }),
      digits: 'train a 2, b 3 · val a 3, b 1 (1 excluded, 2 relabelled)',
      problems: [],
    },
    {
      // All of a class goes to one that the dataset had not.
      edits: line({ id: 'digits/val/b/0.png', label: 'é' }) + line({ id: 'digits/val/b/1.png', label: 'e\u0301 ' }),
      digits: 'train a 3, b 2 · val a 2, é 2 (1 excluded, 2 relabelled)',
      problems: ['Class "é" is in val (2 samples) but not in train: it cannot be learned.'],
    },
    {
      // Excluded by cover.json, and so it stays, in its new class.
      edits: line({ id: 'digits/train/b/2.png', label: 'a' }),
      digits: 'train a 3, b 2 · val a 2, b 2 (1 excluded, 0 relabelled)',
      problems: [],
    },
    {
      // The dataset's own class is no change.
      edits: line({ id: 'digits/train/a/1.png', label: 'a' }),
      digits: 'train a 3, b 2 · val a 2, b 2 (1 excluded, 0 relabelled)',
      problems: [],
    },
    {
      edits: line({ id: 'digits/gone.png', excluded: true }) + line({ id: 'others/x.png', excluded: true }),
      digits: 'train a 3, b 2 · val a 2, b 2 (1 excluded, 0 relabelled)',
      problems: [
        '2: "others/x.png" is edited here, but cover.json has no dataset "others".',
        '1: "gone.png" is edited here, but the dataset has no such sample (any more). Delete this line, or bring the sample back.',
      ],
    },
    {
      edits: `<<<<<<< ours\n\n${line({ id: 'digits/train/a/1.png' })}${line({ id: 'x', excluded: true })}${line({
        id: 'digits/train/a/0.png',
        excluded: true,
        colour: 1,
      })}${line({ id: 'digits/train/a/0.png', excluded: true })}${line({ id: 'digits/train/a/0.png', label: 'b' })}`,
      digits: 'train a 2, b 2 · val a 2, b 2 (2 excluded, 0 relabelled)',
      problems: [
        '1: "<<<<<<< ours" is no JSON object such as {"id":"clips/a.mp4","excluded":true}. This line is left out; mend it, or delete it.',
        '3: "digits/train/a/1.png": none of "excluded", "label" and "tags" stands here. This line is left out; mend it, or delete it.',
        '4: "id": should be "<dataset>/<path>". This line is left out; mend it, or delete it.',
        '5: Unrecognized key: "colour". This line is left out; mend it, or delete it.',
        '7: "digits/train/a/0.png" stands in line 6 already. This line is left out; mend it, or delete it.',
      ],
    },
  ])('$edits', async ({ edits, digits, problems }) => {
    const folder = workspace(edits);
    await updateIndex(folder, config);
    expect(await told(folder, 'digits')).toBe(digits);
    expect(await told(folder, 'clips')).toBe('train jump 2, run 2 · val jump 2, run 2 (0 excluded, 0 relabelled)');
    const found = await listProblems(folder);
    expect(found.map(({ line, message }) => (line === undefined ? message : `${line}: ${message}`))).toEqual(problems);
    for (const { line, file } of found) if (line !== undefined) expect(file).toBe(editsFile(folder));
    // What was stored is what is found again: nothing is stored anew.
    closeReader(indexFile(folder));
    const before = readFileSync(indexFile(folder));
    await updateIndex(folder, config);
    closeReader(indexFile(folder));
    expect(readFileSync(indexFile(folder)).equals(before)).toBe(true);
  });

  test.each([
    { tags: ['night', ' check', 'e\u0301', 'check'], counts: 'check 1, night 1, é 1', problems: [] },
    { tags: ['$(zap) **b** <i>\n\u202e'], counts: '$(zap) **b** <i>\n\u202e 1', problems: [] },
    { tags: ['x'.repeat(64)], counts: `${'x'.repeat(64)} 1`, problems: [] },
    { tags: [], counts: '', problems: ['"digits/val/a/0.png": none of "excluded", "label" and "tags" stands here.'] },
    { tags: ['a', ' '], counts: '', problems: ['"tags": A tag is empty.'] },
    { tags: 'a', counts: '', problems: ['"tags": Invalid input: expected array, received string.'] },
    { tags: [1], counts: '', problems: ['"tags.0": Invalid input: expected string, received number.'] },
    {
      tags: ['🦊'.repeat(65)],
      counts: '',
      problems: [`"tags": A tag has at most 64 characters: "${'🦊'.repeat(24)}…" has more.`],
    },
    {
      tags: Array.from({ length: 33 }, (_, index) => `${index}`),
      counts: '',
      problems: ['"tags": A sample has at most 32 tags; here are 33.'],
    },
  ])('tags $tags: $counts', async ({ tags, counts, problems }) => {
    const folder = workspace();
    await updateIndex(folder, config);
    const before = await rowsOf(folder);
    writeFileSync(editsFile(folder), line({ id: 'digits/val/a/0.png', tags }) + line({ id: 'digits/none.png', tags }));
    await updateIndex(folder, config);
    // Nothing that a training follows from is another.
    expect(await rowsOf(folder)).toEqual(before);
    expect((await tagCounts(folder)).map(({ tag, samples }) => `${tag} ${samples}`).join(', ')).toBe(counts);
    const found = (await listProblems(folder)).filter(({ line }) => line === 1).map(({ message }) => message);
    expect(found).toEqual(problems.map((told) => `${told} This line is left out; mend it, or delete it.`));
    await rm(editsFile(folder));
    await updateIndex(folder, config);
    expect(await tagCounts(folder)).toEqual([]);
  });

  test('a file that is no file is refused, since else what is excluded would be trained on', async () => {
    const folder = workspace();
    grow(folder, { 'cover.edits.jsonl/': '' });
    await expect(updateIndex(folder, config)).rejects.toMatchObject({ code: 'edits-unreadable' });
  });

  test('edits never move samples between training and judging', async () => {
    const folder = tree({ ...files(10, 'd/x/', '.png'), ...files(10, 'd/y/', '.png') });
    const one: WorkspaceConfig = { datasets: { d: { kind: 'image', path: 'd', format: 'classFolders' } } };
    const splits = async () => new Map((await readSamples(folder, 'd')).map(({ id, split }) => [id, split] as const));
    await updateIndex(folder, one);
    const before = await splits();
    grow(folder, {
      'cover.edits.jsonl': line({ id: 'd/x/0.png', label: 'y' }) + line({ id: 'd/y/3.png', excluded: true }),
    });
    await updateIndex(folder, one);
    const after = await splits();
    expect(after.size).toBe(19);
    for (const [id, split] of after) expect(split, id).toBe(before.get(id));
  });
});

describe('editing', () => {
  const part = 'clips/v/run-train.mp4#t=0,2';
  const both: SampleEdit[] = [
    { id: part, label: 'jump' },
    { id: 'digits/train/a/0.png', excluded: true },
  ];

  test.each([
    ['excluded', [{ id: 'digits/train/a/1.png', excluded: true }]],
    ['moved', [{ id: 'digits/train/a/0.png', label: 'b' }]],
    [
      'moved to a new class, and all of one class',
      ['0', '1'].map((n) => ({ id: `digits/val/b/${n}.png`, label: 'c' })),
    ],
    ['moved and excluded, in two datasets', [...both, { id: part, excluded: true }]],
    ['tagged', [{ id: part, tag: ['check', 'night'] }]],
    [
      'tagged, moved and excluded',
      [...both, { id: part, tag: ['check'] }, { id: 'digits/train/b/2.png', tag: ['a'], label: 'a' }],
    ],
  ])('%s: the index is at once what a scan finds, class by class', async (_, edits) => {
    const folder = workspace(line({ id: 'digits/train/b/0.png', label: 'a' }));
    await updateIndex(folder, config);
    const told = async () => ({
      summaries: await listDatasets(folder),
      tags: await tagCounts(folder),
      rows: await rowsOf(folder),
    });
    const { indexed, before } = await editSamples(folder, edits, { newClass: true });
    expect(indexed).toBe(true);
    const followed = await told();
    await updateIndex(folder, config);
    const scanned = await told();
    // Problems, and so their number, come with the scan.
    expect(followed.rows).toEqual(scanned.rows);
    expect(followed.tags).toEqual(scanned.tags);
    expect(counted(followed.summaries)).toEqual(counted(scanned.summaries));
    await rm(join(folder, '.cover'), { recursive: true });
    await updateIndex(folder, config);
    expect((await rowsOf(folder)).map(({ id: _, ...row }) => row)).toEqual(
      scanned.rows.map(({ id: _, ...row }) => row),
    );
    await editSamples(folder, before, { newClass: true });
    const undone = await rowsOf(folder);
    expect(await tagCounts(folder)).toEqual([]);
    await updateIndex(folder, config);
    expect(await rowsOf(folder)).toEqual(undone);
  });

  test('the file is sorted, the index follows, and what is returned undoes it', async () => {
    const folder = workspace();
    await updateIndex(folder, config);
    const first = await editSamples(folder, both);
    expect(first.changed).toBe(2);
    expect(readFileSync(editsFile(folder), 'utf8')).toBe(
      line({ id: part, label: 'jump' }) + line({ id: 'digits/train/a/0.png', excluded: true }),
    );
    await updateIndex(folder, config);
    expect(await told(folder, 'digits')).toBe('train a 2, b 2 · val a 2, b 2 (2 excluded, 0 relabelled)');
    expect(await told(folder, 'clips')).toBe('train jump 3, run 1 · val jump 2, run 2 (0 excluded, 1 relabelled)');
    expect((await readSamples(folder, 'digits')).map(({ id }) => id)).not.toContain('digits/train/a/0.png');
    const page = { dataset: 'clips', split: 'train', label: 'jump', offset: 0, limit: 10 };
    expect((await listSamples(folder, page)).map(({ id, was }) => [id, was])).toEqual([
      ['clips/v/jump-train.mp4#t=0,2', undefined],
      ['clips/v/jump-train.mp4#t=2,4', undefined],
      [part, 'run'],
    ]);
    expect((await listExcluded(folder, { dataset: 'digits', offset: 0, limit: 9 })).map(({ id }) => id)).toEqual([
      'digits/train/a/0.png',
      'digits/train/b/2.png',
    ]);
    expect(
      (await listExcluded(folder, { dataset: 'digits', filter: 'B/', offset: 0, limit: 9 })).map(({ id }) => id),
    ).toEqual(['digits/train/b/2.png']);

    const data = await readTrainingData(folder, config, ['digits', 'clips'], () => {});
    expect(data.map(({ name, edited, trainSamples }) => ({ name, edited, trainSamples }))).toEqual([
      { name: 'digits', edited: { excluded: 2, relabelled: 0 }, trainSamples: 4 },
      { name: 'clips', edited: { excluded: 0, relabelled: 1 }, trainSamples: 4 },
    ]);

    expect(await editSamples(folder, both)).toMatchObject({ changed: 0, before: [] });
    const second = await editSamples(folder, [{ id: part, excluded: true }]);
    await editSamples(folder, second.before);
    expect(readFileSync(editsFile(folder), 'utf8').split('\n')[0]).toBe(JSON.stringify({ id: part, label: 'jump' }));
    await editSamples(folder, first.before);
    expect(existsSync(editsFile(folder))).toBe(false);
    await updateIndex(folder, config);
    expect(await told(folder, 'clips')).toBe('train jump 2, run 2 · val jump 2, run 2 (0 excluded, 0 relabelled)');
  });

  test('a sample that cover.json excludes is relabelled, and that taken back', async () => {
    const folder = workspace();
    await updateIndex(folder, config);
    const { before } = await editSamples(folder, [{ id: 'digits/train/b/2.png', label: 'a' }]);
    expect(before).toEqual([{ id: 'digits/train/b/2.png', label: null }]);
    await editSamples(folder, before, { newClass: true });
    expect(existsSync(editsFile(folder))).toBe(false);
  });

  test('the own class of a sample is no edit, whatever it was given before', async () => {
    const folder = workspace();
    await updateIndex(folder, config);
    await editSamples(folder, [{ id: part, label: 'jump' }]);
    await updateIndex(folder, config);
    await editSamples(folder, [{ id: part, label: 'run' }]);
    expect(existsSync(editsFile(folder))).toBe(false);
  });

  test('tags come and go one by one, of each sample those that it has', async () => {
    const folder = workspace(line({ id: 'digits/val/a/0.png', label: 'b', tags: ['night'] }));
    await updateIndex(folder, config);
    const ids = ['digits/val/a/0.png', 'digits/val/a/1.png'];
    const lines = () => readFileSync(editsFile(folder), 'utf8');
    const before = await rowsOf(folder);
    const tagged = await editSamples(
      folder,
      ids.map((id) => ({ id, tag: [' night', 'check'] })),
    );
    expect(tagged).toEqual({
      changed: 2,
      before: [
        { id: ids[0], untag: ['check'] },
        { id: ids[1], untag: ['check', 'night'] },
      ],
      indexed: true,
    });
    expect(lines()).toBe(
      line({ id: ids[0], label: 'b', tags: ['check', 'night'] }) + line({ id: ids[1], tags: ['check', 'night'] }),
    );
    expect(await tagCounts(folder)).toEqual([
      { tag: 'check', samples: 2 },
      { tag: 'night', samples: 2 },
    ]);
    const off = await editSamples(
      folder,
      ids.map((id) => ({ id, untag: ['night', 'day'] })),
    );
    expect(off.changed).toBe(2);
    expect(await tagCounts(folder, [ids[0]!])).toEqual([{ tag: 'check', samples: 1 }]);
    expect(await tagsOfSamples(folder, [ids[1]!, 'digits/val/b/0.png'])).toEqual([{ id: ids[1], tags: ['check'] }]);
    await editSamples(folder, off.before);
    await editSamples(folder, tagged.before);
    expect(lines()).toBe(line({ id: ids[0], label: 'b', tags: ['night'] }));
    // No class was stored anew.
    expect(await rowsOf(folder)).toEqual(before);
    await updateIndex(folder, config);
    expect(await rowsOf(folder)).toEqual(before);
    expect((await listDatasets(folder)).map(({ tagged }) => tagged)).toEqual([1, undefined]);
    const data = await readTrainingData(folder, config, ['digits', 'clips'], () => {});
    expect(data.map(({ edited }) => edited)).toEqual([{ excluded: 1, relabelled: 1 }, undefined]);
  });

  test('a sample has 32 tags at most, and one that has more keeps what it is', async () => {
    const many = Array.from({ length: 32 }, (_, index) => `${index + 10}`);
    const folder = workspace(line({ id: 'digits/val/a/0.png', tags: many }));
    await updateIndex(folder, config);
    const edits = [
      { id: 'digits/val/a/1.png', tag: ['x'] },
      { id: 'digits/val/a/0.png', tag: ['x'] },
    ];
    await expect(editSamples(folder, edits)).rejects.toMatchObject({ code: 'too-many-tags' });
    expect(readFileSync(editsFile(folder), 'utf8')).toBe(line({ id: 'digits/val/a/0.png', tags: many }));
  });

  test('lines that cannot be read stay where they are', async () => {
    const folder = workspace(`# ours\n${line({ id: part, label: 'jump' })}oh\nno\n`);
    await updateIndex(folder, config);
    await editSamples(folder, [{ id: 'clips/v/jump-val.mp4#t=0,2', excluded: true }]);
    expect(readFileSync(editsFile(folder), 'utf8')).toBe(
      `# ours\n${line({ id: 'clips/v/jump-val.mp4#t=0,2', excluded: true })}${line({ id: part, label: 'jump' })}oh\nno\n`,
    );
    await editSamples(folder, [
      { id: part, label: null },
      { id: 'clips/v/jump-val.mp4#t=0,2', excluded: false },
    ]);
    expect(readFileSync(editsFile(folder), 'utf8')).toBe('# ours\noh\nno\n');
  });

  test.each([
    [{ id: 'digits/nothing.png', excluded: true }, 'unknown-sample'],
    [{ id: 'nothing/a.png', label: 'a' }, 'unknown-sample'],
    [{ id: 'digits/train/a/0.png', label: 'c' }, 'unknown-class'],
    [{ id: 'digits/train/b/2.png', excluded: false }, 'excluded-in-config'],
    [{ id: 'digits/nothing.png', tag: ['a'] }, 'unknown-sample'],
    [{ id: 'digits/train/a/0.png', tag: [' '] }, 'bad-tag'],
    [{ id: 'digits/train/a/0.png', tag: ['x'.repeat(65)] }, 'bad-tag'],
  ])('%j is refused: %s', async (edit, code) => {
    const folder = workspace();
    await updateIndex(folder, config);
    await expect(editSamples(folder, [...both, edit])).rejects.toMatchObject({ code });
    expect(existsSync(editsFile(folder))).toBe(false);
  });

  test('a class that is new is taken where it is asked for, and then known', async () => {
    const folder = workspace();
    await updateIndex(folder, config);
    await editSamples(folder, [{ id: 'digits/train/a/0.png', label: 'c' }], { newClass: true });
    await updateIndex(folder, config);
    expect(await classNames(folder, 'digits')).toEqual(['a', 'b', 'c']);
  });

  test('edits at once are all kept', async () => {
    const folder = workspace();
    await updateIndex(folder, config);
    await Promise.all([0, 1, 2].map((i) => editSamples(folder, [{ id: `digits/train/a/${i}.png`, excluded: true }])));
    expect(readFileSync(editsFile(folder), 'utf8').trim().split('\n')).toHaveLength(3);
  });

  test('edits of several processes at once are all kept', { timeout: 60_000 }, async () => {
    const folder = workspace();
    await updateIndex(folder, config);
    closeReader(indexFile(folder));
    const ids = ['train/a/0', 'train/a/1', 'train/b/0', 'val/a/0', 'val/b/1'].map((path) => `digits/${path}.png`);
    const codes = await Promise.all(ids.map((id) => exclude(folder, id)));
    expect(codes).toEqual(ids.map(() => 0));
    const written = readFileSync(editsFile(folder), 'utf8').trim().split('\n');
    expect(written.map((text) => JSON.parse(text).id)).toEqual(ids);
    expect(existsSync(claimFile(folder))).toBe(false);
  });

  test.each([
    ['of a dead process', { pid: dead, host: hostname(), time: Date.now() }],
    ['of another computer, long ago', { pid: 1, host: 'other', time: Date.now() - 60_000 }],
  ])('an edit does not wait for the claim %s', async (_, claim) => {
    const folder = workspace();
    await updateIndex(folder, config);
    writeFileSync(claimFile(folder), JSON.stringify(claim));
    const begun = performance.now();
    await editSamples(folder, both);
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(readFileSync(editsFile(folder), 'utf8').trim().split('\n')).toHaveLength(2);
  });

  test('a text is found by split and class, excluded samples never', async () => {
    const folder = workspace(line({ id: 'digits/train/a/1.png', excluded: true }));
    await updateIndex(folder, config);
    expect(await matchingClasses(folder, 'digits', 'train', '1.PNG')).toEqual([{ label: 'b', samples: 1 }]);
    const counts = await matchCounts(folder, 'val');
    const sorted = counts.map(({ dataset, split, samples }) => `${dataset} ${split} ${samples}`).sort();
    expect(sorted).toEqual(['clips val 4', 'digits val 4']);
    writeFileSync(join(folder, 'cover.edits.jsonl'), '');
    await updateIndex(folder, config);
    expect(await matchingClasses(folder, 'digits', 'train', '1.png')).toEqual([
      { label: 'a', samples: 1 },
      { label: 'b', samples: 1 },
    ]);
  });
});
