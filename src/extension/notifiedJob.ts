// A job that a person waits for: a runner of its own, a notification with its progress and Cancel.
import { ProgressLocation, window } from 'vscode';
import { UserError } from '../base/errors.ts';
import { asMessage } from '../base/shownText.ts';
import type { JobEvent } from '../protocol/events.ts';
import { describeExit } from './runnerExit.ts';
import type { RunnerProcess } from './runnerProcess.ts';
import type { Runners } from './runners.ts';
import { progressLine } from './runRows.ts';
import { putDownMs } from './trainingJob.ts';

interface NotifiedJob {
  title: string;
  /** Of the runner, in the log. */
  name: string;
  /** The workspace of what trains: its log is kept there, and it has the time that putting a training down takes. */
  trainsIn?: string;
  /** What is said at an event, where that is not what jobs say. */
  line?: (event: JobEvent) => string | undefined;
}

/**
 * What `ask` gets from the runner. Rejects as the runner does, or with
 * CancelledError; with UserError `runner-ended` where the runner came to its end although nobody stopped it.
 */
export async function notifiedJob<T>(
  runners: Runners,
  { title, name, trainsIn, line = progressLine }: NotifiedJob,
  ask: (runner: RunnerProcess, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const options = { location: ProgressLocation.Notification, title: asMessage(title), cancellable: true };
  return window.withProgress(options, async (progress, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort());
    const runner = await runners.start(
      {
        'job/event': (event) => {
          const message = line(event);
          if (message !== undefined) progress.report({ message: asMessage(message) });
        },
      },
      name,
      trainsIn,
    );
    try {
      return await ask(runner, controller.signal);
    } catch (error) {
      // Nobody else watches this runner; one that the closing window stops has nothing to tell.
      if (!(error instanceof UserError) || error.code !== 'closed' || controller.signal.aborted) throw error;
      const exit = await runner.exited;
      throw exit.stoppedByUser ? error : new UserError('runner-ended', describeExit(exit));
    } finally {
      await runner.stop(trainsIn === undefined ? undefined : putDownMs);
    }
  });
}
