// The commands of the Train page and of trying again: each a short way to what does it.
import { commands, type Disposable, type Memento } from 'vscode';
import type { RunSummary } from '../protocol/runs.ts';
import type { Draft } from '../protocol/trainPlan.ts';
import { copyCli } from './copyCli.ts';
import { trainArguments } from './draftArguments.ts';
import type { Messages } from './messages.ts';
import { draftOf } from './retry.ts';
import { registerRowCommand } from './rowCommand.ts';
import { lastAnswers, type TrainCommand } from './trainCommand.ts';
import type { TrainSubject } from './trainPanel.ts';
import type { Panels } from './webviewPanel.ts';
import { requireWorkspace } from './workspaceFolder.ts';

export interface TrainFeatures {
  train: TrainCommand;
  panels: Panels<TrainSubject>;
  messages: Messages;
  state: Memento;
}

export function registerTrainCommands({ train, panels, messages, state }: TrainFeatures): Disposable[] {
  const handlers: Record<string, (...args: never[]) => Promise<unknown>> = {
    'cover.openTrain': (draft?: Draft) =>
      panels.show({ workspace: requireWorkspace(), ...(isDraft(draft) && { draft }) }),
    'cover.copyTrainCommand': async () => {
      const words = trainArguments(draftOf(lastAnswers(state)), { name: '', file: null });
      await copyCli(words ?? ['train']);
    },
  };
  const retry = (smaller: boolean) => (row: RunSummary) =>
    train.retry(requireWorkspace(), row.run, row.experiment, smaller);
  return [
    registerRowCommand('cover.retryRun', messages, retry(false)),
    registerRowCommand('cover.retrySmaller', messages, retry(true)),
    ...Object.entries(handlers).map(([id, handler]) =>
      commands.registerCommand(id, (...args: never[]) => messages.guard(() => handler(...args))),
    ),
  ];
}

/** A button of a view hands its own argument on, which is none of ours. */
function isDraft(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && 'edits' in value && 'flips' in value;
}
