// What a study trains, without training it.
import { describe, expect, test } from 'vitest';
import {
  type ExperimentInput,
  experimentSchema,
  type StudyInput,
  studySchema,
  workspaceSchema,
} from '../../src/config/experiment.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';
import { checkArms } from '../../src/studies/checkArms.ts';
import { type Arm, armsOf, experimentOf, type Finished } from '../../src/studies/plan.ts';

const datasets = [
  { name: 'a', kind: 'video' },
  { name: 'b', kind: 'video' },
  { name: 'c', kind: 'image' },
] as const;
const study = (compare: ('coTraining' | 'transfer' | 'images')[], seeds = [1, 2]) =>
  studySchema.parse({ compare, seeds });
const stages = { imagePretraining: { c: 50 }, coTraining: { a: 400, b: 200, c: 100 } };

function experiments(base: ExperimentInput, compare: Parameters<typeof study>[0]) {
  const arms = armsOf(study(compare, [7]), datasets);
  const finished = new Map<string, Finished>();
  return Object.fromEntries(
    arms.map((arm) => {
      const experiment = experimentOf(arm, experimentSchema.parse(base), study(compare), finished);
      finished.set(arm.key, { run: `run of ${arm.key}`, stages });
      return [arm.key, experiment];
    }),
  );
}

test('each arm comes once, after those it depends on, seed by seed', () => {
  const arms = armsOf(study(['coTraining', 'transfer', 'images']), datasets);
  const keys = arms.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(arms.map(({ seed }) => seed)).toEqual([...arms.map(({ seed }) => seed)].sort());
  for (const [i, { role }] of arms.entries()) {
    const needed = ['equals' in role && role.equals, 'source' in role && role.source].filter(Boolean) as string[];
    for (const key of needed) expect(keys.slice(0, i), key).toContain(key);
  }
  // Co-trained, three alone, without images; three sources, and for each target: scratch, two alone, co-trained.
  expect(keys).toHaveLength(2 * (1 + 3 + 1 + 3 + 3 * 4));
});

test.each<[string, ExperimentInput]>([
  ['with nothing given', {}],
  ['with lengths given', { coTraining: { epochs: 9, datasets: ['a', 'b', 'c'], labelSmoothing: 0.3 } }],
])('every arm has its own length, %s', (_, base) => {
  const made = experiments(base, ['coTraining', 'images', 'transfer']);
  const { labelSmoothing } = experimentSchema.parse({ coTraining: {}, ...base }).coTraining as {
    labelSmoothing: number;
  };
  const own = { samples: expect.any(Number), labelSmoothing, epochs: undefined };
  expect(made['c alone, seed 7']).toMatchObject({ seed: 7, datasets: ['c'], imagePretraining: false });
  for (const [key, samples] of [
    ['a alone, seed 7', 400],
    ['c alone, seed 7', 150], // of both stages
    ['without images, seed 7', 600],
    ['co-trained without a, seed 7', 300],
  ] as const)
    expect({ epochs: undefined, ...(made[key]!.coTraining as object) }, key).toMatchObject({
      ...own,
      samples,
    });
  expect(made['co-trained without a, seed 7']!.imagePretraining).toMatchObject({ samples: 50 });
  expect(made['co-trained without c, seed 7']).toMatchObject({ imagePretraining: false, coTraining: { samples: 600 } });
  expect(made['b after c alone, seed 7']).toMatchObject({
    datasets: ['b'],
    coTraining: false,
    fineTuning: { samples: 50, labelSmoothing },
    model: { weights: 'run:run of c alone, seed 7' },
  });
  expect(made['b from scratch, seed 7']!.model.weights).toBeUndefined();
});

test('fine-tuning in minutes is as many samples from every source as it was from scratch', () => {
  const timed = studySchema.parse({ compare: ['transfer'], seeds: [7, 8], fineTuning: { minutes: 3, batchSize: 5 } });
  const finished = new Map<string, Finished>();
  const lengths = armsOf(timed, datasets).flatMap((arm) => {
    const { fineTuning } = experimentOf(arm, experimentSchema.parse({}), timed, finished);
    const fits = 100 * arm.seed + datasets.findIndex(({ name }) => name === arm.datasets[0]);
    finished.set(arm.key, {
      run: arm.key,
      stages: fineTuning ? { fineTuning: { [arm.datasets[0]!]: fits } } : stages,
    });
    if (!fineTuning) return [];
    expect(fineTuning.batchSize).toBe(5);
    return [[arm.title, fineTuning.minutes ?? fineTuning.samples]];
  });
  expect(lengths.slice(4, 8)).toEqual([
    ['b from scratch', 3],
    ['b after a alone', 701],
    ['b after c alone', 701],
    ['b after co-trained without b', 701],
  ]);
  expect(lengths.map(([, length]) => length).filter((length) => length !== 3)).toEqual(
    [700, 701, 702, 800, 801, 802].flatMap((samples) => [samples, samples, samples]),
  );
});

test('stages keep what is left of their own datasets, and go where nothing is', () => {
  const made = experiments(
    {
      imagePretraining: { datasets: ['c'] },
      coTraining: { datasets: ['a', 'b'] },
      fineTuning: { datasets: ['a'] },
      datasetSampling: { weights: { a: 1, b: 2, c: 3 } },
    },
    ['transfer'],
  );
  const without = made['co-trained without b, seed 7']!;
  expect(without).toMatchObject({
    imagePretraining: { datasets: ['c'], samples: 50 },
    coTraining: { datasets: ['a'] },
    datasetSampling: { weights: { a: 1 } },
  });
  expect(without.fineTuning).toBeUndefined(); // the co-trained run drew nothing in it
  expect(made['co-trained without c, seed 7']!.imagePretraining).toBe(false);
  expect(made['a alone, seed 7']).toMatchObject({ datasetSampling: 'proportional', coTraining: { samples: 400 } });
  expect(made['a alone, seed 7']!.coTraining).not.toHaveProperty('datasets');
});

