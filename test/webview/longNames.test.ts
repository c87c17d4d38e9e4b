// Names of 60 characters on every page in a narrow editor: nothing leaves the page, and what is cut is whole in its tooltip.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireWorkspace } from '../../src/config/workspace.ts';
import { updateIndex } from '../../src/data/updateIndex.ts';
import { encodeImage } from '../../src/media/sharp.ts';
import { clipHostSurface } from '../../src/protocol/clipView.ts';
import { datasetHostSurface } from '../../src/protocol/datasetView.ts';
import { evaluationHostSurface } from '../../src/protocol/evaluationView.ts';
import { runHostSurface } from '../../src/protocol/runView.ts';
import { studyHostSurface } from '../../src/protocol/studyView.ts';
import type { Surface } from '../../src/protocol/surface.ts';
import { trainHostSurface } from '../../src/protocol/trainView.ts';
import { planTraining } from '../../src/training/plan.ts';
import { attentionOf, heads, pagesOf, timelineOf } from './clipData.ts';
import { facetsOf, samplesOf, snapshotOf } from './datasetData.ts';
import { cellOf, comparisonOf, evaluationOf, shownOf } from './evaluationData.ts';
import { eventually, hasChromium } from './harness.ts';
import { hasFFmpeg } from './media.ts';
import { mediaHarness } from './mediaHarness.ts';
import { runEvents, runSummary } from './runData.ts';
import { runHandlers } from './runHost.ts';
import { studyOf } from './studyData.ts';

const long = (name: string) => `${name}-${'with-a-name-that-somebody-wrote-out-in-full-'.repeat(2)}`.slice(0, 60);
const words = (name: string) =>
  `${name} ${'while holding something next to something else '.repeat(2)}`.slice(0, 60).trim();
/** What the hosts of other tests call things, and here. */
const spelled = (of: (name: string) => string, all: string[]) => all.map((name): [string, string] => [name, of(name)]);
const names: Record<string, string> = Object.fromEntries([
  ...spelled(long, [
    'cover-tiny-2',
    'cover-tiny-3',
    'baseline-k',
    'kinetics-mini',
    'ssv2-mini',
    'imagenet-mini',
    'strategies',
  ]),
  ...spelled(words, ['riding a bike', 'riding scooter', 'archery', 'bowling', 'unicycle', 'surfing water']),
]);

/** The same value with every name in it as a long one; `back`: the other way round. */
function lengthened<T>(value: T, back = false): T {
  let text = JSON.stringify(value) ?? 'null';
  for (const [name, full] of Object.entries(names))
    text = back ? text.replaceAll(full, name) : text.replaceAll(name, full);
  return JSON.parse(text) as T;
}

type Answers = Record<string, (params: never, signal: AbortSignal) => unknown>;

function withLongNames(answers: Answers): never {
  return Object.fromEntries(
    Object.entries(answers).map(([method, answer]) => [
      method,
      async (params: unknown, signal: AbortSignal) =>
        lengthened((await answer(lengthened(params, true) as never, signal)) ?? {}),
    ]),
  ) as never;
}

