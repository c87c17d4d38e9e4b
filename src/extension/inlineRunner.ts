// The runner that predicts for visible lines. onnxruntime holds up the thread that it runs in, so questions are answered elsewhere;
// nobody waits for this one, and it ends when it was idle for a minute, with the model that it kept open.
import type { RunnerProcess } from './runnerProcess.ts';
import type { RunnerParams, RunnerResult, Runners } from './runners.ts';

const idleMs = 60_000;

export class InlineRunner {
  private started: Promise<RunnerProcess> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private asked = 0;

  constructor(
    private readonly runners: Pick<Runners, 'start'>,
    private readonly idle = idleMs,
  ) {}

  async predict(params: RunnerParams<'inline/predict'>, signal: AbortSignal): Promise<RunnerResult<'inline/predict'>> {
    clearTimeout(this.timer);
    this.asked++;
    try {
      const runner = await this.runner();
      return await runner.endpoint.request('inline/predict', params, signal);
    } finally {
      this.asked--;
      if (this.asked === 0) this.timer = setTimeout(() => void this.stop(), this.idle);
    }
  }

  /** Ends the runner; the next question starts another. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    const { started } = this;
    this.started = undefined;
    await (await started?.catch(() => undefined))?.stop(2000);
  }

  private runner(): Promise<RunnerProcess> {
    if (this.started) return this.started;
    const started = this.runners.start({}, 'inline predictions');
    this.started = started;
    const forget = () => {
      if (this.started === started) this.started = undefined;
    };
    void started.then((process) => process.exited.then(forget), forget);
    return started;
  }
}
