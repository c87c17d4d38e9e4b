// The evaluation view's host: a run's heads, their evaluations, what they are compared with, and the samples of a cell, each with a
// picture that the view may load.
import { commands, workspace as editor, type WebviewPanel, window } from 'vscode';
import { messageOf, UserError } from '../base/errors.ts';
import { baseName } from '../base/format.ts';
import type { JudgedSample } from '../protocol/evaluation.ts';
import { copyCli } from './copyCli.ts';
import type { Curation } from './curation.ts';
import type { EvaluateCommand } from './evaluateCommand.ts';
import type { Indexing } from './indexing.ts';
import type { Jobs } from './jobs.ts';
import { pageHandlers } from './pageServices.ts';
import { posterOf } from './posters.ts';
import type { Runners } from './runners.ts';
import { allowFolders, type PanelKind, servePanel } from './webviewPanel.ts';

export interface EvaluationSubject extends Wanted {
  workspace: string;
  run: string;
}

interface Wanted {
  /** The head to show first. */
  head?: string;
  /** What to compare it with. */
  other?: string;
}

export interface EvaluationServices {
  runners: Runners;
  indexing: Indexing;
  jobs: Jobs;
  evaluate: EvaluateCommand;
  curation: Curation;
}

export function evaluationPanelKind(services: EvaluationServices): PanelKind<EvaluationSubject> {
  const shown = new WeakMap<WebviewPanel, (wanted: Wanted) => void>();
  return {
    viewType: 'cover.evaluation',
    icon: 'evaluation.svg',
    identity: ({ workspace, run }) => [workspace, run],
    title: ({ run }) => `${run}: evaluation`,
    roots: ({ workspace }) => datasetFolders(services.runners, workspace),
    fill: async (panel, subject, become) => {
      const { show, release } = await fill(panel, subject, services, become);
      shown.set(panel, show);
      return release;
    },
    again: (panel, { head, other }) => {
      if (head === undefined && other === undefined) return;
      shown.get(panel)?.({ ...(head !== undefined && { head }), ...(other !== undefined && { other }) });
    },
  };
}

/** Every folder that samples of the workspace lie in: what the pictures and clips of a cell are read from. */
export async function datasetFolders(runners: Runners, workspace: string): Promise<string[]> {
  const datasets = await runners.ask('index/datasets', { workspace });
  const folders = datasets.map(({ name }) => runners.ask('dataset/folders', { workspace, dataset: name }));
  return [...new Set((await Promise.all(folders)).flat())];
}

/** Files of class groups are small. */
const mostBytes = 8_000_000;

