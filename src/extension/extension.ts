// Composes the extension: builds the services and registers the features. It starts no process and loads no native
// code; the first runner starts with the first question, after the workspace was trusted.
import { type ExtensionContext, type TreeView, window, workspace } from 'vscode';
import { messageOf, UserError } from '../base/errors.ts';
import { AddDataset } from './addDataset.ts';
import { registerClipEditor } from './clipEditor.ts';
import { clipPanelKind } from './clipPanel.ts';
import { registerCommands } from './commands.ts';
import { registerCreateSamples } from './createSamples.ts';
import { Curation } from './curation.ts';
import { registerDatasetPage } from './datasetCommand.ts';
import { DatasetWatch } from './datasetWatch.ts';
import { Diagnostics } from './diagnostics.ts';
import { DuplicatesCommand } from './duplicatesCommand.ts';
import { EvaluateCommand } from './evaluateCommand.ts';
import { registerEvaluations } from './evaluationCommands.ts';
import { evaluationPanelKind } from './evaluationPanel.ts';
import { Explorer } from './explorer.ts';
import { tellFoundEnds } from './foundEnds.ts';
import { Indexing } from './indexing.ts';
import { registerInlinePredictions } from './inlinePredictions.ts';
import { Jobs } from './jobs.ts';
import { Messages } from './messages.ts';
import { RunActions } from './runActions.ts';
import { registerRunCommands } from './runCommands.ts';
import { describeExit } from './runnerExit.ts';
import { Runners } from './runners.ts';
import { runPanelKind } from './runPanel.ts';
import { RunsTree } from './runsTree.ts';
import { StatusBar } from './statusBar.ts';
import { registerStudies } from './studyPanel.ts';
import { type Opener, TrainCommand } from './trainCommand.ts';
import { registerTrainCommands } from './trainCommands.ts';
import { trainPanelKind } from './trainPanel.ts';
import { watchFiles } from './watchFiles.ts';
import { Panels } from './webviewPanel.ts';
import { findWorkspace } from './workspaceFolder.ts';