test.each<[string, ExperimentInput, Finished['stages'], object]>([
  [
    'both stages of images are co-trained as one',
    { imagePretraining: { batchSize: 2 }, coTraining: { labelSmoothing: 0.3 } },
    { imagePretraining: { c: 50 }, coTraining: { a: 400, c: 100 } },
    { imagePretraining: false, coTraining: { samples: 150, labelSmoothing: 0.3 } },
  ],
  [
    'each image dataset that a stage left to the other is in it',
    { imagePretraining: { datasets: ['c'] }, coTraining: { datasets: ['a', 'd'] } },
    { imagePretraining: { c: 50 }, coTraining: { a: 400, d: 100 } },
    { imagePretraining: false, coTraining: { samples: 150 } },
  ],
  [
    'images that are not co-trained stay pre-training',
    { coTraining: { datasets: ['a'] } },
    { imagePretraining: { c: 50, d: 50 }, coTraining: { a: 400 } },
    { imagePretraining: { samples: 100 }, coTraining: false },
  ],
])('without its only video dataset, %s', (_, base, stages, expected) => {
  const oneVideo = [datasets[0], datasets[2], { name: 'd', kind: 'image' }] as const;
  const config = workspaceSchema.parse({
    datasets: Object.fromEntries(oneVideo.map(({ name, kind }) => [name, { kind, path: 'x', format: 'classFolders' }])),
  });
  const arms = armsOf(study(['transfer'], [7]), oneVideo);
  const finished = new Map([[arms[0]!.key, { run: 'x', stages }]]);
  const arm = arms.find(({ key }) => key === 'co-trained without a, seed 7')!;
  const experiment = experimentOf(arm, experimentSchema.parse(base), study(['transfer']), finished);
  expect(experiment).toMatchObject(expected);
  const available = oneVideo
    .slice(1)
    .map((dataset) => ({ ...dataset, heldOut: null, trainSamples: 9, classes: ['x'] }));
  const { stages: trained } = resolveExperiment(config, available, { given: { name: 'x', experiment, beside: [] } });
  const samples = (of: Finished['stages'], names: readonly string[]) =>
    Object.values(of).reduce((sum, drawn) => sum + names.reduce((all, name) => all + (drawn[name] ?? 0), 0), 0);
  expect(trained.reduce((sum, stage) => sum + stage.samples!, 0)).toBe(samples(stages, ['c', 'd']));
  expect(trained.flatMap((stage) => stage.datasets).sort()).toEqual(['c', 'd']);
});

test('an arm that would train on nothing is refused', () => {
  const [coTrained, alone] = armsOf(study(['coTraining'], [7]), datasets) as [Arm, Arm];
  const finished = new Map([[coTrained.key, { run: 'x', stages: { coTraining: { b: 9 } } }]]);
  const base = experimentSchema.parse({});
  expect(() => experimentOf(alone, base, study(['coTraining']), finished)).toThrow('drew no sample of a');
});

describe('every arm is looked at before the first is trained', () => {
  const own = { kind: 'video', path: 'x', format: 'classFolders' } as const;
  const config = workspaceSchema.parse({ datasets: { a: own, b: own, c: { ...own, kind: 'image' } } });
  const check = (written: StudyInput, base: ExperimentInput = {}) =>
    checkArms(
      { study: studySchema.parse(written), experiment: { name: 'e', config: experimentSchema.parse(base) }, datasets },
      config,
    );

  test.each<[string, StudyInput, ExperimentInput?]>([
    ['all defaults', { compare: ['coTraining', 'transfer', 'images'] }],
    ['a fine-tuning of its own', { compare: ['transfer'], fineTuning: { steps: 2, batchSize: 6, accumulate: 3 } }],
    ['a stage in minutes', { compare: ['transfer', 'images'] }, { coTraining: { minutes: 5 } }],
    [
      'stages of some of the datasets each',
      { compare: ['transfer'] },
      { coTraining: { datasets: ['a', 'b'] }, fineTuning: { datasets: ['a'], earlyStopping: {} } },
    ],
    ['shares', { compare: ['transfer'] }, { datasetSampling: { weights: { a: 1, b: 2, c: 3 } } }],
  ])('can be done: %s', (_, written, base) => expect(() => check(written, base)).not.toThrow());

  test.each<[StudyInput, RegExp, ExperimentInput?]>([
    [
      { compare: ['transfer'], seeds: [7, 8], fineTuning: { batchSize: 6, accumulate: 4 } },
      /^a from scratch, seed 7: A batch of 6 samples cannot be computed in 4 equal parts/,
    ],
    [
      { compare: ['transfer'], fineTuning: { datasets: ['a'] } },
      /^b from scratch, seed 1: fineTuning names a dataset "a"/,
    ],
    [
      { compare: ['coTraining'] },
      /^co-trained, seed 1: coTraining says how long it is in epochs and in steps/,
      { coTraining: { epochs: 1, steps: 1 } },
    ],
  ])('%j is refused', (written, sentence, base) => expect(() => check(written, base)).toThrow(sentence));
});
