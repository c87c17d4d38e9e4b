// The evaluation view's host: a run's heads, their evaluations and the samples of a cell, each with an address that the
// view may load its file from.
import { dirname, extname } from 'node:path';
import { commands, Uri, type WebviewPanel } from 'vscode';
import type { EvaluationHostSurface } from '../protocol/evaluationView.ts';
import type { EvaluateCommand } from './evaluateCommand.ts';
import type { Jobs } from './jobs.ts';
import type { Runners } from './runners.ts';
import { type PanelEndpoint, type PanelKind, servePanel } from './webviewPanel.ts';

export interface EvaluationSubject {
  workspace: string;
  run: string;
  /** The head to show first. */
  head?: string;
}

export function evaluationPanelKind(
  runners: Runners,
  jobs: Jobs,
  evaluate: EvaluateCommand,
): PanelKind<EvaluationSubject> {
  const endpoints = new WeakMap<WebviewPanel, PanelEndpoint<EvaluationHostSurface>>();
  return {
    viewType: 'cover.evaluation',
    icon: 'evaluation.svg',
    title: ({ run }) => `${run}: evaluation`,
    roots: ({ workspace }) => datasetFolders(runners, workspace),
    fill: async (panel, subject) => {
      const { endpoint, release } = await fill(panel, subject, runners, jobs, evaluate);
      endpoints.set(panel, endpoint);
      return release;
    },
    again: (panel, { head }) => {
      if (head !== undefined) endpoints.get(panel)?.notify('evaluationView/changed', { head });
    },
  };
}

/** The workspace and every folder that its datasets lie in: what the pictures and clips of a cell are read from. */
export async function datasetFolders(runners: Runners, workspace: string): Promise<string[]> {
  const datasets = await runners.ask('index/datasets', { workspace });
  // A dataset whose path is a file is a manifest: its clips lie beside or below it.
  return [workspace, ...datasets.map(({ path }) => (extname(path) === '' ? path : dirname(path)))];
}

async function fill(
  panel: WebviewPanel,
  subject: EvaluationSubject,
  runners: Runners,
  jobs: Jobs,
  evaluate: EvaluateCommand,
) {
  const { evaluationHostSurface } = await import('../protocol/evaluationView.ts');
  const { workspace, run } = subject;
  let first = subject.head;
  const endpoint = servePanel(panel, evaluationHostSurface, {
    'evaluationView/ready': async (_, signal) => {
      const { summary } = await runners.ask('runs/get', { workspace, run }, signal);
      const head = first;
      first = undefined; // asked for once; later the view knows best where the person is
      return { summary, heads: Object.keys(summary.heads), ...(head !== undefined && { head }) };
    },
    'evaluationView/head': ({ head }, signal) => runners.ask('evaluation/get', { workspace, run, head }, signal),
    'evaluationView/cell': async (cell, signal) => {
      const samples = await runners.ask('evaluation/cell', { workspace, run, ...cell }, signal);
      return samples.map((judged) => ({
        judged,
        url: panel.webview.asWebviewUri(Uri.file(judged.sample.file)).toString(),
      }));
    },
    'evaluationView/openClip': async ({ sample }) => {
      await commands.executeCommand('cover.showPredictions', { type: 'sample', sample, run });
      return {};
    },
  });
  const changed = (name: string | undefined) => {
    if (name === run) endpoint.notify('evaluationView/changed', {});
  };
  const subscriptions = [jobs.onEnd(({ job }) => changed(job.run)), evaluate.onJudged(changed)];
  const release = () => {
    for (const subscription of subscriptions) subscription.dispose();
  };
  return { endpoint, release };
}
