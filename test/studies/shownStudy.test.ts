// Studies as a page gets them: from the study's own folder, whole or half done, and who helps whom as a matrix.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { experimentSchema, studySchema } from '../../src/config/experiment.ts';
import { createHandlers } from '../../src/runner/handlers.ts';
import { armsOf } from '../../src/studies/plan.ts';

const datasets = [
  { name: 'a', kind: 'video' },
  { name: 'b', kind: 'image' },
] as const;
const study = studySchema.parse({ compare: ['coTraining', 'transfer'], seeds: [1, 2] });
const { signal } = new AbortController();
let workspace: string;
let made: ReturnType<typeof createHandlers>;

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'cover-studies-'));
  made = createHandlers({ ffmpeg: undefined, notify: () => undefined });
});
afterAll(async () => {
  await made.close();
  rmSync(workspace, { recursive: true, force: true });
});

/** Fine-tuning reaches 0.4 from nothing, 0.6 from co-training, and 0.35 on b after a: a harm. The second seed is 0.1 better. */
function top1Of(title: string): number {
  if (title.includes('scratch')) return 0.4;
  if (title.startsWith('b after a alone')) return 0.35;
  if (title.startsWith('a after b alone')) return 0.5;
  return 0.6;
}

function write(name: string, runs: number): void {
  const folder = join(workspace, '.cover', 'studies', name);
  mkdirSync(folder, { recursive: true });
  const arms = armsOf(study, datasets);
  const done = arms.slice(0, runs).map(({ key, seed }, i) => {
    const heads = Object.fromEntries(
      datasets.map((dataset) => [
        dataset.name,
        { top1: top1Of(key) + (seed - 1) / 10, top5: 1, samples: 40, missing: 1, classes: 6 },
      ]),
    );
    const stages = { coTraining: { a: 160, b: 80 } };
    const outcome = { heads, stages, steps: 50, protocol: '1 clip | 1 crop', device: 'cpu', seconds: 30 };
    return [key, { run: `${name}-${i + 1}`, outcome }] as const;
  });
  const experiment = { name: 'cover', config: experimentSchema.parse({}) };
  const stored = { version: 1, name, study, experiment, datasets, runs: Object.fromEntries(done) };
  writeFileSync(join(folder, 'study.json'), JSON.stringify(stored));
}

describe('studies', () => {
  const all = armsOf(study, datasets).length;

  test('are listed with how far they are; a damaged one is passed over until it is opened', async () => {
    write('whole', all);
    write('half', 3);
    mkdirSync(join(workspace, '.cover', 'studies', 'broken'), { recursive: true });
    writeFileSync(join(workspace, '.cover', 'studies', 'broken', 'study.json'), '{');
    const { handlers } = made;
    const listed = await handlers['studies/list']({ workspace }, signal);
    expect(listed.map(({ name, finished, runs }) => [name, finished, runs])).toEqual([
      ['half', 3, all],
      ['whole', all, all],
    ]);
    const get = (name: string) => handlers['studies/get']({ workspace, name }, signal);
    await expect(get('broken')).rejects.toMatchObject({ code: 'study-damaged' });
    await expect(get('none')).rejects.toMatchObject({ code: 'no-study' });
    const half = await get('half');
    expect([half.tables, half.transfer]).toEqual([[], null]);
    expect(half.arms.filter(({ done }) => done)).toHaveLength(3);
    expect(half.arms.at(-1)).toMatchObject({
      run: null,
      done: false,
      training: false,
      failed: false,
      step: 0,
      steps: 0,
    });
    expect(half.arms[0]).toMatchObject({ done: true, step: 50, steps: 50, seconds: 30 });
    expect([half.eta, half.later]).toEqual([null, (all - 3) * 30]);
  });

  test('have their tables, and a matrix of who helps whom, harms with their sign', async () => {
    const { tables, transfer, protocols, seconds } = await made.handlers['studies/get'](
      { workspace, name: 'whole' },
      signal,
    );
    expect(tables.map(({ comparison }) => comparison)).toEqual(['coTraining', 'transfer']);
    expect([protocols, seconds]).toEqual([['1 clip | 1 crop'], 30 * all]);
    expect(transfer?.sources).toEqual(['scratch', 'co-trained', 'a alone', 'b alone']);
    expect(transfer?.targets).toEqual(['a', 'b']);
    const means = (values: ({ mean: number } | null)[][]) =>
      values.map((row) => row.map((value) => value && Number(value.mean.toFixed(6))));
    expect(means(transfer!.accuracies)).toEqual([
      [0.45, 0.45],
      [0.65, 0.65],
      [null, 0.4],
      [0.55, null],
    ]);
    expect(means(transfer!.gains)).toEqual([
      [null, null],
      [0.2, 0.2],
      [null, -0.05],
      [0.1, null],
    ]);
    // The same seeds are compared: what one seed is better in by chance is in both.
    expect(transfer!.gains[2]![1]!.deviation).toBeCloseTo(0, 10);
    expect(transfer!.accuracies[2]![1]!.deviation).toBeCloseTo(Math.SQRT1_2 / 10, 10);
  });
});
