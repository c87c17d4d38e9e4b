// `cover predict FILE…`: what every head of a run says of each file. A file that cannot be read is told, and the others
// go on.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CancelledError, UserError } from '../base/errors.ts';
import { Predictor } from '../evaluation/predictor.ts';
import type { Context, ExitCode } from './context.ts';
import { reportFailure } from './failure.ts';
import { predictionTable } from './tables.ts';

export interface PredictOptions {
  run?: string;
  top: number;
}

export async function predictCommand(
  { workspace, device, ffmpeg, signal, output, colour }: Context,
  files: readonly string[],
  { run, top }: PredictOptions,
): Promise<ExitCode> {
  const predictor = await Predictor.open({ workspace, run, device, ffmpeg });
  let code: ExitCode = 0;
  try {
    output.note(`Predictions of ${predictor.run}:`);
    for (const file of files) {
      try {
        const found = await stat(file).catch(() => undefined);
        if (!found) throw new UserError('unreadable-media', `There is no file ${resolve(file)}.`);
        if (found.isDirectory())
          throw new UserError('unreadable-media', `${resolve(file)} is a folder. Name the files in it.`);
        const heads = await predictor.predict({ file: resolve(file) }, top, signal, (warning) =>
          output.note(`warning: ${file}: ${warning}`),
        );
        output.event({ event: 'prediction', file, heads });
        output.result(predictionTable(file, heads, colour));
      } catch (error) {
        if (!(error instanceof UserError) || error instanceof CancelledError) throw error;
        reportFailure(output, error, file);
        code = 1;
      }
    }
  } finally {
    await predictor.close();
  }
  return code;
}
