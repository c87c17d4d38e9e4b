// Every template is one that cover.json may hold, and resolves to what it says it is.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { addEntry } from '../../src/config/edit.ts';
import { workspaceSchema } from '../../src/config/experiment.ts';
import { workspaceJsonSchema } from '../../src/config/jsonSchema.ts';
import { chosenDatasets, resolveExperiment } from '../../src/config/resolve.ts';
import { templateOf, templates } from '../../src/config/templates.ts';
import { requireWorkspace } from '../../src/config/workspace.ts';

const folder = mkdtempSync(join(tmpdir(), 'cover-templates-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const datasets = {
  'my-dataset': { kind: 'video', path: 'a', format: 'classFolders' },
  pictures: { kind: 'image', path: 'b', format: 'classFolders' },
} as const;

const nano = '3 × 96, 8 × 32 from';
const expected: Record<string, string[]> = {
  cover: ['imagePretraining all: pictures', 'coTraining all: my-dataset + pictures', `${nano} nothing`],
  'one-dataset': ['coTraining all: my-dataset', `${nano} nothing`],
  'image-pretraining': ['imagePretraining all: pictures', `${nano} nothing`],
  'fine-tune': ['fineTuning all: my-dataset', `${nano} run:cover-1`],
  'linear-probe': ['fineTuning heads: my-dataset', `${nano} run:cover-1`],
  paper: [
    'imagePretraining all: pictures',
    'coTraining all: my-dataset + pictures',
    '24 × 1024, 16 × 448 from nothing',
  ],
};

test.each(templates.map((template) => [template.name, template] as const))('%s', (name, { section, value }) => {
  const config = workspaceSchema.parse({ datasets, [section]: { [name]: value } });
  if (section === 'studies') return expect(config.studies![name]!.compare).not.toEqual([]);
  const available = chosenDatasets(config, { experiment: name }).map((dataset) => ({
    name: dataset,
    kind: datasets[dataset as keyof typeof datasets].kind,
    heldOut: 'val' as const,
    trainSamples: 100,
    classes: ['a', 'b'],
  }));
  const { stages, model, weights } = resolveExperiment(config, available, { experiment: name });
  expect([
    ...stages.map(({ name, train, datasets }) => `${name} ${train}: ${datasets.join(' + ')}`),
    `${model.depth} × ${model.hiddenSize}, ${model.frames} × ${model.imageSize} from ${weights?.source ?? 'nothing'}`,
  ]).toEqual(expected[name]);
});

test('one is written into cover.json as it is, beside what stands there', async () => {
  const file = join(folder, 'cover.json');
  writeFileSync(file, '{\n  // mine\n  "datasets": {},\n  "experiments": { "cover": {} }\n}\n');
  const { value } = templateOf('cover');
  expect(await addEntry(folder, 'experiments', 'cover', value)).toBe('cover-2');
  expect(await addEntry(folder, 'studies', 'images', templateOf('images').value)).toBe('images');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('// mine');
  const config = await requireWorkspace(folder);
  expect(config.experiments!['cover-2']).toMatchObject({ imagePretraining: {}, coTraining: {} });
  expect(config.studies!.images!.compare).toEqual(['images']);
});

test('the editor offers them all', () => {
  const { properties } = workspaceJsonSchema() as {
    properties: Record<string, { defaultSnippets: { label: string; body: object }[] }>;
  };
  const offered = [...properties.experiments!.defaultSnippets, ...properties.studies!.defaultSnippets];
  expect(offered).toHaveLength(templates.length);
  expect(offered[0]!.label).toBe('CoVeR');
  expect(Object.keys(offered[0]!.body)).toEqual([`$${'{1:cover}'}`]); // the editor lets the name be typed over
});

test('an unknown one is refused with what there is', () => {
  expect(() => templateOf('fine-tunes')).toThrow('There is no template "fine-tunes" (did you mean "fine-tune"?)');
});
