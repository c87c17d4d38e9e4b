// Starts dist/runner.js as a process and speaks to it over stdio, as the editor does.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { distFile } from '../../src/base/paths.ts';
import { Endpoint } from '../../src/protocol/endpoint.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import { lineTransport } from '../../src/protocol/lineTransport.ts';
import { type NoSurface, noSurface, type RunnerSurface, runnerSurface } from '../../src/protocol/runner.ts';

export interface Started {
  child: ChildProcessWithoutNullStreams;
  endpoint: Endpoint<NoSurface, RunnerSurface>;
  events: JobEvent[];
  noise: string[];
  stderr: () => string;
  exited: Promise<{ code: number | null; signal: string | null }>;
}

const started: ChildProcessWithoutNullStreams[] = [];

/** For afterEach: no runner outlives its test. */
export function killStarted(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL');
}

export function start(): Started {
  const child = spawn(process.execPath, [distFile('runner.js')], { stdio: 'pipe' });
  started.push(child);
  const noise: string[] = [];
  const events: JobEvent[] = [];
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const transport = lineTransport(child.stdout, child.stdin, (line) => noise.push(line));
  const listeners = { 'job/event': (event: JobEvent) => void events.push(event) };
  const endpoint = new Endpoint(transport, noSurface, {}, listeners, runnerSurface);
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  return { child, endpoint, events, noise, stderr: () => stderr, exited };
}
