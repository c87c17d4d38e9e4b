// state.json of a run: what it is doing, or how it ended. The process that works on the run touches the file every few
// seconds; a run that says "running" while its process is gone or silent reads as "interrupted".
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { processLives } from '../base/claim.ts';
import { systemCode } from '../base/errors.ts';
import { headResultsSchema } from '../protocol/events.ts';
import { silenceMs } from '../protocol/runSilence.ts';
import { runStateSchema } from '../protocol/runs.ts';

const storedStateSchema = z.object({
  state: runStateSchema,
  experiment: z.string(),
  /** ISO 8601. */
  started: z.string(),
  pid: z.number(),
  host: z.string(),
  device: z.string(),
  step: z.number(),
  /** 0 until planned. */
  steps: z.number(),
  /** One sentence where the run failed. */
  error: z.string().nullable(),
  /** The newest results of each head. */
  heads: headResultsSchema,
  /** Worked on before it was last resumed, in seconds. */
  seconds: z.number().default(0),
  /** Seconds left, as the newest step told it; null while unknown. */
  eta: z.number().nullable().default(null),
  /** How held-out samples are looked at, which stands beside every accuracy; '' until known. */
  protocol: z.string().default(''),
  /** The name of the file in `.cover/logs` that has what its process wrote to stderr; null where that went elsewhere. */
  log: z.string().nullable().default(null),
});
export type RunState = z.infer<typeof storedStateSchema>;

/** Set for a process whose stderr goes to a file: that file's path. */
export const jobLogVariable = 'COVER_JOB_LOG';
export const heartbeatMs = 10_000;

export function initialState(experiment: string): RunState {
  return {
    state: 'running',
    experiment,
    started: new Date().toISOString(),
    pid: process.pid,
    host: hostname(),
    device: '',
    step: 0,
    steps: 0,
    error: null,
    heads: {},
    seconds: 0,
    eta: null,
    protocol: '',
    log: process.env[jobLogVariable] ? basename(process.env[jobLogVariable]) : null,
  };
}

/**
 * The folders of the runs that this process works on now. After a restart of a computer or a container a process may have the
 * number that a killed one had; its own number in a state.json then says nothing.
 */
export const workedOnHere = new Set<string>();

/** What a run folder's state.json says now; undefined where there is none that can be read. */
export async function readState(folder: string): Promise<RunState | undefined> {
  const file = join(folder, 'state.json');
  try {
    const { data } = storedStateSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (!data) return undefined;
    if (data.state !== 'running') return data;
    const silence = Date.now() - (await stat(file)).mtimeMs;
    return isAtWork(data, silence, workedOnHere.has(resolve(folder))) ? data : { ...data, state: 'interrupted' };
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/**
 * Whether the process that wrote its number down is still at work, after so many milliseconds without a heartbeat. `here`: whether it
 * would be this one's own work.
 */
export function isAtWork({ pid, host }: Pick<RunState, 'pid' | 'host'>, silence: number, here: boolean): boolean {
  if (silence > silenceMs) return false; // also where another process has the number by now
  if (host !== hostname()) return true; // a shared folder: only its heartbeat can be seen from here
  return pid === process.pid ? here : processLives(pid);
}
