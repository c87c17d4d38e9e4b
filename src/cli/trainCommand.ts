// `cover train`: trains one run, or what is left of a stopped one, and prints what it reached on the samples held out.
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { commandLine } from '../base/commandLine.ts';
import { CancelledError } from '../base/errors.ts';
import { plural } from '../base/format.ts';
import type { JobEvent } from '../protocol/events.ts';
import { train } from '../training/train.ts';
import type { Context, ExitCode } from './context.ts';
import { resultTable } from './tables.ts';

export interface TrainOptions {
  resume?: string;
  experiment?: string;
  datasets?: string[];
  preset?: string;
  epochs?: number;
  weights?: string;
}

export async function trainCommand(
  context: Context,
  { resume, weights: named, ...options }: TrainOptions,
): Promise<ExitCode> {
  // A path on a command line starts where it is typed; in cover.json at its folder.
  const weights = named !== undefined && existsSync(named) ? resolve(named) : named;
  const { workspace, device, ffmpeg, signal, output, colour } = context;
  let protocol = '';
  let folder: string | undefined;
  let steps = 0;
  const onEvent = (event: JobEvent): void => {
    if (event.event === 'started') {
      folder = event.run;
      steps = event.resumedAt ?? 0;
    } else if (event.event === 'step') steps = event.step;
    else if (event.event === 'done') protocol = event.protocol;
    output.event(event);
  };
  try {
    const { run, heads } = await train({
      workspace,
      choice: { ...options, weights, device },
      resume,
      ffmpeg,
      signal,
      onEvent,
    });
    output.result(resultTable(heads, protocol, colour));
    output.note(`The run is in ${run}.`);
    return 0;
  } catch (error) {
    output.settle();
    if (error instanceof CancelledError && folder !== undefined)
      output.note(
        `Stopped after ${plural(steps, 'step')}. What was trained so far is in ${folder}. ` +
          `Go on with: ${commandLine(['cover', 'train', '--resume', basename(folder), '--workspace', workspace])}`,
      );
    throw error;
  }
}
