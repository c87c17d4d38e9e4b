// What a study of this window tells, in order: its line for the notification, and its runs handed to whoever follows trainings. They are
// found and followed like those of any other process, but how each ended is the study's to tell, and sooner than a look at its folder.
import { basename } from 'node:path';
import { CancelledError, messageOf } from '../base/errors.ts';
import type { HeadResult, JobEvent } from '../protocol/events.ts';
import type { Jobs, StudyPlace } from './jobs.ts';
import { type Arm, studyLine } from './studyRows.ts';

export class StudyProgress {
  private arm: Arm | undefined;
  private since = 0;
  private run: string | undefined;
  private heads: Record<string, HeadResult> | undefined;

  constructor(
    private readonly workspace: string,
    private readonly study: string,
    private readonly jobs: Pick<Jobs, 'beginOfStudy' | 'stopsOfStudy' | 'endOfStudy'>,
  ) {}

  /** A line where there is something to say. */
  hear(event: JobEvent): string | undefined {
    if (event.event === 'arm') {
      this.ended();
      [this.arm, this.since] = [event, Date.now()];
    } else if (event.event === 'started') {
      this.run = basename(event.run);
      this.jobs.beginOfStudy(this.workspace, this.run, this.place());
    } else if (event.event === 'done') this.heads = event.heads;
    return studyLine(this.arm, event, (Date.now() - this.since) / 1000);
  }

  private place(): StudyPlace | undefined {
    const { arm, study } = this;
    return arm && { study, number: arm.number, of: arm.of, later: arm.later };
  }

  /** The study was asked to stop: the row and the page of its run say so too. */
  stopping(): void {
    if (this.run !== undefined) this.jobs.stopsOfStudy(this.run);
  }

  /** The run under way has come to rest, and with it the study where there is an `error`. */
  ended(error?: unknown): void {
    const { run, heads } = this;
    [this.run, this.heads] = [undefined, undefined];
    if (run === undefined) return;
    if (heads) this.jobs.endOfStudy({ state: 'done', run, heads });
    else if (error === undefined || error instanceof CancelledError) this.jobs.endOfStudy({ state: 'cancelled', run });
    else this.jobs.endOfStudy({ state: 'failed', run, message: messageOf(error) });
  }
}