describe.skipIf(!hasChromium || !hasFFmpeg)('long names', () => {
  const site = mediaHarness();
  let workspace: string;
  beforeAll(async () => {
    workspace = mkdtempSync(join(tmpdir(), 'cover-long-'));
    const image = await encodeImage(new Uint8Array(16 * 16 * 3).fill(90), 16, 16, 'png');
    const datasets = ['kinetics-mini', 'imagenet-mini'];
    for (const name of datasets)
      for (const label of ['a', 'b'])
        for (const split of ['train', 'val']) {
          mkdirSync(join(workspace, name, split, label), { recursive: true });
          for (let i = 0; i < 8; i++) writeFileSync(join(workspace, name, split, label, `${i}.png`), image);
        }
    const entry = (path: string) => ({ kind: 'image', path, format: 'classFolders' });
    const config = {
      datasets: Object.fromEntries(datasets.map((name) => [names[name], entry(name)])),
      experiments: { [long('nightly')]: { model: { preset: 'nano' } } },
    };
    writeFileSync(join(workspace, 'cover.json'), JSON.stringify(config));
    await updateIndex(workspace, await requireWorkspace(workspace), {});
  });
  afterAll(() => rmSync(workspace, { recursive: true, force: true }));

  const evaluation = evaluationOf('kinetics-mini', 10);
  const second = evaluationOf('ssv2-mini', 8);
  const ofHead = (head: string) => (head === evaluation.head ? evaluation : second);
  const shown = (judged: ReturnType<typeof cellOf>) =>
    judged.map((each) => {
      const { file, kind } = each.sample;
      return { judged: each, poster: { file, kind }, url: site.harness.mediaUrl(file), tags: [] };
    });
  const made = { name: 'kinetics-mini', labels: ['archery', 'riding a bike', 'bowling'], total: 60 };
  const urlOf = (kind: 'video' | 'image') => site.harness.mediaUrl(kind === 'video' ? 'clip.mp4' : 'clip.png');
  const seconds = Array.from({ length: 8 }, (_, i) => (i + 0.5) / 4);

  const pages: Record<
    string,
    {
      view: string;
      surface: Surface;
      state?: unknown;
      answers: () => Answers;
      ready: string;
      also?: (page: Page) => Promise<void>;
    }
  > = {
    run: {
      ...{ view: 'run', surface: runHostSurface, ready: '[data-testid=run]' },
      answers: () =>
        runHandlers({
          summary: runSummary('running'),
          events: runEvents({ until: 1400 }),
          checkpoints: [{ name: 'step-1400', step: 1400, bytes: 24e6, file: '/c', newest: true }],
          others: {
            'cover-tiny-2': {
              summary: { ...runSummary('done'), run: 'cover-tiny-2' },
              events: runEvents({ until: 1200 }),
            },
          },
        }) as unknown as Answers,
      also: async (page) => {
        await page.getByTestId('compare-add').click();
        await page.getByText(names['cover-tiny-2']!).first().waitFor();
      },
    },
    evaluation: {
      ...{ view: 'evaluation', surface: evaluationHostSurface, ready: '[data-testid=confusion][data-cell]' },
      answers: () => ({
        'evaluationView/ready': () => ({
          summary: { ...runSummary('done'), run: 'cover-tiny-2' },
          heads: ['kinetics-mini', 'ssv2-mini'],
          others: [{ run: 'baseline-k', heads: ['kinetics-mini', 'ssv2-mini'] }],
          other: 'baseline-k',
        }),
        'evaluationView/head': ({ head }: { head: string }) => shownOf(ofHead(head)),
        'evaluationView/curves': ({ classes }: { classes: number[] }) =>
          classes.map((index) => ({
            class: index,
            averagePrecision: 0.8,
            curve: [
              [0, 1],
              [1, 0.4],
            ],
          })),
        'evaluationView/missing': () => [],
        'evaluationView/cell': ({ head, offset, limit }: { head: string; offset: number; limit: number }) =>
          shown(cellOf(ofHead(head), 0, 0, offset, limit, ['clip.mp4', 'clip.png'])),
        'evaluationView/compare': ({ head, other }: { head: string; other: string }) =>
          comparisonOf(ofHead(head), other),
        'evaluationView/changed': ({ head, offset, limit }: { head: string; offset: number; limit: number }) => {
          const samples = shown(cellOf(ofHead(head), 0, 0, offset, limit, ['clip.mp4', 'clip.png']));
          return {
            total: samples.length,
            samples: samples.map((each) => ({ ...each, other: { label: 'bowling', probability: 0.4 } })),
          };
        },
      }),
      also: async (page) => {
        await page.getByTestId('list-fixed').click();
        await page.getByTestId('sample').first().waitFor();
      },
    },
    clip: {
      ...{ view: 'clip', surface: clipHostSurface, ready: '[data-testid=video]' },
      answers: () => ({
        'clipView/ready': () => ({
          ...{
            file: join(site.media.folder, 'clip.mp4'),
            path: 'clips/kinetics-mini/archery/riding a bike.mp4',
            url: site.harness.mediaUrl('clip.mp4'),
          },
          ...{ kind: 'video', size: 1000, start: null, end: null, run: 'cover-tiny-2' },
          truth: { dataset: 'kinetics-mini', label: 'riding a bike', split: 'val' },
        }),
        'clipView/sample': () => ({
          truth: { dataset: 'kinetics-mini', label: 'riding a bike', split: 'val' },
          ...{ excluded: false, tags: ['to-check'], position: 3, samples: 98, hasPrevious: true, hasNext: true },
        }),
        'clipView/predict': () => ({
          run: 'cover-tiny-2',
          protocol: '1 clip × 1 crop, 8 frames uniform, 64 × 64',
          heads,
        }),
        'clipView/seen': () => ({ run: 'cover-tiny-2', times: seconds, rate: 25, crops: 1 }),
        'clipView/attention': () => attentionOf(seconds),
        'clipView/timeline': pagesOf(timelineOf(8)) as never,
        'clipView/runs': () => [
          { run: 'cover-tiny-2', detail: 'k 71.2' },
          { run: 'baseline-k', detail: 'k 66.0' },
        ],
      }),
      also: async (page) => void (await page.getByTestId(`head-${names['kinetics-mini']}`).waitFor()),
    },
    dataset: {
      ...{ view: 'dataset', surface: datasetHostSurface, ready: '[data-testid=sample]' },
      answers: () => ({
        'datasetView/ready': () => snapshotOf(made),
        'datasetView/samples': (asked: { predictions?: object; offset: number; limit: number }) =>
          samplesOf(made, {}, asked.predictions !== undefined, urlOf, asked),
        'datasetView/facets': ({ filters, predictions }: never) => facetsOf(made, filters, predictions !== undefined),
      }),
      also: async (page) => {
        await page.getByTestId('predictions').click();
        await page.getByTestId('predictions').getByRole('option').nth(1).click();
        await page.getByText('✓').first().waitFor();
      },
    },
    train: {
      ...{ view: 'train', surface: trainHostSurface, ready: '[data-testid=train]' },
      answers: () => ({
        'trainView/ready': () => ({ draft: { edits: [], flips: {} }, isWanted: false }),
        'trainView/plan': ({ draft }: { draft: object }, signal: AbortSignal) =>
          planTraining({ workspace, draft: { device: 'cpu', ...lengthened(draft) } as never, signal, available: 24e9 }),
        'trainView/devices': () => [{ id: 'cpu', name: 'AMD EPYC 7B13', available: true, detail: '2 threads' }],
      }),
      also: async (page) => void (await page.getByText(names['kinetics-mini']!).first().waitFor()),
    },
    study: {
      ...{ view: 'study', surface: studyHostSurface, ready: '[data-testid=study]' },
      answers: () => ({ 'studyView/ready': () => studyOf() }),
    },
  };

  for (const [name, { view, surface, answers, ready, also }] of Object.entries(pages))
    test.each(name === 'evaluation' ? [700, 900, 1280] : [700])(`${name} at %i px`, async (width) => {
      const opened = await site.harness.open({ view, surface, handlers: withLongNames(answers()), width, height: 900 });
      const { page } = opened;
      await page.locator(ready).first().waitFor();
      await also?.(page);
      await opened.shot(`long-${name}-${width}`);
      expect(await page.evaluate(broken)).toEqual([]);
      if (name === 'evaluation') {
        const title = page.locator('.title-line').first();
        await eventually(() => title.locator('[title]').first().getAttribute('title')).toContain(names['cover-tiny-2']);
        const { height } = (await title.boundingBox())!;
        expect(height).toBeLessThan(width >= 900 ? 48 : 76); // one line; two where name and controls find no place in one
      }
      expect(opened.complaints).toEqual([]);
      await page.close();
    });
});

/** What leaves the page, or is cut without saying in full what it is. Runs in the page. */
function broken(): string[] {
  const found: string[] = [];
  const told = (element: Element) =>
    `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} ${(element.textContent ?? '').slice(0, 30)}`;
  const scrolls = (element: Element) => {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement)
      if (getComputedStyle(at).overflowX !== 'visible') return true;
    return false;
  };
  if (document.documentElement.scrollWidth > innerWidth)
    found.push(`the page scrolls: ${document.documentElement.scrollWidth}`);
  for (const element of document.querySelectorAll('#root *')) {
    const box = element.getBoundingClientRect();
    if (box.width > 0 && box.right > innerWidth + 1 && !scrolls(element))
      found.push(`leaves the page: ${told(element)}`);
    const { textOverflow } = getComputedStyle(element);
    if (
      textOverflow === 'ellipsis' &&
      element.scrollWidth > element.clientWidth + 1 &&
      !element.closest('[title]') &&
      !element.querySelector('[title]')
    )
      found.push(`cut without a title: ${told(element)}`);
  }
  return found;
}
