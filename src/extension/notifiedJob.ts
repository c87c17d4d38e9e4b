// A job that a person waits for: a runner of its own, a notification with its progress and Cancel.
import { ProgressLocation, window } from 'vscode';
import { UserError } from '../base/errors.ts';
import { asMessage } from '../base/shownText.ts';
import { describeExit } from './runnerExit.ts';
import type { RunnerProcess } from './runnerProcess.ts';
import type { Runners } from './runners.ts';
import { progressLine } from './runRows.ts';

/**
 * What `ask` gets from the runner, which is called `name` in the log. Rejects as the runner does, or with
 * CancelledError; with UserError `runner-ended` where the runner came to its end although nobody stopped it.
 */
export async function notifiedJob<T>(
  runners: Runners,
  { title, name }: { title: string; name: string },
  ask: (runner: RunnerProcess, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const options = { location: ProgressLocation.Notification, title: asMessage(title), cancellable: true };
  return window.withProgress(options, async (progress, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort());
    const runner = await runners.start(
      {
        'job/event': (event) => {
          const message = progressLine(event);
          if (message !== undefined) progress.report({ message: asMessage(message) });
        },
      },
      name,
    );
    try {
      return await ask(runner, controller.signal);
    } catch (error) {
      // Nobody else watches this runner; one that the closing window stops has nothing to tell.
      if (!(error instanceof UserError) || error.code !== 'closed' || controller.signal.aborted) throw error;
      const exit = await runner.exited;
      throw exit.stoppedByUser ? error : new UserError('runner-ended', describeExit(exit));
    } finally {
      await runner.stop();
    }
  });
}
