// What a draft would come to, against what a start then does; what must be mended, at its setting; and saving it.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { choiceOf, saveDraft } from '../../src/config/draft.ts';
import { plannedShares, stepsOf } from '../../src/config/stages.ts';
import { requireWorkspace } from '../../src/config/workspace.ts';
import { updateIndex } from '../../src/data/updateIndex.ts';
import { encodeImage } from '../../src/media/sharp.ts';
import type { Draft, SettingEdit } from '../../src/protocol/trainPlan.ts';
import { runsFolder } from '../../src/runs/runFolder.ts';
import { planTraining } from '../../src/training/plan.ts';
import { startRun } from '../../src/training/startRun.ts';
import { killStarted, start } from './startRunner.ts';

let workspace: string;
const model = { imageSize: 16, patchSize: 8, hiddenSize: 16, depth: 1, attentionHeads: 2, frames: 2 };
const text = `{
  "datasets": {
    "many": { "kind": "image", "path": "many", "format": "classFolders" },
    "few": { "kind": "image", "path": "few", "format": "classFolders" },
    "lone": { "kind": "image", "path": "lone", "format": "classFolders" } // one class
  },
  "experiments": {
    // the quick one
    "quick": { "model": ${JSON.stringify(model)}, "datasets": ["many", "few"], "coTraining": { "epochs": 2, "batchSize": 4 } }
  }
}
`;

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'cover plan-'));
  for (const [name, labels, count] of [
    ['many', ['a', 'b', 'c'], 9],
    ['few', ['a', 'b'], 2],
    ['lone', ['a'], 3],
  ] as const)
    for (const label of labels)
      for (const [split, samples] of [
        ['train', count],
        ['val', 2],
      ] as const) {
        mkdirSync(join(workspace, name, split, label), { recursive: true });
        for (let i = 0; i < samples; i++) {
          const pixels = new Uint8Array(16 * 16 * 3).fill(i * 20);
          writeFileSync(join(workspace, name, split, label, `${i}.png`), await encodeImage(pixels, 16, 16, 'png'));
        }
      }
  writeFileSync(join(workspace, 'cover.json'), text);
  writeFileSync(join(workspace, 'more.cover.json'), `{ "experiments": { "other": { "seed": 7 } } }\n`);
  await updateIndex(workspace, await requireWorkspace(workspace), {});
});
afterEach(killStarted);
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

function draftOf(edits: Record<string, unknown> = {}, more: Partial<Draft> = {}): Draft {
  const list = Object.entries(edits).map(([path, value]): SettingEdit => ({ path: path.split('.'), value }));
  return { edits: list, flips: {}, device: 'cpu', ...more };
}

const changes: [string, Draft][] = [
  ['as it is written', draftOf()],
  ['uniform sampling', draftOf({ datasetSampling: 'uniform' })],
  ['a temperature', draftOf({ datasetSampling: { temperature: 3 } })],
  ['weights of the datasets', draftOf({ datasetSampling: { weights: { many: 1, few: 3 } } })],
  ['one dataset', draftOf({ datasets: ['few'] })],
  ['all datasets, of which one is unfit', draftOf({ datasets: undefined })],
  ['another size', draftOf({ 'model.hiddenSize': 32, 'model.depth': 2, 'coTraining.accumulate': 2 })],
  ['a length in steps', draftOf({ 'coTraining.epochs': undefined, 'coTraining.steps': 7 })],
  ['a further stage', draftOf({ fineTuning: { train: 'heads', samples: 10 }, 'views.crops': 3 })],
  ['mirrored', draftOf({}, { flips: { many: true } })],
  ['another experiment', draftOf({ model, coTraining: { epochs: 1 } }, { experiment: 'other' })],
  ['a template', draftOf({ model }, { template: 'cover' })],
];

