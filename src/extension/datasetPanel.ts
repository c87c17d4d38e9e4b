// The dataset page's host: one dataset of the index, its samples with addresses that the page may load, and what can be done
// with them. Which samples and which counts, the runner answers.
import { commands, type WebviewPanel } from 'vscode';
import type { PredictionsOf, SampleFilters } from '../protocol/datasetQueries.ts';
import type { DatasetSnapshot } from '../protocol/datasetView.ts';
import { copyCli } from './copyCli.ts';
import type { Curation } from './curation.ts';
import type { EvaluateCommand } from './evaluateCommand.ts';
import type { Indexing } from './indexing.ts';
import type { Jobs } from './jobs.ts';
import { pageHandlers } from './pageServices.ts';
import { posterOf } from './posters.ts';
import type { Runners } from './runners.ts';
import { allowFolders, type PanelKind, servePanel } from './webviewPanel.ts';

export interface DatasetSubject extends Wanted {
  workspace: string;
  dataset: string;
}

/** To begin with. */
interface Wanted {
  filters?: SampleFilters;
  predictions?: PredictionsOf;
}

export interface DatasetPanelParts {
  runners: Runners;
  indexing: Indexing;
  jobs: Jobs;
  evaluate: EvaluateCommand;
  curation: Curation;
}

export function datasetPanelKind(parts: DatasetPanelParts): PanelKind<DatasetSubject> {
  const shown = new WeakMap<WebviewPanel, (wanted: Wanted) => void>();
  return {
    viewType: 'cover.dataset',
    icon: 'dataset.svg',
    identity: ({ workspace, dataset }) => [workspace, dataset],
    title: ({ dataset }) => dataset,
    roots: ({ workspace, dataset }) => parts.runners.ask('dataset/folders', { workspace, dataset }),
    fill: async (panel, subject) => {
      const { show, release } = await fill(panel, subject, parts);
      shown.set(panel, show);
      return release;
    },
    again: (panel, { filters, predictions }) => {
      if (filters || predictions)
        shown.get(panel)?.({ ...(filters && { filters }), ...(predictions && { predictions }) });
    },
  };
}

async function fill(panel: WebviewPanel, subject: DatasetSubject, parts: DatasetPanelParts) {
  const { datasetHostSurface } = await import('../protocol/datasetView.ts');
  const { runners, indexing, jobs, evaluate, curation } = parts;
  const { workspace, dataset } = subject;
  /** Until the page was told: before that it does not listen. */
  let first: Wanted | undefined = subject;
  const endpoint = servePanel(panel, datasetHostSurface, {
    'datasetView/ready': async (_, signal) => {
      const snapshot = await snapshotOf(runners, workspace, dataset, signal);
      const begin = first;
      first = undefined; // asked for once; later the page knows best where the person is
      return {
        ...snapshot,
        ...(begin?.filters && { filters: begin.filters }),
        ...(begin?.predictions && { predictions: begin.predictions }),
      };
    },
    'datasetView/samples': async (page, signal) => {
      const { total, samples } = await runners.ask('dataset/samples', { workspace, dataset, ...page }, signal);
      return { total, samples: samples.map((sample) => ({ ...sample, ...posterOf(panel, sample) })) };
    },
    'datasetView/facets': (query, signal) => runners.ask('dataset/facets', { workspace, dataset, ...query }, signal),
    'datasetView/ids': (page, signal) => runners.ask('dataset/ids', { workspace, dataset, ...page }, signal),
    'datasetView/open': async ({ sample, run }) => {
      await commands.executeCommand('cover.showPredictions', {
        type: 'sample',
        sample,
        ...(run !== undefined && { run }),
      });
      return {};
    },
    'datasetView/edit': async ({ action, ids }) => {
      await curation[action](workspace, ids);
      return {};
    },
    'datasetView/run': async ({ command }) => {
      if (command === 'copyProbe') await copyCli(['index', '--probe']);
      else if (command === 'copyDuplicates') await copyCli(['duplicates']);
      else await commands.executeCommand(shownCommands[command]);
      return {};
    },
    ...pageHandlers(),
  });
  const show = (wanted: Wanted) => {
    if (first) first = wanted;
    else endpoint.notify('datasetView/show', wanted);
  };
  const changed = () => endpoint.notify('datasetView/changed', {});
  const followed = () => {
    changed();
    void runners
      .ask('dataset/folders', { workspace, dataset })
      .then((folders) => allowFolders(panel, folders))
      .catch(() => undefined); // its pictures are missing then
  };
  const subscriptions = [indexing.onUpdated(followed), jobs.onEnd(changed), evaluate.onJudged(changed)];
  const release = () => {
    for (const subscription of subscriptions) subscription.dispose();
  };
  return { show, release };
}

const shownCommands = {
  probe: 'cover.probeFiles',
  findDuplicates: 'cover.findDuplicates',
  problems: 'workbench.actions.view.problems',
} as const;

async function snapshotOf(
  runners: Runners,
  workspace: string,
  name: string,
  signal: AbortSignal,
): Promise<DatasetSnapshot> {
  const [datasets, runs] = await Promise.all([
    runners.ask('index/datasets', { workspace }, signal),
    runners.ask('runs/list', { workspace }, signal),
  ]);
  const dataset = datasets.find((one) => one.name === name);
  if (!dataset) {
    const { UserError } = await import('../base/errors.ts');
    throw new UserError('no-dataset', `The index has no dataset "${name}" any more. It may have been renamed.`);
  }
  const choices = runs
    .filter(({ heads }) => Object.hasOwn(heads, name))
    .map(({ run, heads, protocol }) => ({
      run,
      heads: [name, ...Object.keys(heads).filter((head) => head !== name)],
      ...(protocol !== undefined && { protocol }),
    }));
  return { dataset, choices };
}
