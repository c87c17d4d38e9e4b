// The evaluation view's host over a stand-in for the editor: what it shows of samples, and what it does once only.
import { expect, test } from 'vitest';
import type { JudgedSample } from '../../src/protocol/evaluation.ts';
import { evaluationHostSurface } from '../../src/protocol/evaluationView.ts';
import { loadWithEditor } from './editorStandIn.ts';
import { panelStandIn } from './panelStandIn.ts';

interface Kind {
  fill(panel: object, subject: object, become?: (next: object) => void): Promise<() => void>;
}

const sample = { id: 'g/20', dataset: 'g', split: 'val', label: 'Stop Sign', start: null, end: null };
const frames = { pattern: '%05d.jpg', first: 1, count: 37 };
const judged: JudgedSample[] = [
  { ...sample, file: '/g/20', kind: 'video' as const, frames },
  { ...sample, file: '/g/a.mp4', kind: 'video' as const },
].map((each) => ({ sample: each, predicted: 'Stop Sign', probability: 1, heads: {} }));
const summary = {
  ...{ run: 'r-1', folder: '/w/.cover/runs/r-1', experiment: 'e', state: 'done', error: null, step: 1, steps: 1 },
  ...{ started: '2026-01-01', device: 'cpu', heads: { g: { top1: 1, top5: 1, samples: 2, missing: 0, classes: 2 } } },
};
const answers: Record<string, unknown> = {
  'runs/get': { summary },
  'runs/list': [summary, { ...summary, run: 'r-2' }],
  'evaluation/cell': judged,
  'curation/tagsOf': [],
};

async function open(subject: object, become?: (next: object) => void) {
  const { module } = await loadWithEditor<{ evaluationPanelKind(services: object): Kind }>(
    'src/extension/evaluationPanel.ts',
  );
  const silent = () => ({ dispose: () => {} });
  const services = {
    runners: { ask: async (method: string) => answers[method] },
    ...{ jobs: { onEnd: silent }, evaluate: { onJudged: silent } },
    ...{ curation: { onEdited: silent }, indexing: { onUpdated: silent } },
  };
  const { panel, page } = panelStandIn(evaluationHostSurface);
  await module.evaluationPanelKind(services).fill(panel, { workspace: '/w', run: 'r-1', ...subject }, become);
  return page;
}

test('of a folder of frames one in the middle is shown, and the clip opens with its frames', async () => {
  const page = await open({});
  const found = await page.request('evaluationView/cell', { head: 'g', offset: 0, limit: 9 });
  expect(found.map(({ poster, url }) => [poster, url])).toEqual([
    [{ file: '/g/20/00019.jpg', kind: 'image' }, 'file:///g/20/00019.jpg'],
    [{ file: '/g/a.mp4', kind: 'video' }, 'file:///g/a.mp4'],
  ]);
  expect(found[0]!.judged.sample).toEqual(judged[0]!.sample);
});

test('what the page was opened with is asked for once, and not again after a reload of the window', async () => {
  const remembered: object[] = [];
  const page = await open({ head: 'g', other: 'r-2' }, (next) => remembered.push(next));
  expect(remembered).toEqual([]);
  expect(await page.request('evaluationView/ready', {})).toMatchObject({ head: 'g', other: 'r-2' });
  expect(remembered).toEqual([{ workspace: '/w', run: 'r-1' }]);
  const again = await page.request('evaluationView/ready', {});
  expect([again.head, again.other, remembered.length]).toEqual([undefined, undefined, 1]);
});
