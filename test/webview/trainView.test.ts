// The Train page in a real browser over a real plan: the host here asks the same function as the runner does.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveDraft } from '../../src/config/draft.ts';
import { requireWorkspace } from '../../src/config/workspace.ts';
import { updateIndex } from '../../src/data/updateIndex.ts';
import { encodeImage } from '../../src/media/sharp.ts';
import type { Handlers } from '../../src/protocol/endpoint.ts';
import type { Draft } from '../../src/protocol/trainPlan.ts';
import { type TrainHostSurface, trainHostSurface } from '../../src/protocol/trainView.ts';
import { planTraining } from '../../src/training/plan.ts';
import { numberIn } from '../../webview/train/draft.ts';
import { expectAccessible } from './axe.ts';
import { eventually, type Harness, hasChromium, startHarness } from './harness.ts';

const text = `{
  "datasets": {
    "kinetics-mini": { "kind": "video", "path": "kinetics-mini", "format": "classFolders" },
    "ssv2-mini": { "kind": "video", "path": "ssv2-mini", "format": "classFolders", "directionSensitive": true },
    "imagenet-mini": { "kind": "image", "path": "imagenet-mini", "format": "classFolders", "horizontalFlip": true }
  },
  "experiments": {
    // what we train every night
    "nightly": { "model": { "preset": "nano" }, "coTraining": { "batchSize": 16 } }
  }
}
`;
const devices = [
  { id: 'cpu', name: 'AMD EPYC 7B13', available: true, detail: '2 threads' },
  { id: 'webgpu', name: 'GPU', available: false, detail: 'no graphics driver with Vulkan was found' },
];

test.each([
  ['', undefined],
  [' 12 ', 12],
  ['1e-4', 0.0001],
  ['0.', 0],
  ['0,5', 0.5],
  ['0,125', 0.125], // no thousand begins with 0
  ['-0,001', -0.001],
  ['1,0000', 1],
  ['1,000', 1000],
  ['-1,000', -1000],
  ['12,345,678', 12345678],
  ['1,234.5', 1234.5],
  ['1,2,3', '1,2,3'],
  ['12,34,567', '12,34,567'],
  ['many', 'many'],
])('%j is typed for the number %j', (typed, meant) => {
  expect(numberIn(typed)).toBe(meant);
});