describe('a plan', () => {
  it.each(changes)('comes to what a start does: %s', async (_, draft) => {
    const plan = await planTraining({ workspace, draft });
    const choice = await choiceOf(workspace, await requireWorkspace(workspace), draft);
    const { folder, experiment, estimate } = await startRun({ workspace, choice, onEvent: () => undefined });
    expect(plan.needs).toMatchObject({ ...estimate, fits: true, advice: null });
    expect(plan.stages).toEqual(
      experiment.stages.map((stage) => ({
        name: stage.name,
        epochs: stage.epochs,
        steps: stepsOf(stage),
        samples: stage.samples ?? stepsOf(stage) * stage.batchSize,
        shares: plannedShares(stage, experiment.datasets),
      })),
    );
    const trained = plan.datasets.filter(({ share }) => share > 0);
    expect(trained.map(({ name, samples, flip }) => ({ name, samples, flip }))).toEqual(
      experiment.datasets.map(({ name, trainSamples, horizontalFlip }) => ({
        name,
        samples: trainSamples,
        flip: horizontalFlip,
      })),
    );
    expect(plan.settings).toMatchObject({ model: experiment.model, seed: experiment.seed, views: experiment.views });
    expect(folder.id.startsWith(plan.name)).toBe(true);
    rmSync(folder.folder, { recursive: true });
  });

  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['no such preset', { 'model.preset': 'huge' }, 'model.preset', /must be "nano", "tiny"/],
    ['sizes that do not divide', { 'model.patchSize': 5 }, 'model.patchSize', /multiple of patchSize/],
    ['a batch that cannot be cut', { 'coTraining.accumulate': 3 }, 'coTraining.accumulate', /3 equal parts/],
    ['a length twice', { 'coTraining.steps': 3 }, 'coTraining.steps', /keep one/i],
    ['no stage', { coTraining: false, imagePretraining: false }, 'coTraining', /trains nothing/],
    ['a dataset that is not there', { datasets: ['mny'] }, 'datasets.0', /no known dataset "mny"/],
    [
      'nothing to draw',
      { datasetSampling: { weights: { lone: 1 } } },
      'datasetSampling.weights',
      /No dataset of the experiment has a weight/,
    ],
    ['only unfit datasets', { datasets: ['lone'] }, 'datasets', /There is nothing to train on/],
    ['an unknown setting', { 'model.presett': 'tiny' }, 'model.presett', /is not a setting/],
    ['weights that are not there', { 'model.weights': 'none.safetensors' }, 'model.weights', /are not there/],
    ['a run that is not there', { 'model.weights': 'run:none' }, 'model.weights', /none/],
    ['clips of the whole', { 'sampling.name': 'whole', 'views.clips': 4 }, 'views.clips', /would be the same/],
    ['no such device', { device: 'tpu' }, 'device', /must be "auto", "cpu" or "webgpu"/],
  ])('says at its setting what must be mended: %s', async (_, edits, path, message) => {
    const plan = await planTraining({ workspace, draft: draftOf(edits, { device: undefined }) });
    const problem = plan.problems.find((each) => each.severity === 'error');
    expect(problem).toMatchObject({ message: expect.stringMatching(message) });
    expect(problem!.path.join('.')).toBe(path);
  });

  describe('beside what is broken', () => {
    const put = (
      change: (config: { datasets: Record<string, object>; experiments: Record<string, object> }) => void,
    ) => {
      const config = JSON.parse(text.replace(/\/\/.*/g, ''));
      change(config);
      writeFileSync(join(workspace, 'cover.json'), JSON.stringify(config, undefined, 1));
    };
    const broken = { coTraining: { epochs: 'x' } };
    const mistake = /^cover\.json:\d+: "experiments\.typing\.coTraining\.epochs" must be/;
    afterEach(() => writeFileSync(join(workspace, 'cover.json'), text));
    const errorsOf = async (draft: Draft) =>
      (await planTraining({ workspace, draft })).problems.filter(({ severity }) => severity === 'error');

    it('an experiment is listed with its first mistake, and the others can be chosen and started', async () => {
      put((config) => {
        config.experiments = { typing: broken, ...config.experiments };
      });
      const plan = await planTraining({ workspace, draft: draftOf() });
      expect(plan).toMatchObject({ name: 'quick', experiments: ['quick', 'other'], needs: { fits: true } });
      expect(plan.broken).toEqual([{ name: 'typing', message: expect.stringMatching(mistake) }]);
      const choice = await choiceOf(workspace, await requireWorkspace(workspace), draftOf());
      const { folder, experiment } = await startRun({ workspace, choice, onEvent: () => undefined });
      expect(experiment.name).toBe('quick');
      rmSync(folder.folder, { recursive: true });
      await expect(planTraining({ workspace, draft: draftOf({}, { experiment: 'typing' }) })).rejects.toMatchObject({
        code: 'bad-workspace',
        message: expect.stringMatching(mistake),
      });
      await saveDraft(workspace, draftOf({ seed: 3 }), 'typing');
      expect(JSON.parse(readFileSync(join(workspace, 'cover.json'), 'utf8')).experiments).toMatchObject({
        typing: broken,
        'typing-2': { seed: 3 },
      });
    });

    it('where none can be chosen, all defaults', async () => {
      put((config) => {
        config.experiments = { cover: broken };
      });
      writeFileSync(join(workspace, 'more.cover.json'), '{}');
      const plan = await planTraining({ workspace, draft: draftOf({ model }) });
      writeFileSync(join(workspace, 'more.cover.json'), `{ "experiments": { "other": { "seed": 7 } } }\n`);
      expect(plan).toMatchObject({ name: 'cover-2', file: null, experiments: [], needs: { fits: true } });
      expect(plan.broken.map(({ name }) => name)).toEqual(['cover']);
    });

    it.each<[string, object, RegExp]>([
      ['is not there', { kind: 'image', path: 'gone', format: 'classFolders' }, /Dataset "new" is not there/],
      ['is mistyped', { kind: 'picture', path: 'few', format: 'classFolders' }, /"datasets\.new\.kind" must be/],
    ])('a dataset that %s is in the way of what trains on it alone', async (_, dataset, message) => {
      put((config) => {
        config.datasets.new = dataset;
      });
      expect(await errorsOf(draftOf())).toEqual([]);
      const [error] = await errorsOf(draftOf({ datasets: ['few', 'new'] }));
      expect(error).toMatchObject({ path: ['datasets'], message: expect.stringMatching(message) });
      const choice = await choiceOf(
        workspace,
        await requireWorkspace(workspace),
        draftOf({ datasets: ['few', 'new'] }),
      );
      await expect(startRun({ workspace, choice, onEvent: () => undefined })).rejects.toThrow(message);
    });
  });

  it('names settings that would fit where the memory does not suffice, and they do', async () => {
    const draft = draftOf({ 'model.hiddenSize': 64, 'model.imageSize': 64, 'coTraining.batchSize': 64 });
    const { needs } = await planTraining({ workspace, draft });
    expect(needs).toMatchObject({ fits: true, advice: null });
    const available = needs!.memory - 3e6;
    const refused = await planTraining({ workspace, draft, available });
    expect(refused.needs).toMatchObject({ memory: needs!.memory, available, fits: false });
    const { text, edits } = refused.needs!.advice!;
    // Twice as many parts as a batch is cut into anyway, or more.
    const [, parts] = /^It would fit with "accumulate": (\d+) in its stages \(about .*MB\)\.$/.exec(text)!;
    expect(Number(parts)).toBeGreaterThan(1);
    expect(edits).toEqual([{ path: ['coTraining', 'accumulate'], value: Number(parts) }]);
    const mended = await planTraining({
      workspace,
      draft: { ...draft, edits: [...draft.edits, ...edits] },
      available,
    });
    expect(mended.needs!.fits).toBe(true);
    const hopeless = await planTraining({ workspace, draft, available: 1e6 });
    expect(hopeless.needs).toMatchObject({ fits: false, advice: null });
  });

  it('of a hundred changes at once, the last is answered and the others are let go', async () => {
    const { endpoint } = start();
    let current = new AbortController();
    const answers: number[] = [];
    const asked = Array.from({ length: 100 }, async (_, i) => {
      current.abort();
      current = new AbortController();
      const draft = draftOf({ 'model.depth': 1 + (i % 24), seed: i });
      const plan = await endpoint.request('train/plan', { workspace, draft }, current.signal);
      answers.push((plan.written as { seed: number }).seed);
    });
    const settled = await Promise.allSettled(asked);
    expect(answers).toEqual([99]);
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(99);
  });

  it('measures a few real steps of every stage, and leaves nothing behind', async () => {
    const { endpoint } = start();
    const measured = await endpoint.request('train/measure', {
      workspace,
      draft: draftOf({ fineTuning: { steps: 2 } }),
    });
    expect(measured.stages.map(({ name }) => name)).toEqual(['coTraining', 'fineTuning']);
    expect(measured.steps).toBeGreaterThanOrEqual(5 + 1);
    expect(measured.stages.every(({ secondsPerStep }) => secondsPerStep > 0)).toBe(true);
    expect(measured.device).toMatch(/^cpu \(/);
    expect(existsSync(runsFolder(workspace)) ? readdirSync(runsFolder(workspace)) : []).toEqual([]);
  });

  it('a stage in minutes takes those, or its one step where it cannot keep to them', async () => {
    const { endpoint } = start();
    const measured = (minutes: number) => {
      const timed = { coTraining: { minutes, batchSize: 4 } };
      return endpoint.request('train/measure', { workspace, draft: draftOf(timed) });
    };
    expect((await measured(10)).seconds).toBe(600);
    const { seconds, stages } = await measured(1e-9);
    expect(seconds).toBeGreaterThan(stages[0]!.secondsPerStep);
  });
});

