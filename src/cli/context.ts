// What every command is given: where it works, how it reports, and when it should stop.
import { resolve } from 'node:path';
import { HumanOutput } from './humanOutput.ts';
import { jsonOutput, type Output } from './output.ts';
import { useColour } from './tables.ts';

/** Options that every command takes, as the command line gives them. */
export interface GlobalOptions {
  workspace: string;
  device?: string;
  ffmpeg?: string;
  json?: boolean;
}

export interface Context {
  /** Absolute folder. */
  readonly workspace: string;
  readonly device: string | undefined;
  /** Path of a native ffmpeg, where one is set. */
  readonly ffmpeg: string | undefined;
  readonly output: Output;
  /** Whether tables may be coloured. */
  readonly colour: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What a command returns: 0, or 1 where a part of its work failed and was told. */
export type ExitCode = 0 | 1;

export function createContext(options: GlobalOptions, signal: AbortSignal): Context {
  return {
    workspace: resolve(options.workspace),
    device: options.device,
    ffmpeg: options.ffmpeg ?? (process.env.COVER_FFMPEG || undefined),
    output: options.json ? jsonOutput(process.stdout) : new HumanOutput(process),
    colour: useColour(process.stdout),
    signal,
  };
}
