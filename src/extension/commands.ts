// The commands, each a short way from what was clicked to what is shown. Longer ones have files of their own.
import { commands, type Disposable, Uri, window } from 'vscode';
import { UserError } from '../base/errors.ts';
import { asLabel } from '../base/shownText.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { RunSummary } from '../protocol/runs.ts';
import type { AddDataset } from './addDataset.ts';
import type { ClipSubject } from './clipPanel.ts';
import type { MoreNode, SampleNode } from './datasetNodes.ts';
import type { DatasetsTree } from './datasetsTree.ts';
import type { DuplicatesCommand } from './duplicatesCommand.ts';
import type { EvaluateCommand } from './evaluateCommand.ts';
import type { EvaluationSubject } from './evaluationPanel.ts';
import type { Indexing } from './indexing.ts';
import type { Jobs } from './jobs.ts';
import { fileKind, mediaFilter } from './mediaFiles.ts';
import type { Messages } from './messages.ts';
import type { RunActions } from './runActions.ts';
import type { Runners } from './runners.ts';
import type { RunSubject } from './runPanel.ts';
import { isResumable, isTraining, runRow } from './runRows.ts';
import type { RunsTree } from './runsTree.ts';
import { stopTraining } from './stopCommand.ts';
import type { TrainCommand } from './trainCommand.ts';
import type { Panels } from './webviewPanel.ts';
import { requireWorkspace } from './workspaceFolder.ts';

export interface Features {
  runners: Runners;
  jobs: Jobs;
  indexing: Indexing;
  messages: Messages;
  train: TrainCommand;
  evaluate: EvaluateCommand;
  duplicates: DuplicatesCommand;
  addDataset: AddDataset;
  datasets: DatasetsTree;
  runs: RunsTree;
  actions: RunActions;
  runPanels: Panels<RunSubject>;
  evaluationPanels: Panels<EvaluationSubject>;
  clipPanels: Panels<ClipSubject>;
}

/** What a command about a run is called with: a row of the tree, or its name from a view. */
type RunArgument = Pick<RunSummary, 'run'> | undefined;

export function registerCommands(features: Features): Disposable[] {
  const { runners, indexing, messages, train, addDataset, datasets, runs } = features;
  const handlers: Record<string, (...args: never[]) => Promise<unknown>> = {
    'cover.train': () => train.run(),
    'cover.addDataset': () => addDataset.run(),
    'cover.addFolder': (folder: Uri | undefined) => addDataset.run(folder),
    'cover.refreshIndex': () => indexing.update(),
    'cover.probeFiles': () => indexing.probe(),
    'cover.findDuplicates': () => features.duplicates.run(requireWorkspace()),
    'cover.refreshRuns': async () => runs.refresh(),
    'cover.showMore': async (node: MoreNode | undefined) => node && datasets.showMore(node),
    'cover.openRun': async (argument: RunArgument) => {
      const workspace = requireWorkspace();
      const run = argument?.run ?? (await pickRun(runners, workspace, isTraining));
      if (run !== undefined) await features.runPanels.show({ workspace, run });
    },
    'cover.openEvaluation': async (argument: RunArgument, head: unknown) => {
      const workspace = requireWorkspace();
      const run = argument?.run ?? (await pickRun(runners, workspace, judged));
      if (run === undefined) return;
      await features.evaluationPanels.show({ workspace, run, ...(typeof head === 'string' && { head }) });
    },
    'cover.evaluateRun': async (...clicked: [RunArgument?]) => {
      const workspace = requireWorkspace();
      const run = clicked[0]?.run ?? (await pickRun(runners, workspace, isEvaluable, lostItsRow(clicked)));
      if (run === undefined) return;
      await features.evaluate.run(workspace, run);
      await features.evaluationPanels.show({ workspace, run });
    },
    'cover.stopRun': async (argument: RunArgument) => {
      await stopTraining(features, argument);
      runs.refresh();
    },
    'cover.resumeRun': async (...clicked: [RunArgument?]) => {
      const workspace = requireWorkspace();
      const run = clicked[0]?.run ?? (await pickRun(runners, workspace, isStopped, lostItsRow(clicked)));
      if (run !== undefined) await train.resume(workspace, run);
    },
    'cover.showPredictions': async (argument: Uri | (SampleNode & { run?: string }) | undefined) => {
      const subject = argument instanceof Uri || argument === undefined ? await fileOf(argument) : ofSample(argument);
      if (subject) await features.clipPanels.show({ workspace: requireWorkspace(), ...subject });
    },
    'cover.showLog': async () => messages.log.show(),
  };
  return Object.entries(handlers).map(([id, handler]) =>
    commands.registerCommand(id, (...args: never[]) => messages.guard(() => handler(...args))),
  );
}

/** From the palette a command comes with no argument at all; from a row that was drawn anew while it was clicked, with none of its own. */
function lostItsRow(clicked: readonly unknown[]): boolean {
  return clicked.length > 0;
}

function isEvaluable(run: RunSummary): boolean {
  return isTraining(run) && run.state !== 'running';
}

function isStopped(run: RunSummary): boolean {
  return isTraining(run) && isResumable(run);
}

function judged(run: RunSummary): boolean {
  return Object.keys(run.heads).length > 0;
}

function ofSample(node: { sample: Sample; run?: string }): Omit<ClipSubject, 'workspace'> {
  return { file: node.sample.file, sample: node.sample, ...(node.run !== undefined && { run: node.run }) };
}

/** The file clicked, else the one in the active editor, else one picked. */
async function fileOf(clicked: Uri | undefined): Promise<{ file: string } | undefined> {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  const open = typeof input === 'object' && input !== null && 'uri' in input && input.uri instanceof Uri && input.uri;
  if (clicked) return { file: clicked.fsPath };
  if (open && fileKind(open.fsPath)) return { file: open.fsPath };
  const picked = await window.showOpenDialog({ filters: mediaFilter, openLabel: 'Show Predictions' });
  return picked?.[0] && { file: picked[0].fsPath };
}

/** The only one without asking, but where `always`: what is not undone with a click is not begun on a guess. */
async function pickRun(
  runners: Runners,
  workspace: string,
  suits: (run: RunSummary) => boolean,
  always = false,
): Promise<string | undefined> {
  const runs = (await runners.ask('runs/list', { workspace })).filter(suits);
  if (runs.length === 0) throw new UserError('no-run', 'There is no such run yet. Train CoVeR makes one.');
  if (runs.length === 1 && !always) return runs[0]?.run;
  const items = runs
    .toSorted((a, b) => b.started.localeCompare(a.started))
    .map((run) => ({ run: run.run, label: asLabel(run.run), description: asLabel(runRow(run).description) }));
  return (await window.showQuickPick(items, { title: 'Run', matchOnDescription: true }))?.run;
}
