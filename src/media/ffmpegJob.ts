// One ffmpeg run, whichever ffmpeg runs it. Both take the same arguments, so that everything above is written once.

/** What an ffmpeg run reads: a file on disk (never copied), bytes, or several files that are given as bytes. */
export type FfmpegInput = { file: string } | { bytes: Uint8Array } | { many: readonly Uint8Array[] };

export interface FfmpegJob {
  /**
   * `{input}` stands for the input's name (`{input:2}` for the third of many), `{output}` for where bytes go, a leading
   * `{folder}/` for an empty folder, and `{passThrough}` for the option that keeps every frame with its own time.
   */
  arguments: readonly string[];
  input: FfmpegInput;
  /** More output than this ends the run with 'too-big'. */
  maxBytes: number;
  timeoutMs: number;
}

export interface FfmpegOutcome {
  /** 'exit' with any code; 'timeout' and 'too-big' were ended by us; 'crash' ended by itself without a code. */
  ended: 'exit' | 'timeout' | 'too-big' | 'crash';
  code: number | null;
  /** The lines of the log that are worth keeping, see logLines.ts. */
  log: string[];
  /** What ffmpeg called its input, as it stands in the log. */
  inputName: string;
  /** What was written to `{output}`. */
  bytes: Uint8Array;
  /** What was written below `{folder}`, in order of name. */
  files: Uint8Array[];
}

export interface Ffmpeg {
  readonly backend: 'native' | 'core';
  /** Inputs that are best decoded in one run: a start costs a process much, and the core next to nothing. */
  readonly together: number;
  /** Bytes up to which a whole file is decoded as fast as a part of it. */
  readonly small: number;
  /** Settles with an outcome however the run ends; rejects with CancelledError when `signal` aborts. */
  run(job: FfmpegJob, signal?: AbortSignal): Promise<FfmpegOutcome>;
  close(): Promise<void>;
}

/** How one backend spells the placeholders of a job. */
export interface JobNames {
  input: string;
  /** Of input number `i` of many. */
  inputOf(i: number): string;
  output: string;
  /** Empty for the current folder. */
  folder: string;
  passThrough: readonly string[];
}

/** Fills in the placeholders of a job's arguments. */
export function fillArguments(job: FfmpegJob, names: JobNames): string[] {
  return job.arguments.flatMap((argument) => {
    if (argument === '{input}') return names.input;
    const number = /^\{input:(\d+)\}$/.exec(argument)?.[1];
    if (number !== undefined) return names.inputOf(Number(number));
    if (argument === '{output}') return names.output;
    if (argument === '{passThrough}') return names.passThrough;
    // Always "/": the core has no other separator, and ffmpeg takes it on Windows too.
    return argument.startsWith('{folder}/')
      ? argument.replace('{folder}/', names.folder && `${names.folder}/`)
      : argument;
  });
}
