// How the extension speaks to a person: one notification per failure with the log one click away. Each error is handled
// once: a command that fails ends here.
import { type LogOutputChannel, window } from 'vscode';
import { CancelledError, messageOf, UserError } from '../base/errors.ts';
import { asMessage } from '../base/shownText.ts';

export class Messages {
  constructor(readonly log: LogOutputChannel) {}

  /** Runs a command's work; what it throws becomes one message. Cancelling is silent. */
  async guard(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // That the question runner ended is told once, by who watches it; its requests fail with the same words. Of a job's own
      // runner that is `runner-ended` (notifiedJob.ts).
      const told = error instanceof CancelledError || (error instanceof UserError && error.code === 'closed');
      if (!told) void this.failed(error);
    }
  }

  /** Tells of a failure. Resolves with the action picked, once the message is gone. */
  async failed(error: unknown, ...actions: string[]): Promise<string | undefined> {
    const message = messageOf(error);
    this.log.error(error instanceof Error && !(error instanceof UserError) ? (error.stack ?? message) : message);
    const openLog = 'Open Log';
    const picked = await window.showErrorMessage(asMessage(message), ...actions, openLog);
    if (picked === openLog) this.log.show(true);
    return picked;
  }
}
