// "Evaluate Run": judges a run's newest model on every dataset's held-out samples, in a runner of its own, with progress
// and Cancel; views of the run hear of it.
import { EventEmitter } from 'vscode';
import type { Messages } from './messages.ts';
import { notifiedJob } from './notifiedJob.ts';
import type { Runners } from './runners.ts';
import { headLine } from './runRows.ts';

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
    const heads = await notifiedJob(
      this.runners,
      { title: `Evaluating ${run}`, name: 'evaluation' },
      ({ endpoint }, signal) => endpoint.request('evaluate/run', { workspace, run }, signal),
    );
    this.messages.log.info(`${run} was judged: ${headLine(heads)}`);
    this.judgedEmitter.fire(run);
  }

  dispose(): void {
    this.judgedEmitter.dispose();
  }
}
