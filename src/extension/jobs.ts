// The training jobs of this window. Trees and views subscribe here; each job is removed when its process has ended.
import { EventEmitter } from 'vscode';
import type { JobEvent } from '../protocol/events.ts';
import type { Runners } from './runners.ts';
import { type JobOutcome, TrainingJob, type TrainParams } from './trainingJob.ts';

export class Jobs {
  private readonly current = new Set<TrainingJob>();
  private readonly eventEmitter = new EventEmitter<{ job: TrainingJob; event: JobEvent }>();
  private readonly endEmitter = new EventEmitter<{ job: TrainingJob; outcome: JobOutcome }>();
  readonly onEvent = this.eventEmitter.event;
  /** After the job's process has ended: what it left on disk is complete. */
  readonly onEnd = this.endEmitter.event;

  constructor(private readonly runners: Runners) {}

  start(params: TrainParams): TrainingJob {
    const job: TrainingJob = new TrainingJob(this.runners, params, (event) => this.eventEmitter.fire({ job, event }));
    this.current.add(job);
    void job.ended.then((outcome) => {
      this.current.delete(job);
      this.endEmitter.fire({ job, outcome });
    });
    return job;
  }

  get running(): readonly TrainingJob[] {
    return [...this.current];
  }

  ofRun(run: string): TrainingJob | undefined {
    return this.running.find((job) => job.run === run);
  }

  dispose(): void {
    this.eventEmitter.dispose();
    this.endEmitter.dispose();
  }
}