async function fill(
  panel: WebviewPanel,
  subject: EvaluationSubject,
  services: EvaluationServices,
  become?: (next: EvaluationSubject) => void,
) {
  const { evaluationHostSurface } = await import('../protocol/evaluationView.ts');
  const { runners, indexing, jobs, evaluate, curation } = services;
  const { workspace, run } = subject;
  /** What the page is to begin with, until it was told: before that it does not listen. */
  let first: Wanted | undefined = subject;
  const shown = async <J extends JudgedSample>(samples: readonly J[]) => {
    const ids = samples.map(({ sample }) => sample.id);
    // Samples without their tags are better than none.
    const tagged = await runners.ask('curation/tagsOf', { workspace, ids }).catch(() => []);
    const tags = new Map(tagged.map((each) => [each.id, each.tags]));
    return samples.map((judged) => ({
      judged,
      ...posterOf(panel, judged.sample),
      tags: tags.get(judged.sample.id) ?? [],
    }));
  };
  const endpoint = servePanel(panel, evaluationHostSurface, {
    ...pageHandlers(),
    'evaluationView/ready': async (_, signal) => {
      const { summary } = await runners.ask('runs/get', { workspace, run }, signal);
      const runs = await runners.ask('runs/list', { workspace }, signal);
      const { head, other } = first ?? {};
      // Asked for once; later, after a reload of the window too, the view knows best where the person is.
      if (head !== undefined || other !== undefined) become?.({ workspace, run });
      first = undefined;
      return {
        summary,
        heads: Object.keys(summary.heads),
        others: runs
          .filter((each) => each.run !== run && Object.keys(each.heads).length > 0)
          .map((each) => ({ run: each.run, heads: Object.keys(each.heads) })),
        ...(head !== undefined && { head }),
        ...(other !== undefined && { other }),
      };
    },
    'evaluationView/head': ({ head }, signal) => runners.ask('evaluation/head', { workspace, run, head }, signal),
    'evaluationView/curves': (wanted, signal) =>
      runners.ask('evaluation/curves', { workspace, run, ...wanted }, signal),
    'evaluationView/missing': ({ head }, signal) =>
      runners.ask('evaluation/missing', { workspace, run, head, limit: 100 }, signal),
    'evaluationView/cell': async (cell, signal) => {
      return shown(await runners.ask('evaluation/cell', { workspace, run, ...cell }, signal));
    },
    'evaluationView/compare': (pair, signal) => runners.ask('evaluation/compare', { workspace, run, ...pair }, signal),
    'evaluationView/changed': async (page, signal) => {
      const { total, samples } = await runners.ask('evaluation/changed', { workspace, run, ...page }, signal);
      const plain = await shown(samples.map(({ other: _, ...judged }) => judged));
      return { total, samples: plain.map((each, place) => ({ ...each, other: samples[place]!.other })) };
    },
    'evaluationView/differing': async (asked, signal) => {
      const { samples, ...counts } = await runners.ask('evaluation/differing', { workspace, run, ...asked }, signal);
      const plain = await shown(samples.map(({ other: _, change: __, wasRight: ___, ...judged }) => judged));
      const changeOf = ({ change, wasRight }: (typeof samples)[number]) => ({ change, wasRight });
      return {
        ...counts,
        samples: plain.map((each, i) => ({ ...each, other: samples[i]!.other, change: changeOf(samples[i]!) })),
      };
    },
    'evaluationView/pickGroups': async () => {
      const picked = await window.showOpenDialog({
        title: 'Which class belongs to which group',
        filters: { 'Lists of classes': ['csv', 'tsv', 'txt', 'json'] },
        openLabel: 'Group Classes',
      });
      const file = picked?.[0];
      if (!file) return null;
      try {
        const { size } = await editor.fs.stat(file);
        if (size > mostBytes) throw new UserError('bad-groups', `it has ${size} bytes`);
        return { name: baseName(file.fsPath), text: Buffer.from(await editor.fs.readFile(file)).toString('utf8') };
      } catch (error) {
        throw new UserError('bad-groups', `${file.fsPath} cannot be read: ${messageOf(error)}.`, file.fsPath);
      }
    },
    'evaluationView/exclude': async ({ ids }) => ({ edited: await curation.exclude(workspace, ids) }),
    'evaluationView/relabel': async ({ ids }) => ({ edited: await curation.relabel(workspace, ids) }),
    'evaluationView/tag': async ({ ids }) => ({ edited: await curation.tag(workspace, ids) }),
    'evaluationView/openClip': async ({ sample }) => {
      await commands.executeCommand('cover.showPredictions', { type: 'sample', sample, run });
      return {};
    },
    'evaluationView/saveReport': async () => {
      await commands.executeCommand('cover.saveReport', { run });
      return {};
    },
    'evaluationView/copyCli': async ({ other }) => {
      await copyCli(other === undefined ? ['report', run] : ['compare', other, run]);
      return {};
    },
  });
  const show = (wanted: Wanted) => {
    if (first) first = { ...first, ...wanted };
    else endpoint.notify('evaluationView/changed', wanted);
  };
  const changed = (name: string | undefined) => {
    if (name === run) endpoint.notify('evaluationView/changed', {});
  };
  /** Classes that came meanwhile may lie in folders of their own. */
  const followed = async () => allowFolders(panel, await datasetFolders(runners, workspace));
  const subscriptions = [
    jobs.onEnd(({ job }) => changed(job.run)),
    evaluate.onJudged(changed),
    curation.onEdited(({ folder }) => {
      if (folder === workspace) endpoint.notify('evaluationView/edited', {});
    }),
    indexing.onUpdated(() => void followed().catch(() => undefined)), // its pictures are missing then
  ];
  const release = () => {
    for (const subscription of subscriptions) subscription.dispose();
  };
  return { show, release };
}
