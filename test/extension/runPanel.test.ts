// The run view's host over a stand-in for the editor: what it does once only.
import { expect, test } from 'vitest';
import { runHostSurface } from '../../src/protocol/runView.ts';
import { loadWithEditor } from './editorStandIn.ts';
import { panelStandIn } from './panelStandIn.ts';

interface Kind {
  fill(panel: object, subject: object, become?: (next: object) => void): Promise<() => void>;
  again(panel: object, subject: object): void;
}

test('runs to compare with are told once the page listens, and not again after a reload of the window', async () => {
  const { module } = await loadWithEditor<{ runPanelKind(needs: object): Kind }>('src/extension/runPanel.ts');
  const summary = {
    ...{ run: 'r-1', folder: '/w/.cover/runs/r-1', experiment: 'e', state: 'done', error: null, step: 1, steps: 1 },
    ...{ started: '2026-01-01', device: 'cpu', heads: {} },
  };
  const silent = () => ({ dispose: () => {} });
  const needs = {
    runners: { ask: async () => ({ summary, events: [], cursor: {} }) },
    jobs: { onEvent: silent, onStopping: silent, onEnd: silent, ofRun: () => undefined },
    evaluate: { onJudged: silent },
  };
  const told: unknown[] = [];
  const remembered: object[] = [];
  const { panel, page } = panelStandIn(runHostSurface, { 'runView/compareWith': (params) => told.push(params) });
  const subject = { workspace: '/w', run: 'r-1', compareWith: 'r-2' };
  const kind = module.runPanelKind(needs);
  await kind.fill(panel, subject, (next) => remembered.push(next));
  kind.again(panel, { ...subject, compareWith: 'r-3' }); // of two that were picked the second
  expect([told, remembered]).toEqual([[], []]);
  await page.request('runView/ready', {});
  await page.request('runView/ready', {});
  expect([told, remembered]).toEqual([[{ run: 'r-2' }, { run: 'r-3' }], [{ workspace: '/w', run: 'r-1' }]]);
  kind.again(panel, { ...subject, compareWith: 'r-4' });
  expect(told.at(-1)).toEqual({ run: 'r-4' });
});
