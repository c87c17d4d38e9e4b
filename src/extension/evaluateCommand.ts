// "Evaluate Run": judges a run's newest model on every dataset's held-out samples, in a runner of its own, with progress
// and Cancel; views of the run hear of it.
import { EventEmitter, ProgressLocation, window } from 'vscode';
import type { Messages } from './messages.ts';
import type { Runners } from './runners.ts';
import { headLine, progressLine } from './runRows.ts';

export class EvaluateCommand {
  private readonly judgedEmitter = new EventEmitter<string>();
  /** With the run's name, after it was judged anew. */
  readonly onJudged = this.judgedEmitter.event;

  constructor(
    private readonly runners: Runners,
    private readonly messages: Messages,
  ) {}

  /** Resolves when the run is judged; rejects as the runner does, or with CancelledError. */
  async run(workspace: string, run: string): Promise<void> {
    const options = { location: ProgressLocation.Notification, title: `Evaluating ${run}`, cancellable: true };
    const heads = await window.withProgress(options, async (progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      const runner = await this.runners.start(
        {
          'job/event': (event) => {
            const message = progressLine(event);
            if (message !== undefined) progress.report({ message });
          },
        },
        'evaluation',
      );
      try {
        return await runner.endpoint.request('evaluate/run', { workspace, run }, controller.signal);
      } finally {
        await runner.stop();
      }
    });
    this.messages.log.info(`${run} was judged: ${headLine(heads)}`);
    this.judgedEmitter.fire(run);
  }

  dispose(): void {
    this.judgedEmitter.dispose();
  }
}