describe('saving', () => {
  const read = (name = 'cover.json') => readFileSync(join(workspace, name), 'utf8');
  afterEach(() => {
    writeFileSync(join(workspace, 'cover.json'), text);
    writeFileSync(join(workspace, 'more.cover.json'), `{ "experiments": { "other": { "seed": 7 } } }\n`);
  });

  it('changes the settings that were changed, and keeps comments', async () => {
    const draft = draftOf({ 'model.depth': 2, 'coTraining.epochs': 3, seed: 5 }, { flips: { few: true } });
    const { name, files } = await saveDraft(workspace, draft, 'quick');
    expect(name).toBe('quick');
    expect(files).toEqual([{ file: join(workspace, 'cover.json'), before: text }]);
    expect(read()).toBe(
      text
        .replace(
          '"path": "few", "format": "classFolders"',
          '"path": "few", "format": "classFolders", "horizontalFlip": true',
        )
        .replace('"depth":1', '"depth":2')
        .replace('"epochs": 2', '"epochs": 3')
        .replace('"batchSize": 4 } }', '"batchSize": 4 }, "seed": 5, "device": "cpu" }'),
    );
    const plan = await planTraining({ workspace, draft: draftOf({}, { device: undefined }) });
    expect(plan.written).toMatchObject({ seed: 5, device: 'cpu' });
  });

  it('writes into the file that has the experiment', async () => {
    const { files } = await saveDraft(
      workspace,
      draftOf({ seed: 8 }, { experiment: 'other', device: undefined }),
      'other',
    );
    expect(files.map(({ file }) => file)).toEqual([join(workspace, 'more.cover.json')]);
    expect(read('more.cover.json')).toBe(`{ "experiments": { "other": { "seed": 8 } } }\n`);
    expect(read()).toBe(text);
  });

  it('adds what is new, under a name that is free', async () => {
    const draft = draftOf({ seed: 8 }, { template: 'fine-tune' });
    expect((await saveDraft(workspace, draft, 'other')).name).toBe('other-2');
    expect((await saveDraft(workspace, draftOf({ seed: 1 }), 'my run')).name).toBe('my-run');
    const config = await requireWorkspace(workspace);
    expect(config.experiments).toMatchObject({
      'other-2': { seed: 8 },
      'my-run': { seed: 1, datasets: ['many', 'few'] },
    });
    expect(read()).toContain('// the quick one');
  });

  it('touches no file that is not JSON', async () => {
    writeFileSync(join(workspace, 'cover.json'), '{ "datasets": {}, ');
    await expect(saveDraft(workspace, draftOf({ seed: 1 }), 'quick')).rejects.toMatchObject({ code: 'bad-workspace' });
    expect(read()).toBe('{ "datasets": {}, ');
  });
});
