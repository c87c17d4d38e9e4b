// The training jobs that this window knows: those it began, and those it found at work. Trees and views subscribe here; each job
// is removed when its process has ended.
import { EventEmitter } from 'vscode';
import type { JobEvent } from '../protocol/events.ts';
import type { RunSummary } from '../protocol/runs.ts';
import { FoundJob, FoundJobs } from './foundJobs.ts';
import type { Runners } from './runners.ts';
import { type JobOutcome, TrainingJob, type TrainParams } from './trainingJob.ts';

/** What is shown of a training, and done to it, whoever began it. */
export interface Job {
  /** The run's name, once it is known. */
  readonly run: string | undefined;
  readonly cancelling: boolean;
  /** Stops after the current step. Asked a second time it does not wait for the step: the last checkpoint remains. */
  cancel(): void;
  /** The newest event of a kind. */
  latest<E extends JobEvent['event']>(event: E): Extract<JobEvent, { event: E }> | undefined;
}

/** Where a run stands in its study. */
export interface StudyPlace {
  study: string;
  /** Among all of its runs, from 1. */
  number: number;
  of: number;
  /** Seconds that the runs after it will take; null while unknown. */
  later: number | null;
}

const lookAgainMs = 5000;

export interface JobsOptions {
  /** Whether a job begun now goes on when the window closes. */
  keeps(): boolean;
  log(line: string): void;
  /** Something that the person asked for did not work. */
  failed(error: unknown): void;
}

export class Jobs {
  private readonly own = new Set<TrainingJob>();
  private readonly found: FoundJobs;
  private lookAgain: NodeJS.Timeout | undefined;
  /** Runs that studies of this window train: found as any other process's are, but how they ended is the study's to tell. */
  private readonly ofStudies = new Map<string, StudyPlace | undefined>();
  private readonly eventEmitter = new EventEmitter<{ job: Job; event: JobEvent }>();
  private readonly endEmitter = new EventEmitter<{ job: Job; outcome: JobOutcome }>();
  private readonly stoppingEmitter = new EventEmitter<Job>();
  readonly onEvent = this.eventEmitter.event;
  /** It was asked to stop, from wherever; or goes on after all, since that could not be asked. Whoever shows it says so at once. */
  readonly onStopping = this.stoppingEmitter.event;
  /** After the job's process has ended: what it left on disk is complete. */
  readonly onEnd = this.endEmitter.event;

  constructor(
    private readonly runners: Runners,
    private readonly options: JobsOptions,
  ) {
    this.found = new FoundJobs(runners, {
      isOwn: (run) => this.ownOf(run) !== undefined,
      event: (job, event) => this.eventEmitter.fire({ job, event }),
      ended: (job, outcome) => this.endEmitter.fire({ job, outcome }),
      stopping: (job) => this.stoppingEmitter.fire(job),
      stopFailed: (job, error) => {
        this.stoppingEmitter.fire(job);
        options.failed(error);
      },
      failed: options.log,
    });
  }

  start(params: TrainParams): TrainingJob {
    const kept = { ...params, ...(this.options.keeps() && { keep: true }) };
    const told = (event: JobEvent) => {
      if (event.event === 'started' && job.run !== undefined) this.found.forget(job.run);
      this.eventEmitter.fire({ job, event });
    };
    const job: TrainingJob = new TrainingJob(this.runners, kept, told, () => this.stoppingEmitter.fire(job));
    this.own.add(job);
    void job.ended.then((outcome) => {
      this.own.delete(job);
      this.endEmitter.fire({ job, outcome });
    });
    return job;
  }

  /** Looks for trainings of the workspace that this window did not begin. */
  look(workspace: string): Promise<void> {
    return this.found.look(workspace);
  }

  /** Now, and once more when a run that is just being made says that it is trained. */
  lookTwice(workspace: string): void {
    void this.look(workspace);
    clearTimeout(this.lookAgain);
    this.lookAgain = setTimeout(() => void this.look(workspace), lookAgainMs);
  }

  /** The same, of runs that were just read. */
  consider(workspace: string, runs: readonly RunSummary[]): void {
    this.found.consider(workspace, runs);
  }

  /** This window's own first. */
  get running(): readonly Job[] {
    return [...this.own, ...this.found.running];
  }

  ofRun(run: string): Job | undefined {
    return this.running.find((job) => job.run === run);
  }

  /** Whether this window found the job, and did not begin it. */
  isFound(job: Job): job is FoundJob {
    return job instanceof FoundJob;
  }

  isOfStudy(run: string): boolean {
    return this.ofStudies.has(run);
  }

  /** Where the run stands in the study of this window that trains it. */
  placeInStudy(run: string): StudyPlace | undefined {
    return this.ofStudies.get(run);
  }

  /** A study of this window trains the run from now on. */
  beginOfStudy(workspace: string, run: string, place?: StudyPlace): void {
    this.ofStudies.set(run, place);
    void this.look(workspace);
  }

  /** A study of this window was asked to stop, and with it the run that it trains. */
  stopsOfStudy(run: string): void {
    this.found.running.find((job) => job.run === run)?.stops();
  }

  /** The study is through with a run; a look at its folder would tell later. */
  endOfStudy(outcome: JobOutcome & { run: string }): void {
    const { run } = outcome;
    const job = this.found.running.find((each) => each.run === run);
    this.found.forget(run);
    if (job) this.endEmitter.fire({ job, outcome });
    this.ofStudies.delete(run);
  }

  dispose(): void {
    clearTimeout(this.lookAgain);
    this.found.dispose();
    this.eventEmitter.dispose();
    this.stoppingEmitter.dispose();
    this.endEmitter.dispose();
  }

  private ownOf(run: string): TrainingJob | undefined {
    return [...this.own].find((job) => job.run === run);
  }
}
