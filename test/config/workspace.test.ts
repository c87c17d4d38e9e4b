import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { experimentSchema } from '../../src/config/experiment.ts';
import type { Needs } from '../../src/config/needs.ts';
import { checkWorkspaceText, loadWorkspace, requireWorkspace } from '../../src/config/workspace.ts';
import { datasetFormatSchema } from '../../src/protocol/datasets.ts';
import type { Problem } from '../../src/protocol/events.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cover-config-'));
  mkdirSync(join(folder, 'digits/one'), { recursive: true });
  mkdirSync(join(folder, 'kinetics/archery'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'list.csv'), 'path,label\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plain = experimentSchema.parse({});
const datasets = `"datasets": {
    "digits": { "kind": "image", "path": "digits", "format": "classFolders" },
    "kinetics": { "kind": "video", "path": "kinetics", "format": "classFolders" }
  }`;
const withExperiment = (text: string) => `{\n  ${datasets},\n  "experiments": {\n    "first": ${text}\n  }\n}\n`;
const withFineTuning = (text: string) =>
  `{\n  ${datasets},\n  "studies": {\n    "s": { "fineTuning": ${text} }\n  }\n}\n`;

/** What is marked: `line:column+length`, then the sentence. */
async function check(text: string): Promise<string[]> {
  const problems = await checkWorkspaceText(folder, text);
  for (const problem of problems) expect(problem.file).toBe(join(folder, 'cover.json'));
  return problems.map(
    ({ severity, line, column, length, message }) =>
      `${severity === 'warning' ? 'warning ' : ''}${line}:${column}+${length} ${message}`,
  );
}

describe('a correct file has no problems', () => {
  test.each([
    ['plain', `{ ${datasets} }`],
    ['comments and trailing commas', `// mine\n{ /* both */ ${datasets}, }`],
    ['a byte order mark', `\uFEFF{ ${datasets} }`],
    ['a schema reference', `{ "$schema": "x.json", ${datasets} }`],
    ['a manifest', `{ "datasets": { "m": { "kind": "video", "path": "list.csv", "format": "manifest" } } }`],
    ['stages switched off singly', withExperiment('{ "imagePretraining": false, "coTraining": { "epochs": 2 } }')],
    ['sizes that divide', withExperiment('{ "model": { "imageSize": 64, "patchSize": 8 } }')],
  ])('%s', async (_, text) => expect(await check(text)).toEqual([]));
});

describe('the first syntax error, at its place', () => {
  test.each([
    ['', '1:1+1 cover.json is not valid JSON: a value is expected here.'],
    ['{\n  "datasets": {}\n', '2:16+1 cover.json is not valid JSON: a closing "}" is missing after this.'],
    [
      '{\n  "datasets": {}\n  "experiments": {}\n}',
      '2:16+1 cover.json is not valid JSON: a "," is missing after this.',
    ],
    ['{\n  datasets: {}\n}', '2:3+8 cover.json is not valid JSON: this word is not JSON; write text in double quotes.'],
    ['{\n  "datasets" {}\n}', '2:12+1 cover.json is not valid JSON: a ":" is missing after this.'],
    [
      '{ "datasets": {\n  "a": { "path": "C:\\data" } } }',
      '2:18+9 cover.json is not valid JSON: after "\\" only " \\ / b f n r t or u may stand; write a path with "/".',
    ],
  ])('%j', async (text, expected) => expect(await check(text)).toEqual([expected]));
});

describe('what the schema finds, at its place', () => {
  const dataset = (text: string) => `{\n  "datasets": {\n    "d": ${text}\n  }\n}`;
  test.each([
    ['{}', ['1:1+2 cover.json needs "datasets": an object in { }.']],
    ['[]', ['1:1+2 cover.json must be an object in { }.']],
    [
      '{\n  "dataset": {}\n}',
      [
        '1:1+1 cover.json needs "datasets": an object in { }.',
        '2:3+9 "dataset" is not a setting of cover.json (did you mean "datasets"?).',
      ],
    ],
    [
      dataset('{ "kind": "image", "path": "digits" }'),
      [
        `3:5+3 "datasets.d" needs "format": ${datasetFormatSchema.options
          .map((name) => `"${name}"`)
          .join(', ')
          .replace(/, ([^,]*)$/, ' or $1')}.`,
      ],
    ],
    [
      dataset('{ "kind": "images", "path": "digits", "format": "classFolders" }'),
      ['3:20+8 "datasets.d.kind" must be "video" or "image" (did you mean "image"?).'],
    ],
    [
      dataset('{ "kind": "image", "path": "digits", "format": "classFolders",\n      "holdout": 0.1 }'),
      ['4:7+9 "holdout" is not a setting of "datasets.d" (did you mean "holdOut"?).'],
    ],
    [
      dataset('{ "kind": "image", "path": "digits", "format": "classFolders", "holdOut": 2 }'),
      ['3:84+1 "datasets.d.holdOut" must be 0.9 or less.'],
    ],
    [
      dataset('{ "kind": "image", "path": "", "format": "classFolders" }'),
      ['3:37+2 "datasets.d.path" must be text that is not empty.'],
    ],
    [dataset('null'), ['3:10+4 "datasets.d" must be an object in { }.']],
    [
      '{ "datasets": { "my data": { "kind": "image", "path": "digits", "format": "classFolders" } } }',
      ['1:17+9 "my data" cannot be a name: use 1 to 64 letters, digits, ".", "_" or "-", a letter or digit first.'],
    ],
    [withExperiment('{ "seed": "1" }'), ['7:24+3 "experiments.first.seed" must be a number.']],
    [
      withExperiment('{ "datasets": ["my data"] }'),
      ['7:29+9 "experiments.first.datasets.0" must be a name of 1 to 64 letters, digits, ".", "_" or "-".'],
    ],
    [
      withExperiment('{ "coTraining": { "epochs": 0 } }'),
      ['7:42+1 "experiments.first.coTraining.epochs" must be 1 or more.'],
    ],
    [
      withExperiment('{ "coTraining": { "epoch": 3 } }'),
      ['7:32+7 "epoch" is not a setting of "experiments.first.coTraining" (did you mean "epochs"?).'],
    ],
    [
      withExperiment('{ "coTraining": true }'),
      ['7:30+4 "experiments.first.coTraining" must be an object in { } or false.'],
    ],
    [withExperiment('{ "datasets": [] }'), ['7:28+2 "experiments.first.datasets" must be a list of at least 1.']],
  ])('%j', async (text, expected) => expect(await check(text)).toEqual(expected));
});

describe('what only the disk and the whole tell', () => {
  test.each([
    [
      '{ "datasets": {\n "d": { "kind": "image", "path": "gone", "format": "classFolders" } } }',
      ['2:34+6 Dataset "d" is not there: FOLDER/gone does not exist. Mend the path, or remove the dataset.'],
    ],
    [
      '{ "datasets": {\n "d": { "kind": "image", "path": "empty", "format": "classFolders" } } }',
      [
        '2:34+7 Dataset "d" is not there: FOLDER/empty is an empty folder. Put the files there, mount their disk, mend the path, or remove the dataset.',
      ],
    ],
    [
      '{ "datasets": {\n "d": { "kind": "image", "path": "list.csv", "format": "manifest", "media": "empty" } } }',
      [
        '2:77+7 The folder of the files of dataset "d" is not there: FOLDER/empty is an empty folder. Put the files there, mount their disk, mend the path, or remove it.',
      ],
    ],
    [
      '{ "datasets": { "d": { "kind": "image", "path": "list.csv", "format": "classFolders" } } }',
      [
        '1:49+10 Dataset "d" should be a folder of class folders, but FOLDER/list.csv is a file. Use format "manifest".',
      ],
    ],
    [
      '{ "datasets": { "d": { "kind": "image", "path": "digits", "format": "manifest" } } }',
      ['1:49+8 Dataset "d" should be a CSV or JSONL file, but FOLDER/digits is a folder. Name the file in it.'],
    ],
    [
      withExperiment('{ "model": { "weights": "gone/model.safetensors" } }'),
      [
        '7:38+24 The weights of experiment "first" are not there: FOLDER/gone/model.safetensors does not exist. Mend the path, or name a model on the Hub as hf:owner/name.',
      ],
    ],
    [withExperiment('{ "model": { "weights": "hf:owner/name@v1.0" } }'), []],
    ['{ "datasets": {} }', ['warning 1:15+2 No dataset is named here yet. Add one, or run `cover init`.']],
    [
      withExperiment('{ "datasets": ["digits", "kinetic"] }'),
      ['7:39+9 Experiment "first" names no known dataset "kinetic" (did you mean "kinetics"?).'],
    ],
    [
      withExperiment('{ "datasets": ["digits", "digits"] }'),
      ['warning 7:39+8 "digits" is listed twice; it is used once.'],
    ],
    [
      withExperiment('{ "model": { "imageSize": 64, "patchSize": 10 } }'),
      ['7:57+2 An image of 64 pixels cannot be cut into patches of 10: imageSize must be a multiple of patchSize.'],
    ],
    [
      withExperiment('{ "model": { "hiddenSize": 100, "attentionHeads": 3 } }'),
      [
        '7:64+1 A hidden size of 100 cannot be shared among 3 attention heads: hiddenSize must be a multiple of attentionHeads.',
      ],
    ],
    [
      withExperiment('{ "model": { "preset": "tiny",\n "imageSize": 100 } }'),
      ['8:15+3 An image of 100 pixels cannot be cut into patches of 16: imageSize must be a multiple of patchSize.'],
    ],
    [
      withExperiment('{ "coTraining": { "batchSize": 8,\n "accumulate": 3 } }'),
      ['8:16+1 A batch of 8 samples cannot be computed in 3 equal parts: batchSize must be a multiple of accumulate.'],
    ],
    [
      withExperiment('{ "coTraining": { "epochs": 1,\n "steps": 3 } }'),
      ['8:2+7 coTraining says how long it is in epochs and in steps: keep one of them.'],
    ],
    [
      withExperiment('{ "fineTuning": { "datasets": ["digit"] } }'),
      ['7:45+7 Experiment "first" does not train on a dataset "digit" (did you mean "digits"?).'],
    ],
    [
      withFineTuning('{ "batchSize": 6,\n "accumulate": 4 }'),
      ['8:16+1 A batch of 6 samples cannot be computed in 4 equal parts: batchSize must be a multiple of accumulate.'],
    ],
    [
      withFineTuning('{ "epochs": 1,\n "minutes": 3 }'),
      ['8:2+9 fineTuning says how long it is in epochs and in minutes: keep one of them.'],
    ],
    [
      withFineTuning('{ "epochs": 1,\n "datasets": ["digits"] }'),
      ['8:2+10 Study "s" fine-tunes on each dataset by itself, so its fineTuning names none: remove "datasets".'],
    ],
    [
      withExperiment('{ "lossWeights": { "digit": 2 } }'),
      ['warning 7:33+7 Experiment "first" does not train on a dataset "digit" (did you mean "digits"?).'],
    ],
    [
      withExperiment('{ "datasetSampling": { "weights": { "digits": 0 } } }'),
      ['7:48+15 No dataset of the experiment has a weight here above 0. Give one.'],
    ],
    [
      withExperiment('{ "imagePretraining": false,\n "coTraining": false }'),
      [
        '8:16+5 Experiment "first" trains nothing: imagePretraining and coTraining are both false. Leave one of them on.',
      ],
    ],
    [
      withExperiment('{ "datasets": ["kinetics"], "imagePretraining": {} }'),
      ['warning 7:42+18 Experiment "first" has no image dataset, so image pre-training is skipped.'],
    ],
    [
      withExperiment('{ "datasets": ["digits"], "imagePretraining": {} }'),
      [
        'warning 7:40+18 Experiment "first" has images alone, which co-training trains on from the start, so image pre-training is skipped.',
      ],
    ],
    [withExperiment('{ "datasets": ["digits"], "imagePretraining": {}, "coTraining": false }'), []],
    [
      `{ ${datasets}, "experiments": { "a": {},\n "a": {} } }`,
      ['5:2+3 "a" is written twice here. Rename or remove one.'],
    ],
  ])('%j', async (text, expected) =>
    expect(await check(text)).toEqual(expected.map((line) => line.replace('FOLDER', folder))),
  );
});

test('hostile names do no harm', async () => {
  const text = '{ "datasets": { "__proto__": { "kind": "image", "path": "digits", "format": "classFolders" } } }';
  expect((await check(text))[0]).toContain('cannot be a name');
  expect(({} as Record<string, unknown>).kind).toBeUndefined();
});

describe('experiments in files of their own', () => {
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
  afterEach(() => {
    for (const name of ['a.cover.json', 'b.cover.json']) rmSync(join(folder, name), { force: true });
  });

  test('are added to those of cover.json, and may refer to each other', async () => {
    put('cover.json', `{ ${datasets}, "experiments": { "first": {} }, "studies": { "s": { "experiment": "third" } } }`);
    put('a.cover.json', '{ // shared\n "experiments": { "second": { "datasets": ["digits"] } } }');
    put('b.cover.json', '{ "experiments": { "third": {} }, "studies": { "t": { "experiment": "first" } } }');
    const { config, problems } = await loadWorkspace(folder);
    expect(problems).toEqual([]);
    expect(Object.keys(config!.experiments!)).toEqual(['first', 'second', 'third']);
    expect(Object.keys(config!.studies!)).toEqual(['s', 't']);
  });

  test.each([
    ['{ "experiments": { "first": {} } }', '1:20+7 "first" is in another file too. Rename one of the two.'],
    ['{ "experiments": { "x": { "datasets": ["digit"] } } }', /1:40\+7 Experiment "x" names no known dataset "digit"/],
    [
      '{ "studies": { "x": { "experiment": "frist" } } }',
      /1:37\+7 Study "x" names no known experiment "frist": there are first/,
    ],
    ['{ "datasets": {} }', /1:3\+10 "datasets" is not a setting of a\.cover\.json/],
    ['{ "experiments": ', /a\.cover\.json is not valid JSON/],
  ])('%s', async (text, expected) => {
    put('cover.json', `{ ${datasets}, "experiments": { "first": {} } }`);
    put('a.cover.json', text);
    const { config, problems } = await loadWorkspace(folder);
    expect(Object.keys(config!.experiments!)).toContain('first');
    expect(problems).toHaveLength(1);
    const [{ file, line, column, length, message }] = problems as [Problem];
    expect(file).toBe(join(folder, 'a.cover.json'));
    expect(`${line}:${column}+${length} ${message}`).toMatch(expected);
  });
});

describe('what is needed of a workspace', () => {
  const a = '"a": { "datasets": ["digits"] }';
  const typing = '"b": { "coTraining": { "epochs": "x" } }';
  const unknown = '"b": { "datasets": ["digit"] }';
  const gone = '"gone": { "kind": "image", "path": "gone", "format": "classFolders" }, ';
  const garbled = '"garbled": { "kind": "film", "path": "digits", "format": "classFolders" }, ';
  const text = (experiments: string, more = '', rest = '') =>
    `{ ${datasets.replace('{', `{ ${more}`)}, "experiments": { ${experiments} }${rest} }`;
  const studies = (written: string) => `, "studies": { ${written} }`;
  const s = '"s": { "experiment": "a" }';
  const require = async (json: string, needs: Needs) => {
    writeFileSync(join(folder, 'cover.json'), json);
    const passed: Problem[] = [];
    const config = await requireWorkspace(folder, needs, (problem) => passed.push(problem));
    return { config, passed };
  };
  const made: Needs = { choice: { given: { name: 'x', experiment: { ...plain, datasets: ['digits'] }, beside: [] } } };

  test.each<[string, string, Needs, number]>([
    ['another experiment mistyped', text(`${a}, ${typing}`), { choice: {} }, 1],
    ['another experiment of no known dataset', text(`${unknown}, ${a}`), { choice: { experiment: 'a' } }, 1],
    ['a setting twice in another one', text(`${a}, "b": { "seed": 1, "seed": 2 }`), { choice: {} }, 1],
    ['a study of no known experiment', text(a, '', studies('"s": { "experiment": "c" }')), { choice: {} }, 1],
    ['a dataset that is not there and that it leaves out', text(a, gone), { choice: {} }, 1],
    ['a mistyped dataset that it leaves out', text(a, garbled), { choice: {} }, 1],
    ['an experiment made elsewhere', text(typing), made, 1],
    [
      'an unknown experiment, which is for the caller to tell',
      text(`${a}, ${typing}`),
      { choice: { experiment: 'c' } },
      1,
    ],
    ['another study', text(`${a}, ${typing}`, '', studies(`${s}, "t": { "seeds": 3 }`)), { study: { name: 's' } }, 2],
    [
      'another study whose fine-tuning cannot be done',
      text(a, '', studies(`${s}, "t": { "fineTuning": { "accumulate": 5 } }`)),
      { study: { name: 's' } },
      1,
    ],
    ['the first study, whatever comes after', text(a, '', studies(`${s}, "t": { "seeds": 3 }`)), { study: {} }, 1],
    ['datasets alone', text(`${typing}, ${a}`, gone + garbled), { datasets: ['digits'] }, 3],
    ['whatever there is', text(typing, gone + garbled), {}, 3],
    ['nothing wrong', text(a), { choice: {} }, 0],
  ])('is there: %s', async (_, json, needs, warnings) => {
    const { config, passed } = await require(json, needs);
    expect(Object.keys(config.datasets)).toContain('digits');
    expect(config.datasets).not.toHaveProperty('garbled');
    expect(config.unreadable).toEqual(json.includes('garbled') ? ['garbled'] : []);
    expect(passed.map(({ severity, line }) => [severity, line !== undefined])).toEqual(
      Array.from({ length: warnings }, () => ['warning', true]),
    );
  });

  test.each<[string, string, Needs, RegExp]>([
    [
      'it is mistyped itself',
      text(`${a}, ${typing}`),
      { choice: { experiment: 'b' } },
      /"experiments\.b\.coTraining\.epochs" must be/,
    ],
    [
      'the first is, and none was named',
      text(`${typing}, ${a}`),
      { choice: {} },
      /"experiments\.b\.coTraining\.epochs"/,
    ],
    ['its dataset is not known', text(`${a}, ${unknown}`), { choice: { experiment: 'b' } }, /no known dataset "digit"/],
    ['its dataset is not there', text('"a": {}', gone), { choice: {} }, /Dataset "gone" is not there/],
    [
      'its dataset is mistyped',
      text('"a": { "datasets": ["garbled"] }', garbled),
      { choice: {} },
      /"datasets\.garbled\.kind"/,
    ],
    [
      'one of all is mistyped',
      text('"a": {}', garbled),
      { choice: {} },
      /"datasets\.garbled\.kind" must be "video" or/,
    ],
    ['one chosen in place is not there', text(a, gone), { choice: { datasets: ['gone'] } }, /"gone" is not there/],
    ['a dataset is not there', text(a, gone), { datasets: ['digits', 'gone'] }, /"gone" is not there/],
    ['the file is mistyped', text(a, '', ', "x": 1'), { choice: {} }, /"x" is not a setting/],
    ['the file is, and a dataset before it', text(a, garbled, ', "x": 1'), {}, /"x" is not a setting/],
    ['a section is written twice', text(a, '', `, ${datasets}`), {}, /"datasets" is written twice/],
    ['it is written twice', text(`${a}, ${a}`), { choice: {} }, /"a" is written twice/],
    [
      'the study is mistyped',
      text(a, '', studies('"s": { "seeds": 3 }')),
      { study: {} },
      /"studies\.s\.seeds" must be a list/,
    ],
    ['its experiment is mistyped', text(typing, '', studies('"s": {}')), { study: {} }, /"experiments\.b\.coTraining/],
    [
      'a dataset of its experiment is not there',
      text('"a": {}', gone, studies(s)),
      { study: {} },
      /"gone" is not there/,
    ],
  ])('is not: %s', async (_, json, needs, message) => {
    await expect(require(json, needs)).rejects.toMatchObject({
      code: 'bad-workspace',
      message: expect.stringMatching(message),
    });
  });

  describe('in files beside cover.json', () => {
    afterEach(() => {
      for (const name of ['b', 'c']) rmSync(join(folder, `${name}.cover.json`), { force: true });
    });
    const put = (name: string, json: string) => writeFileSync(join(folder, `${name}.cover.json`), json);

    test('the others of a file with a mistake are there, and its first one is not passed over for them', async () => {
      put('b', `{ "experiments": { ${typing}, ${a} } }`);
      await expect(require(`{ ${datasets} }`, { choice: {} })).rejects.toMatchObject({
        file: join(folder, 'b.cover.json'),
      });
      const { config, passed } = await require(`{ ${datasets} }`, { choice: { experiment: 'a' } });
      expect(Object.keys(config.experiments!)).toEqual(['a']);
      expect(passed).toHaveLength(1);
    });

    test('what cannot be read at all may hide the first, or one that is nowhere else', async () => {
      put('b', '{ "experiments": {');
      put('c', `{ "experiments": { ${a} } }`);
      for (const choice of [{}, { experiment: 'elsewhere' }])
        await expect(require(`{ ${datasets} }`, { choice })).rejects.toThrow('b.cover.json is not valid JSON');
      expect((await require(`{ ${datasets} }`, { choice: { experiment: 'a' } })).passed).toHaveLength(1);
      expect((await require(`{ ${datasets} }`, { datasets: ['digits'] })).passed).toHaveLength(1);
    });
  });
});

describe('loading from the disk', () => {
  const put = (text: string) => writeFileSync(join(folder, 'cover.json'), text);

  test('a missing cover.json says how to make one', async () => {
    rmSync(join(folder, 'cover.json'), { force: true });
    const loaded = await loadWorkspace(folder);
    expect(loaded.config).toBeUndefined();
    expect(loaded.problems).toHaveLength(1);
    await expect(requireWorkspace(folder)).rejects.toMatchObject({
      code: 'bad-workspace',
      message: expect.stringContaining('Run `cover init`'),
    });
  });

  test('defaults are filled in', async () => {
    put(withExperiment('{}'));
    const config = await requireWorkspace(folder);
    expect(Object.keys(config.datasets)).toEqual(['digits', 'kinetics']);
    expect(config.experiments?.first).toMatchObject({ seed: 1, device: 'auto', model: { preset: 'nano' } });
  });

  test('an error names file and line', async () => {
    put('{ "datasets": {\n  "d": { "kind": "image", "path": "gone", "format": "classFolders" } } }');
    await expect(requireWorkspace(folder, { datasets: ['d'] })).rejects.toMatchObject({
      file: join(folder, 'cover.json'),
      message: expect.stringContaining('cover.json:2: Dataset "d" is not there'),
    });
    expect((await requireWorkspace(folder)).datasets.d?.path).toBe('gone');
    put('{ "datasets": 3 }');
    await expect(requireWorkspace(folder)).rejects.toThrow('must be an object');
  });
});
