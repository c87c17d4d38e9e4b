// Runs the machine's own ffmpeg, one process per job.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CancelledError, systemCode, throwIfAborted } from '../base/errors.ts';
import { patience } from '../base/patience.ts';
import { type Ffmpeg, type FfmpegJob, type FfmpegOutcome, fillArguments } from './ffmpegJob.ts';
import type { NativeProgram } from './findNative.ts';
import { GrowingBytes } from './growingBytes.ts';
import { LogCollector } from './logLines.ts';

/** Of one of many inputs, in the run's own folder. */
function inputName(i: number | ''): string {
  return `in.${i}`;
}

/** Of the folders that runs have for themselves; the number of their process follows. */
const folderName = 'cover-ffmpeg-';

/** The processes of other containers are not seen here, and the folders may be shared: no run takes as long as this. */
const staleMs = 3600_000;
/** A child that is killed ends at once, unless its disk or network does not answer. */
const closingMs = 5000;

/** Removes the folders of processes that were killed: there are copies of somebody's media in them. */
async function removeStale(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, owner] = name.startsWith(folderName) ? (/^(\d+)-/.exec(name.slice(folderName.length)) ?? []) : [];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const path = join(tmpdir(), name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > staleMs) await rm(path, { recursive: true, force: true }).catch(() => undefined); // somebody else's
  }
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

export class NativeFfmpeg implements Ffmpeg {
  readonly backend = 'native';
  readonly together = 16;
  readonly small = 0;
  private readonly running = new Set<ChildProcess>();
  private readonly runs = new Set<Promise<unknown>>();
  private closed = false;

  constructor(private readonly program: NativeProgram) {
    void removeStale().catch(() => undefined); // of what cannot be listed nothing is removed
  }

  run(job: FfmpegJob, signal?: AbortSignal): Promise<FfmpegOutcome> {
    const run = this.inFolder(job, signal);
    this.runs.add(run);
    const over = () => void this.runs.delete(run);
    run.then(over, over);
    return run;
  }

  private async inFolder(job: FfmpegJob, signal: AbortSignal | undefined): Promise<FfmpegOutcome> {
    throwIfAborted(signal, 'Decoding');
    const wantsFolder = job.arguments.some((argument) => argument.startsWith('{folder}/'));
    // Relative names in a folder of our own: ffmpeg expands "%05d" anywhere in an output's path.
    const folder = wantsFolder ? await mkdtemp(join(tmpdir(), `${folderName}${process.pid}-`)) : undefined;
    try {
      if (folder !== undefined && 'many' in job.input)
        await Promise.all(job.input.many.map((bytes, i) => writeFile(join(folder, inputName(i)), bytes)));
      // What was closed or called off while its files were written is not begun: nobody would end it.
      throwIfAborted(signal, 'Decoding');
      if (this.closed) throw new CancelledError('Decoding');
      const outcome = await this.spawn(job, folder, signal);
      if (folder !== undefined)
        for (const name of (await readdir(folder)).sort())
          if (!name.startsWith(inputName(''))) outcome.files.push(await readFile(join(folder, name)));
      return outcome;
    } finally {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    }
  }

  private spawn(job: FfmpegJob, folder: string | undefined, signal: AbortSignal | undefined): Promise<FfmpegOutcome> {
    return new Promise((settle, reject) => {
      // The protocol prefix keeps names that begin with "-" or hold ":" or "%" plain file names.
      const input = 'file' in job.input ? `file:${resolve(job.input.file)}` : 'pipe:0';
      const { passThrough } = this.program;
      const own = fillArguments(job, {
        ...{ input, inputOf: (i) => `file:${inputName(i)}`, output: 'pipe:1', folder: '', passThrough },
      });
      const child = spawn(this.program.path, ['-nostdin', '-y', ...own], {
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
        ...(folder !== undefined && { cwd: folder }),
      });
      this.running.add(child);
      const log = new LogCollector();
      const output = new GrowingBytes(job.maxBytes);
      let ended: FfmpegOutcome['ended'] = 'exit';
      let rest = '';
      const end = (why: FfmpegOutcome['ended']) => {
        ended = why;
        child.kill('SIGKILL');
      };
      const callOff = patience(Math.max(1, job.timeoutMs), () => end('timeout'));
      const abort = () => end('crash');
      signal?.addEventListener('abort', abort);
      child.stdout.on('data', (chunk: Buffer) => {
        if (ended === 'exit' && !output.add(chunk)) end('too-big');
      });
      child.stderr.setEncoding('utf8');
      child.stderr.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = (lines.pop() ?? '').slice(-10_000);
        for (const line of lines) log.add(line);
      });
      child.stdin.on('error', () => {}); // a process that ended early does not read on; its exit tells why
      child.stdin.end('bytes' in job.input ? job.input.bytes : undefined);
      child.on('error', (error) => log.add(`[error] ffmpeg could not be started: ${error.message}`));
      child.on('close', (code) => {
        callOff();
        this.running.delete(child);
        signal?.removeEventListener('abort', abort);
        if (rest !== '') log.add(rest);
        if (signal?.aborted) return reject(new CancelledError('Decoding'));
        if (ended === 'exit' && code === null) ended = 'crash';
        settle({ ended, code, inputName: input, log: log.lines, bytes: output.bytes, files: [] });
      });
    });
  }

  /** Ends every run. Resolves once all of them have removed their files, so that the process may end right after. */
  async close(): Promise<void> {
    this.closed = true;
    for (const child of this.running) child.kill('SIGKILL');
    await Promise.race([Promise.allSettled([...this.runs]), setTimeout(closingMs, undefined, { ref: false })]);
  }
}