describe.skipIf(!hasChromium)('train page', () => {
  let harness: Harness;
  let workspace: string;
  beforeAll(async () => {
    harness = await startHarness(tmpdir());
    workspace = mkdtempSync(join(tmpdir(), 'cover-train-page-'));
    const image = await encodeImage(new Uint8Array(16 * 16 * 3).fill(90), 16, 16, 'png');
    for (const [name, kind, train] of [
      ['kinetics-mini', 'mp4', 12],
      ['ssv2-mini', 'mp4', 8],
      ['imagenet-mini', 'png', 40],
    ] as const)
      for (const label of ['archery', 'riding a bike'])
        for (const [split, count] of [
          ['train', train],
          ['val', 4],
        ] as const) {
          mkdirSync(join(workspace, name, split, label), { recursive: true });
          for (let i = 0; i < count; i++)
            writeFileSync(join(workspace, name, split, label, `${i}.${kind}`), kind === 'png' ? image : `clip ${i}`);
        }
    writeFileSync(join(workspace, 'cover.json'), text);
    await updateIndex(workspace, await requireWorkspace(workspace), {});
  });
  afterAll(async () => {
    await harness?.close();
    if (workspace) rmSync(workspace, { recursive: true, force: true });
  });

  interface Options {
    theme?: 'dark' | 'light' | 'contrast';
    width?: number;
    state?: unknown;
    /** Bytes of memory that are said to be free. */
    available?: number;
    handlers?: Partial<Handlers<TrainHostSurface>>;
  }

  async function open(options: Options = {}) {
    const asked: { method: string; params: unknown }[] = [];
    const note =
      <R>(method: string, answer: R) =>
      async (params: unknown) => {
        asked.push({ method, params });
        return answer;
      };
    const plan = (draft: Draft, signal: AbortSignal) =>
      planTraining({
        workspace,
        draft: { device: 'cpu', ...draft },
        signal,
        available: options.available ?? 24e9,
      });
    const view = await harness.open({
      view: 'train',
      surface: trainHostSurface,
      ...options,
      handlers: {
        'trainView/ready': note('ready', { draft: { edits: [], flips: {} }, isWanted: false }),
        'trainView/plan': ({ draft }, signal) => {
          asked.push({ method: 'plan', params: draft });
          return plan(draft, signal);
        },
        'trainView/devices': async () => devices,
        'trainView/measure': note('measure', {
          steps: 10,
          seconds: 2520,
          stages: [
            { name: 'imagePretraining', secondsPerStep: 0.12 },
            { name: 'coTraining', secondsPerStep: 1.4 },
          ],
          device: 'cpu (AMD EPYC 7B13; 2 threads)',
        }),
        'trainView/start': note('start', { started: true }),
        'trainView/save': async ({ draft, name }) => {
          const saved = await saveDraft(workspace, draft, name);
          return {
            name: saved.name,
            file: basename(saved.files.at(-1)?.file ?? 'cover.json'),
            changes: saved.files.length,
          };
        },
        'trainView/showSaved': note('showSaved', {}),
        'trainView/openConfig': note('openConfig', {}),
        'trainView/copyCli': note('copyCli', {}),
        'trainView/pickWeights': note('pickWeights', { weights: 'hf:facebook/timesformer-base-finetuned-k400' }),
        'trainView/addDataset': note('addDataset', {}),
        ...options.handlers,
      },
    });
    await view.page.getByTestId('train').waitFor();
    const settled = () => view.page.locator('[data-testid=train][data-waiting=false]').waitFor();
    const field = (path: string) => view.page.getByTestId(`field-${path}`);
    const of = (method: string) => asked.filter((each) => each.method === method);
    return { ...view, asked, settled, field, of };
  }

  test('shows what a training is made of and comes to, in every theme', async () => {
    for (const theme of ['dark', 'light', 'contrast'] as const) {
      const view = await open({ theme });
      await view.settled();
      const shares = view.page.getByTestId('datasets');
      await eventually(() => shares.textContent()).toMatch(
        /kinetics-minivideo248.*20\.0 %.*ssv2-mini.*13\.3 %never.*66\.7 %/,
      );
      await eventually(() => view.page.getByTestId('memory').textContent()).toMatch(
        /memory \d+ MB of 24 GB free · fits/,
      );
      await expectAccessible(view.page);
      await view.shot(`train-${theme}`);
      await view.page.getByTestId('more-switch').click();
      await view.page.getByTestId('more').waitFor();
      await expectAccessible(view.page);
      await view.shot(`train-more-${theme}`);
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });

  test('is usable beside a side bar and narrow', async () => {
    for (const width of [890, 480]) {
      const view = await open({ width });
      await view.settled();
      await view.shot(`train-${width}`);
      const wide = await view.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
      await view.page.close();
    }
  });

  test('a change shows at once what it comes to', async () => {
    const view = await open();
    await view.settled();
    const memory = async () => Number(await view.page.getByTestId('needs').getAttribute('data-memory'));
    const before = await memory();
    await view.page.getByTestId('preset-tiny').check({ force: true });
    await view.settled();
    await eventually(memory).toBeGreaterThan(before);
    await eventually(() => view.page.getByTestId('parameters').textContent()).toBe('7.7 M');
    await view.page.getByTestId('preset-nano').check({ force: true });
    await view.settled();
    expect(await view.page.getByTestId('changes').count()).toBe(0); // as it is written
    const share = (name: string) => view.page.getByTestId(`dataset-${name}`).getAttribute('data-share');
    await view.page.getByTestId('sampling').selectOption('uniform');
    await eventually(() => share('ssv2-mini')).toBe('0.333333');
    await view.page.getByTestId('sampling').selectOption('temperature');
    await view.field('datasetSampling.temperature').fill('1');
    await eventually(() => share('imagenet-mini')).toBe('0.666667');
    await view.page.getByTestId('sampling').selectOption('weights');
    await view.page.getByLabel('Weight of imagenet-mini').fill('0');
    await eventually(() => share('imagenet-mini')).toBe('0.000000');
    await view.shot('train-weights');
    await view.page.getByTestId('dataset-imagenet-mini').getByRole('checkbox').first().uncheck();
    await view.settled();
    await eventually(() => view.page.getByTestId('stage-imagePretraining').textContent()).toContain('needs images');
    await eventually(() => view.page.getByTestId('changes').textContent()).toContain('2 changes not saved');
    await view.page.getByTestId('reset').click();
    await view.settled();
    await eventually(() => share('imagenet-mini')).toBe('0.666667');
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('what is wrong stands at its field, and nothing starts', async () => {
    const view = await open();
    await view.settled();
    await view.field('model.patchSize').fill('5');
    await view.settled();
    const field = view.page.locator('.field', { has: view.field('model.patchSize') });
    await eventually(() => field.textContent()).toContain('An image of 32 pixels cannot be cut into patches of 5');
    await eventually(() => view.field('model.patchSize').getAttribute('aria-invalid')).toBe('true');
    await eventually(() => view.page.getByTestId('start').getAttribute('disabled')).not.toBeNull();
    await view.field('model.frames').fill('many');
    await view.settled();
    await view.shot('train-wrong');
    await eventually(() => view.page.locator('.field', { has: view.field('model.frames') }).textContent()).toContain(
      '"model.frames" must be a number',
    );
    await view.page.getByTestId('more-switch').click();
    await view.field('model.frames').fill('');
    await view.field('model.patchSize').fill('');
    await view.field('sampling.name').selectOption('whole');
    await view.field('views.clips').fill('3');
    await view.settled();
    await eventually(() => view.page.locator('.field', { has: view.field('views.clips') }).textContent()).toContain(
      'would be the same',
    );
    await view.page.getByTestId('more-switch').click();
    await eventually(() => view.page.getByTestId('elsewhere').textContent()).toContain('would be the same');
    await view.page.close();
  });

  test('what is typed key by key stays as typed, while the draft has what it means', async () => {
    const view = await open();
    await view.settled();
    await view.page.getByTestId('sampling').selectOption('weights');
    await view.settled();
    const edit = (path: string) => async () => {
      await view.settled();
      const draft = view.of('plan').at(-1)?.params as Draft;
      return draft.edits.find((each) => each.path.join('.') === path)?.value;
    };
    const weight = view.page.getByLabel('Weight of kinetics-mini');
    for (const [typed, meant] of [
      ['1.5', 1.5],
      ['0.25', 0.25],
      ['2,5', 2.5],
      ['', 0],
      ['1,000', 1000],
    ] as const) {
      await weight.fill('');
      await weight.pressSequentially(typed, { delay: 30 });
      await eventually(edit('datasetSampling')).toMatchObject({ weights: { 'kinetics-mini': meant } });
      expect(await weight.inputValue()).toBe(typed);
    }
    const weights = view.field('model.weights');
    await weights.pressSequentially(' /data/my weights.safetensors ', { delay: 10 });
    await eventually(edit('model.weights')).toBe('/data/my weights.safetensors');
    expect(await weights.inputValue()).toBe(' /data/my weights.safetensors ');
    // What is chosen or reset takes the place of what was typed.
    await view.page.getByTestId('pick-weights').click();
    await eventually(() => weights.inputValue()).toBe('hf:facebook/timesformer-base-finetuned-k400');
    await view.page.getByTestId('reset').click();
    await eventually(() => weights.inputValue()).toBe('');
    await view.page.close();
  });

  test('what does not fit comes with settings that do', async () => {
    const tiny = { edits: [{ path: ['model', 'preset'], value: 'tiny' }], flips: {}, device: 'cpu' };
    const { needs } = await planTraining({ workspace, draft: tiny });
    const view = await open({ available: 0.9 * needs!.memory });
    await view.settled();
    await view.page.getByTestId('preset-tiny').check({ force: true });
    await view.page.getByTestId('use-advice').waitFor();
    await view.shot('train-too-large');
    await eventually(() => view.page.getByTestId('memory').textContent()).toContain('does not fit');
    await view.page.getByTestId('use-advice').click();
    await view.settled();
    await eventually(() => view.page.getByTestId('memory').textContent()).toContain('fits');
    expect(await view.page.getByTestId('start').getAttribute('disabled')).toBeNull();
    await view.page.close();
  });

  test('of a hundred quick changes one result is left, and few are asked', async () => {
    const view = await open();
    await view.settled();
    const before = view.of('plan').length;
    await view.field('model.frames').focus();
    for (let i = 0; i < 100; i++) await view.field('model.frames').fill(String(1 + (i % 16)));
    await view.settled();
    await eventually(() => view.of('plan').at(-1)?.params).toMatchObject({
      edits: [{ path: ['model', 'frames'], value: 4 }],
    });
    await view.settled();
    expect(view.of('plan').length - before).toBeLessThan(60);
    const { needs } = await planTraining({
      workspace,
      draft: { edits: [{ path: ['model', 'frames'], value: 4 }], flips: {}, device: 'cpu' },
      available: 24e9,
    });
    await eventually(() => view.page.getByTestId('needs').getAttribute('data-memory')).toBe(String(needs!.memory));
    await view.page.close();
  });

  test('measures, starts, copies and picks weights by asking the host', async () => {
    const view = await open();
    await view.settled();
    await eventually(() => view.page.getByTestId('time').textContent()).toContain('not known yet');
    await view.page.getByTestId('measure').click();
    await eventually(() => view.page.getByTestId('time').textContent()).toBe('≈ 42 min (measured on 10 steps)');
    await view.page.getByTestId('pick-weights').click();
    await eventually(() => view.field('model.weights').inputValue()).toBe(
      'hf:facebook/timesformer-base-finetuned-k400',
    );
    await eventually(() => view.page.getByTestId('time').textContent()).toContain('before the last changes');
    await view.shot('train-measured');
    await view.page.getByTestId('copy-cli').click();
    await view.settled();
    await view.page.getByTestId('start').click();
    const draft = {
      edits: [{ path: ['model', 'weights'], value: 'hf:facebook/timesformer-base-finetuned-k400' }],
      flips: {},
    };
    await eventually(() => view.of('start').map(({ params }) => params)).toEqual([{ draft }]);
    expect(view.of('copyCli').map(({ params }) => params)).toEqual([{ draft }]);
    await view.page.close();
  });

  test('saves into cover.json and keeps its comments', async () => {
    const view = await open();
    await view.settled();
    await view.field('coTraining.epochs').fill('3');
    await view.page.getByLabel('Mirror kinetics-mini').check();
    await view.settled();
    await view.page.getByTestId('save').click();
    await eventually(() => view.page.getByTestId('notice').textContent()).toContain(
      'Saved as “nightly” in cover.json.',
    );
    expect(readFileSync(join(workspace, 'cover.json'), 'utf8')).toBe(
      text
        .replace(
          '"path": "kinetics-mini", "format": "classFolders"',
          '"path": "kinetics-mini", "format": "classFolders", "horizontalFlip": true',
        )
        .replace('"batchSize": 16', '"batchSize": 16, "epochs": 3'),
    );
    await view.settled();
    expect(await view.page.getByTestId('changes').count()).toBe(0);
    await view.page.getByRole('button', { name: 'Show the changes' }).click();
    await eventually(() => view.of('showSaved').length).toBe(1);
    writeFileSync(join(workspace, 'cover.json'), text);
    await view.page.close();
  });

  test('comes back as it was left, and names that are markup do nothing', async () => {
    const name = '<img src=x onerror=alert(1)>';
    const state = {
      draft: { experiment: 'nightly', edits: [{ path: ['model', 'weights'], value: name }], flips: {} },
      more: true,
    };
    const view = await open({ state });
    await view.settled();
    await eventually(() => view.field('model.weights').inputValue()).toBe(name);
    await eventually(() => view.page.locator('.field', { has: view.field('model.weights') }).textContent()).toContain(
      'onerror',
    );
    expect(await view.page.locator('img').count()).toBe(0);
    expect(view.of('ready')).toHaveLength(1); // whether something else is wanted
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  test('an experiment with a mistake is listed with it and cannot be chosen; the others can', async () => {
    const broken = `"typing": { "coTraining": { "epochs": "x" } }`;
    writeFileSync(join(workspace, 'cover.json'), text.replace('"experiments": {', `"experiments": { ${broken},`));
    const view = await open();
    await view.settled();
    const row = view.page.getByTestId('experiment').locator('option', { hasText: 'typing (needs mending)' });
    await eventually(() => row.isDisabled()).toBe(true);
    await eventually(() => row.getAttribute('title')).toMatch(
      /^cover\.json:\d+: "experiments\.typing\.coTraining\.epochs" must be/,
    );
    await eventually(() => view.page.getByTestId('elsewhere').textContent()).toMatch(
      /“typing” cannot be chosen: cover\.json:/,
    );
    expect(await view.page.getByTestId('start').getAttribute('disabled')).toBeNull();
    await expectAccessible(view.page);
    await view.shot('train-broken-experiment');
    expect(view.complaints).toEqual([]);
    await view.page.close();

    const first = await harness.open({
      view: 'train',
      surface: trainHostSurface,
      handlers: {
        ...({} as Handlers<TrainHostSurface>),
        'trainView/ready': async () => ({ draft: { experiment: 'typing', edits: [], flips: {} }, isWanted: false }),
        'trainView/devices': async () => devices,
        'trainView/plan': ({ draft }) => planTraining({ workspace, draft: { device: 'cpu', ...draft } }),
      },
    });
    await first.page.getByTestId('failure').waitFor();
    await first.shot('train-broken-alone');
    await first.page.getByTestId('take-another').click();
    await first.page.getByTestId('train').waitFor();
    writeFileSync(join(workspace, 'cover.json'), text);
    await first.page.close();
  });

  test.each([
    [true, 'wanted'],
    [false, 'kept'],
  ])('what is wanted of the page is shown in place of what it remembers: %s', async (isWanted, shown) => {
    const seed = (value: number) => ({ edits: [{ path: ['seed'], value }], flips: {} });
    const { page, settled } = await open({
      state: { draft: seed(1), more: true },
      handlers: { 'trainView/ready': async () => ({ draft: seed(2), isWanted }) },
    });
    await settled();
    await eventually(() => page.getByTestId('field-seed').inputValue()).toBe(shown === 'wanted' ? '2' : '1');
    await page.close();
  });

  test('a cover.json that cannot be read is told, and asked for again when it changed', async () => {
    writeFileSync(join(workspace, 'cover.json'), '{ "datasets": ');
    const asked: string[] = [];
    const view = harness.open({
      view: 'train',
      surface: trainHostSurface,
      handlers: {
        ...({} as Handlers<TrainHostSurface>),
        'trainView/ready': async () => ({ draft: { edits: [], flips: {} }, isWanted: false }),
        'trainView/devices': async () => devices,
        'trainView/plan': ({ draft }) => planTraining({ workspace, draft: { device: 'cpu', ...draft } }),
        'trainView/openConfig': async () => {
          asked.push('openConfig');
          return {};
        },
      },
    });
    const { page, host } = await view;
    await page.getByTestId('failure').waitFor();
    await eventually(() => page.getByTestId('failure').textContent()).toMatch(/cover\.json:1: .*not valid JSON/);
    await page.getByText('Open cover.json').click();
    await eventually(() => asked).toEqual(['openConfig']);
    writeFileSync(join(workspace, 'cover.json'), text);
    host.notify('trainView/changed', {});
    await page.getByTestId('train').waitFor();
    await page.close();
  });
});
