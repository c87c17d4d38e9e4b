// A command on a row of the Runs or Models view. Rows may be drawn anew while their menu is open: the command then comes without
// the run that it was clicked on, and nothing has gone wrong.
import { commands, type Disposable, window } from 'vscode';
import type { RunSummary } from '../protocol/runs.ts';
import type { Messages } from './messages.ts';

export function registerRowCommand(
  id: string,
  messages: Messages,
  handler: (row: RunSummary) => Promise<unknown>,
): Disposable {
  return commands.registerCommand(id, (row?: Partial<RunSummary>) =>
    messages.guard(async () => {
      if (isRun(row)) return handler(row);
      window.setStatusBarMessage('Choose a run in the Runs or Models view first', 5000);
    }),
  );
}

function isRun(row: Partial<RunSummary> | undefined): row is RunSummary {
  return row?.run !== undefined && row.folder !== undefined;
}
