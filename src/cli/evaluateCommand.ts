// `cover evaluate [RUN]`: judges a run again on the samples it held out.
import { evaluateRun } from '../evaluation/evaluateRun.ts';
import type { Context, ExitCode } from './context.ts';
import { resultTable } from './tables.ts';

export async function evaluateCommand(context: Context, asked?: string): Promise<ExitCode> {
  const { workspace, device, ffmpeg, signal, output, colour } = context;
  let protocol = '';
  const { run, heads } = await evaluateRun({
    workspace,
    run: asked,
    device,
    ffmpeg,
    signal,
    onEvent: (event) => {
      if (event.event === 'done') protocol = event.protocol;
      output.event(event);
    },
  });
  output.result(resultTable(heads, protocol, colour));
  output.note(`The run is in ${run}.`);
  return 0;
}
