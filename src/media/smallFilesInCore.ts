// The machine's ffmpeg, but small files go to the bundled core first: starting a process costs about 60 ms of a core's
// time, and a clip of a few kilobytes is decoded in 10. The frames are the same (a test compares them), and what the
// core cannot read, the machine's ffmpeg is asked for.
import { stat } from 'node:fs/promises';
import { CorePool } from './ffmpegCorePool.ts';
import type { Ffmpeg, FfmpegJob, FfmpegOutcome } from './ffmpegJob.ts';

/** Bytes up to which a file is small. A 10 s clip of Kinetics is ten times as large. */
const small = 100_000;
/** A core that breaks this often (it may not even be installed) is not asked again. */
const mostCrashes = 3;

export class SmallFilesInCore implements Ffmpeg {
  readonly backend = 'native';
  readonly small = small;
  private core: CorePool | undefined = new CorePool();
  private crashes = 0;
  private closed = false;

  constructor(private readonly native: Ffmpeg) {}

  get together(): number {
    return this.native.together;
  }

  async run(job: FfmpegJob, signal?: AbortSignal): Promise<FfmpegOutcome> {
    if (!this.core || !('file' in job.input) || (await stat(job.input.file)).size > small)
      return this.native.run(job, signal);
    const { core } = this;
    const began = Date.now();
    const outcome = await core.run(job, signal);
    if (this.closed || (outcome.ended === 'exit' && outcome.code === 0)) return outcome;
    if (outcome.ended === 'crash' && ++this.crashes === mostCrashes) {
      this.core = undefined;
      await core.close();
    }
    return this.native.run({ ...job, timeoutMs: job.timeoutMs - (Date.now() - began) }, signal);
  }

  async close(): Promise<void> {
    const { core } = this;
    this.closed = true;
    this.core = undefined;
    await Promise.all([this.native.close(), core?.close()]);
  }
}