let runners: Runners | undefined;

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('CoVeR', { log: true });
  const messages = new Messages(log);
  const failed = (error: unknown) => void messages.failed(error);

  const started = new Runners({
    script: context.asAbsolutePath('dist/runner.js'),
    env: runnerEnvironment,
    isTrusted: () => workspace.isTrusted,
    log: (line) => log.info(line),
    onEvent: (event) => indexing.hear(event),
    onUnexpectedExit: async (exit) => {
      const restart = 'Restart';
      if ((await messages.failed(new UserError('runner-ended', describeExit(exit)), restart)) === restart) refresh();
    },
  });
  runners = started;

  const indexing = new Indexing(started, 'cover.datasets');
  const jobs = new Jobs(started, {
    keeps: keepsJobs,
    log: (line) => log.warn(line),
    failed: (error) => void messages.guard(() => Promise.reject(error)),
  });
  const runs = new RunsTree(
    started,
    jobs,
    () => runsView.visible,
    (line) => say(runsView, line),
  );
  const runsView: TreeView<unknown> = window.createTreeView('cover.runs', { treeDataProvider: runs });
  const diagnostics = new Diagnostics(context, started, indexing, messages);

  const evaluate = new EvaluateCommand(started, messages);
  const duplicates = new DuplicatesCommand(started, messages, (folder) => diagnostics.showIndexProblems(folder));
  const actions = new RunActions(started, jobs, messages);
  const runPanels = new Panels(context, runPanelKind({ runners: started, jobs, evaluate, actions, messages }), failed);
  const curation = new Curation(started, indexing);
  const clipKind = clipPanelKind({ runners: started, jobs, curation });
  const clipPanels = new Panels(context, clipKind, failed);
  const evaluationPanels = new Panels(
    context,
    evaluationPanelKind({ runners: started, indexing, jobs, evaluate, curation }),
    failed,
  );
  const addDataset = new AddDataset(started, indexing);
  const explorer = new Explorer({ runners: started, indexing, curation, addDataset, messages, clipPanels });
  const status = new StatusBar(jobs);
  const opener: Opener = {
    run: (folder: string, run: string) => runPanels.show({ workspace: folder, run }),
    evaluation: (folder: string, run: string) => evaluationPanels.show({ workspace: folder, run }),
    train: (folder, draft) => trainPanels.show({ workspace: folder, ...(draft && { draft }) }),
    devices: (devices) => status.devices(devices),
  };
  const train = new TrainCommand(started, jobs, indexing, addDataset, context.workspaceState, opener, messages);
  const trainPanels = new Panels(context, trainPanelKind({ runners: started, indexing, train, status }), failed);
  const features = {
    runners: started,
    jobs,
    indexing,
    messages,
    train,
    evaluate,
    duplicates,
    addDataset,
    curation,
    datasets: explorer.tree,
    runs,
    actions,
  };

  const configChanged = async () => {
    void diagnostics.check();
    try {
      await indexing.update(); // whatever else is wrong in it: what the index needs of it, the runner knows
    } catch (error) {
      log.warn(`Indexing failed: ${messageOf(error)}`);
      indexing.changed(); // what is shown beside the index is read anew: it may say what is wrong
    }
  };
  const look = () => {
    const folder = findWorkspace();
    if (folder !== undefined && workspace.isTrusted) jobs.lookTwice(folder);
  };
  const runsChanged = () => {
    runs.refresh();
    look();
  };
  const refresh = () => {
    look();
    void explorer.refresh();
    runs.refresh();
    status.draw();
    void diagnostics.check();
  };
  context.subscriptions.push(
    log,
    jobs,
    evaluate,
    indexing,
    curation,
    runs,
    explorer,
    runsView,
    registerCreateSamples(started, messages),
    registerClipEditor(context.extensionUri, clipKind),
    registerInlinePredictions(context, { runners: started, jobs, indexing, curation, messages }),
    registerDatasetPage(context, { runners: started, indexing, jobs, evaluate, curation }, messages),
    new DatasetWatch(started, indexing, (line) => log.info(line)),
    watchFiles({ configChanged: () => void configChanged(), runsChanged: () => runsChanged() }),
    ...registerCommands({ ...features, runPanels, evaluationPanels, clipPanels }),
    ...registerTrainCommands({ train, panels: trainPanels, messages, state: context.workspaceState }),
    status,
    registerStudies(context, { runners: started, jobs, messages, keeps: keepsJobs }),
    ...registerEvaluations(context, {
      runners: started,
      evaluate,
      messages,
      panels: evaluationPanels,
      runsChanged: () => runs.refresh(),
    }),
    ...registerRunCommands({ actions, panels: runPanels, runs, messages }),
    tellFoundEnds(jobs, messages),
    evaluate.onJudged(() => runs.refresh()),
    indexing.onUpdated(() => status.draw()),
    // A run that was resumed elsewhere meanwhile is seen when the person comes back.
    window.onDidChangeWindowState(({ focused, active }) => {
      if (focused && active) look();
    }),
    workspace.onDidGrantWorkspaceTrust(refresh),
    workspace.onDidChangeWorkspaceFolders(refresh),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('cover.ffmpegPath')) void started.restart();
    }),
  );
  void diagnostics.check();
  look();
}

function say(view: TreeView<unknown>, line: string | undefined): void {
  view.message = line ?? '';
}

/** Ends every process of this window but trainings, which go on or put their run down. The editor waits a few seconds for it. */
export async function deactivate(): Promise<void> {
  await runners?.dispose();
}

function keepsJobs(): boolean {
  return workspace.getConfiguration('cover').get<boolean>('keepJobsRunning', true);
}

function runnerEnvironment(): Record<string, string> {
  const ffmpeg = workspace.getConfiguration('cover').get<string>('ffmpegPath', '').trim();
  return ffmpeg === '' ? {} : { COVER_FFMPEG: ffmpeg };
}
