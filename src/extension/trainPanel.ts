// The Train page's host: says what a draft comes to, measures it, starts it, saves it, and writes it down as a command.
import { commands, Uri, type WebviewPanel, window, workspace } from 'vscode';
import { UserError } from '../base/errors.ts';
import { baseName } from '../base/format.ts';
import { asLabel } from '../base/shownText.ts';
import type { Draft, TrainPlan } from '../protocol/trainPlan.ts';
import { copyCli } from './copyCli.ts';
import { trainArguments } from './draftArguments.ts';
import type { Indexing } from './indexing.ts';
import { notifiedJob } from './notifiedJob.ts';
import type { Runners } from './runners.ts';
import { SavedChanges } from './savedChanges.ts';
import type { StatusBar } from './statusBar.ts';
import type { TrainCommand } from './trainCommand.ts';
import { type PanelKind, servePanel } from './webviewPanel.ts';
import { configUri } from './workspaceFolder.ts';

export interface TrainSubject {
  workspace: string;
  /** Shown in place of what the page remembers. */
  draft?: Draft;
}

export interface TrainPanelNeeds {
  runners: Runners;
  indexing: Indexing;
  train: TrainCommand;
  status: StatusBar;
}

export function trainPanelKind(needs: TrainPanelNeeds): PanelKind<TrainSubject> {
  const shown = new WeakMap<WebviewPanel, (draft: Draft) => void>();
  return {
    viewType: 'cover.train',
    icon: 'train.svg',
    identity: ({ workspace }) => [workspace],
    title: () => 'Train CoVeR',
    roots: async () => [],
    fill: (panel, subject, become) => fill(panel, subject, needs, (show) => shown.set(panel, show), become),
    again: (panel, { draft }) => draft && shown.get(panel)?.(draft),
  };
}

async function fill(
  panel: WebviewPanel,
  { workspace: folder, draft: given }: TrainSubject,
  { runners, indexing, train, status }: TrainPanelNeeds,
  shows: (show: (draft: Draft) => void) => void,
  become?: (next: TrainSubject) => void,
): Promise<() => void> {
  const { trainHostSurface } = await import('../protocol/trainView.ts');
  const saved = new SavedChanges();
  /** What the page is told once it asked: before that it does not listen. */
  let wanted = given;
  let isListening = false;
  const plan = async (draft: Draft, signal?: AbortSignal): Promise<TrainPlan> => {
    await indexing.datasets(); // the first time of all, they are indexed first
    return runners.ask('train/plan', { workspace: folder, draft }, signal);
  };
  const endpoint = servePanel(panel, trainHostSurface, {
    'trainView/ready': async () => {
      const draft = wanted;
      wanted = undefined;
      isListening = true;
      if (draft) become?.({ workspace: folder }); // the page remembers it from now on
      return { draft: draft ?? startingDraft(), isWanted: draft !== undefined };
    },
    'trainView/plan': ({ draft }, signal) => plan(draft, signal),
    'trainView/devices': async () => {
      const devices = await runners.ask('devices/list', {});
      status.devices(devices);
      return devices;
    },
    'trainView/measure': ({ draft }, signal) =>
      notifiedJob(runners, { title: 'CoVeR: measuring steps', name: 'measuring' }, (runner, cancel) =>
        runner.endpoint.request('train/measure', { workspace: folder, draft }, AbortSignal.any([signal, cancel])),
      ),
    'trainView/start': async ({ draft }) => ({ started: await train.start({ workspace: folder, draft }) }),
    'trainView/save': async ({ draft, name }) => {
      const { name: given, files } = await runners.ask('train/save', { workspace: folder, draft, name });
      saved.keep(files);
      const file = files.at(-1)?.file ?? configUri(folder).fsPath;
      return { name: given, file: baseName(file), changes: files.length };
    },
    'trainView/showSaved': async () => {
      await saved.show();
      return {};
    },
    'trainView/openConfig': async ({ file }) => {
      await window.showTextDocument(file === null ? configUri(folder) : Uri.file(file));
      return {};
    },
    'trainView/copyCli': async ({ draft }, signal) => {
      const words = trainArguments(draft, await plan(draft, signal));
      if (words === undefined)
        throw new UserError(
          'not-saved',
          'A command can name an experiment, but not settings that are nowhere written. Save to cover.json first, then copy.',
        );
      await copyCli(words);
      return {};
    },
    'trainView/pickWeights': async () => ({ weights: (await pickWeights(runners, folder)) ?? null }),
    'trainView/addDataset': async () => {
      await commands.executeCommand('cover.addDataset');
      return {};
    },
  });
  shows((draft) => {
    if (isListening) endpoint.notify('trainView/show', { draft });
    else wanted = draft;
  });
  const subscriptions = [indexing.onUpdated(() => endpoint.notify('trainView/changed', {})), saved];
  return () => {
    for (const subscription of subscriptions) subscription.dispose();
  };
}

function startingDraft(): Draft {
  const device = workspace.getConfiguration('cover').get<string>('device', 'experiment');
  return { edits: [], flips: {}, ...(device !== 'experiment' && { device }) };
}

/** Weights to start from, as cover.json names them. */
async function pickWeights(runners: Runners, folder: string): Promise<string | undefined> {
  const runs = (await runners.ask('runs/list', { workspace: folder })).filter(({ step }) => step > 0);
  // A dialog for either would be one for folders on Windows and Linux.
  const file = { run: '', label: '$(file) A file…', description: 'safetensors' };
  const files = { run: '', label: '$(folder) A folder…', description: 'safetensors and what belongs to them' };
  const hub = { run: '', label: '$(cloud-download) A model on the Hugging Face Hub…', description: 'hf:owner/name' };
  const rows = runs
    .toSorted((a, b) => b.started.localeCompare(a.started))
    .map(({ run, state, step, steps }) => ({
      run,
      label: asLabel(run),
      description: `${state}, step ${step} of ${steps}`,
    }));
  const picked = await window.showQuickPick([file, files, hub, ...rows], { title: 'Train CoVeR: start from' });
  if (picked === hub) {
    const id = await window.showInputBox({
      title: 'A model on the Hugging Face Hub',
      prompt: 'owner/name, or owner/name@revision. It is fetched when the training starts.',
      placeHolder: 'facebook/timesformer-base-finetuned-k400',
      validateInput: (text) =>
        /^(hf:)?[\w.-]+\/[\w.-]+(@[\w./-]+)?$/.test(text) ? undefined : 'Write it as owner/name.',
    });
    return id && (id.startsWith('hf:') ? id : `hf:${id}`);
  }
  if (picked === file || picked === files) {
    const chosen = await window.showOpenDialog({
      openLabel: 'Start from These Weights',
      ...(picked === file
        ? { filters: { Weights: ['safetensors'] } }
        : { canSelectFolders: true, canSelectFiles: false }),
    });
    return chosen?.[0]?.fsPath;
  }
  return picked && `run:${picked.run}`;
}
