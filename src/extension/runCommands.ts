// The commands on rows of the Runs tree that the palette does not need: comparing, revealing, deleting, stopping at once.
import { commands, type Disposable, Uri } from 'vscode';
import type { RunSummary } from '../protocol/runs.ts';
import type { RunAction } from '../protocol/runView.ts';
import type { Messages } from './messages.ts';
import { reveal } from './reveal.ts';
import { registerRowCommand } from './rowCommand.ts';
import type { RunActions } from './runActions.ts';
import type { RunSubject } from './runPanel.ts';
import type { RunsTree } from './runsTree.ts';
import type { Panels } from './webviewPanel.ts';
import { requireWorkspace } from './workspaceFolder.ts';

export interface RunFeatures {
  actions: RunActions;
  panels: Panels<RunSubject>;
  runs: RunsTree;
  messages: Messages;
}

export function registerRunCommands({ actions, panels, runs, messages }: RunFeatures): Disposable[] {
  const act = (action: RunAction) => async (row: RunSummary) => {
    await actions.run(requireWorkspace(), row, action);
    runs.refresh();
  };
  const handlers: Record<string, (row: RunSummary) => Promise<unknown>> = {
    'cover.stopRunNow': act('stopNow'),
    'cover.exportRunOnnx': act('exportOnnx'),
    'cover.compareRunSettings': act('compareSettings'),
    'cover.openRunExperiment': act('openExperiment'),
    'cover.copyRunCommand': act('copyCli'),
    'cover.revealRun': (row) => reveal(Uri.joinPath(Uri.file(row.folder), 'experiment.json'), { manager: true }),
    'cover.compareRunCurves': async (row) => {
      const workspace = requireWorkspace();
      const others = await actions.pick(workspace, `Compare ${row.run} with`, ({ run }) => run !== row.run);
      for (const { run } of others) await panels.show({ workspace, run: row.run, compareWith: run });
    },
    'cover.deleteRun': async (row) => {
      if (!(await actions.remove(row))) return;
      runs.refresh();
      await commands.executeCommand('cover.refreshModels');
    },
  };
  return Object.entries(handlers).map(([id, handler]) => registerRowCommand(id, messages, handler));
}
