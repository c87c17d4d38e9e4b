// `cover export [RUN]`: a run's weights as a file for other programs.
import { InvalidArgumentError } from 'commander';
import { type ExportFormat, exportFormats, exportRun } from '../training/exportRun.ts';
import type { Context, ExitCode } from './context.ts';

export interface ExportOptions {
  format: ExportFormat;
  head?: string;
  out?: string;
}

export async function exportCommand(
  { workspace, signal, output }: Context,
  run: string | undefined,
  options: ExportOptions,
): Promise<ExitCode> {
  const exported = await exportRun({ workspace, run, ...options, signal });
  output.event({ event: 'exported', format: options.format, ...exported, heads: [...exported.heads] });
  output.note(`Weights of ${exported.run} (${exported.checkpoint}), heads: ${exported.heads.join(', ')}.`);
  output.result(exported.path);
  return 0;
}

/** Of `--format`. */
export function exportFormat(text: string): ExportFormat {
  const format = exportFormats.find((each) => each === text);
  if (!format) throw new InvalidArgumentError(`Expected one of ${exportFormats.join(', ')}.`);
  return format;
}
