// Panels that are asked for again: what they are to show is told to the page when it asks what there is, since before that it does not
// listen, and later at once; and it is told once, so that after a reload of the window the page is as the person left it.
import { expect, test } from 'vitest';
import { datasetHostSurface } from '../../src/protocol/datasetView.ts';
import { evaluationHostSurface } from '../../src/protocol/evaluationView.ts';
import type { Surface } from '../../src/protocol/surface.ts';
import { trainHostSurface } from '../../src/protocol/trainView.ts';
import { loadWithEditor } from './editorStandIn.ts';
import { panelStandIn } from './panelStandIn.ts';

interface Kind {
  fill(panel: object, subject: object, become?: (next: object) => void): Promise<() => void>;
  again(panel: object, subject: object): void;
}

const summary = {
  ...{ run: 'r-1', folder: '/w/.cover/runs/r-1', experiment: 'e', state: 'done', error: null, step: 1, steps: 1 },
  ...{ started: '2026-01-01', device: 'cpu', heads: {} },
};
const answers: Record<string, unknown> = {
  'runs/get': { summary },
  'runs/list': [summary],
  'index/datasets': [{ name: 'd', kind: 'image' }],
};
const silent = () => ({ dispose: () => {} });
const services = {
  runners: { ask: async (method: string) => answers[method] },
  jobs: { onEnd: silent },
  evaluate: { onJudged: silent },
  curation: { onEdited: silent },
  indexing: { onUpdated: silent },
};
const draft = (experiment: string) => ({ experiment, edits: [], flips: {} });
const labels = (...names: string[]) => ({ filters: { labels: names } });

test.each<[string, Surface, string, object[]]>([
  [
    'evaluation',
    evaluationHostSurface,
    'changed',
    [{ head: 'a', other: 'r-2' }, { head: 'b' }, { head: 'b', other: 'r-2' }, { head: 'c' }],
  ],
  ['dataset', datasetHostSurface, 'show', [labels('a'), labels('b'), labels('b'), labels('c')]],
  [
    'train',
    trainHostSurface,
    'show',
    [{ draft: draft('a') }, { draft: draft('b') }, { draft: draft('b') }, { draft: draft('c') }],
  ],
])('%s', async (name, surface, tells, [first, second, expected, third]) => {
  const { module } = await loadWithEditor<Record<string, (needs: object) => Kind>>(`src/extension/${name}Panel.ts`);
  const told: unknown[] = [];
  const { panel, page } = panelStandIn(surface, { [`${name}View/${tells}`]: (params) => told.push(params) });
  const kind = module[`${name}PanelKind`]!(services);
  const subject = { workspace: '/w', run: 'r-1', dataset: 'd' };
  await kind.fill(panel, { ...subject, ...first }, () => {});
  kind.again(panel, { ...subject, ...second });
  expect(told).toEqual([]);
  expect(await page.request(`${name}View/ready`, {})).toMatchObject(expected!);
  expect(await page.request(`${name}View/ready`, {})).not.toMatchObject(expected!);
  kind.again(panel, { ...subject, ...third });
  expect(told).toEqual([third]);
});
