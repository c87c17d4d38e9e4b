// When a run writes checkpoints, and which it keeps.
import type { ResolvedExperiment } from '../config/resolved.ts';
import type { ParameterLayout } from '../model/parameters.ts';
import { checkpointName, type RunFolder } from '../runs/runFolder.ts';
import { checkpointMetadata, checkpointTensors, type Progress } from './checkpoint.ts';
import type { TrainingState } from './trainingStep.ts';

/** The newest, and the one before it, in case the newest cannot be read one day. */
const kept = 2;

export class Checkpointer {
  private saved: { step: number; file: string; time: number } | undefined;

  /** `seconds`: how long the run was worked on so far. */
  constructor(
    private readonly folder: RunFolder,
    private readonly experiment: ResolvedExperiment,
    private readonly layout: ParameterLayout,
    private readonly seconds: () => number,
  ) {}

  /** The run has a checkpoint of this step: it goes on from it. */
  has(step: number, file: string): void {
    this.saved = { step, file, time: performance.now() };
  }

  /** Whether one is to be written after so many steps of the run, beside those of every epoch. */
  isDue(step: number): boolean {
    const { checkpointMinutes, checkpointSteps } = this.experiment;
    if (checkpointSteps !== undefined && step % checkpointSteps === 0) return true;
    this.saved ??= { step: -1, file: '', time: performance.now() };
    return performance.now() - this.saved.time >= checkpointMinutes * 60_000;
  }

  /** Writes a checkpoint, if this step has none yet (or `again`), and only then removes the older ones. Returns its path. */
  async write(state: TrainingState, progress: Progress, again = false): Promise<string> {
    if (this.saved?.step === progress.step && !again) return this.saved.file;
    const file = await this.folder.writeCheckpoint(
      checkpointName(progress.step),
      checkpointTensors(this.layout, state),
      checkpointMetadata(this.experiment, progress),
    );
    await this.folder.keepCheckpoints(kept);
    await this.folder.setState({ seconds: this.seconds() });
    this.has(progress.step, file);
    return file;
  }
}
