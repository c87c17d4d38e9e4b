// The runner process (dist/runner.js): answers the protocol over stdio until its stdin closes. stdout carries protocol
// lines only; everything that anything prints goes to stderr, the log.
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { Endpoint } from '../protocol/endpoint.ts';
import { lineTransport } from '../protocol/lineTransport.ts';
import { noSurface, runnerSurface } from '../protocol/runner.ts';
import { createHandlers } from './handlers.ts';

/**
 * Characters that may wait for a reader who does not read: a training goes on without one, and its events are in the run's folder.
 */
const mostUnread = 1 << 20;

const protocol = protocolStream();
const transport = lineTransport(process.stdin, protocol, (line) => process.stderr.write(`Not a message: ${line}\n`));
/** Aborted where the system ends this process. */
const ended = new AbortController();
const { handlers, close } = createHandlers({
  ended: ended.signal,
  ffmpeg: process.env.COVER_FFMPEG || undefined,
  notify: (event) => {
    if (protocol.writableLength < mostUnread) endpoint.notify('job/event', event);
  },
});
const endpoint = new Endpoint(transport, runnerSurface, handlers, {}, noSurface);

// The endpoint aborts what it serves when stdin closes: a training stops after its step and saves its checkpoint, unless it is to
// be kept; this process then ends with it.
transport.onClose(() => void end(0));
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  // `once`: the second signal finds no listener, and ends the process at once.
  process.once(signal, () => {
    process.exitCode = 128 + number;
    ended.abort(); // a kept training too
    process.stdin.destroy(new Error(`Ended by ${signal}.`)); // as if it had closed: everything served is aborted
  });
}
// A kept training outlives whoever reads what is printed.
process.stderr.on('error', () => undefined);
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exit(1);
});

async function end(code: number): Promise<void> {
  await endpoint.settled();
  await close().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  protocol.end(() => process.exit(process.exitCode ?? code));
}

/** The real stdout, for protocol lines alone; whatever else writes to stdout from now on writes to stderr. */
function protocolStream(): Writable {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  globalThis.console = new Console(process.stderr, process.stderr);
  process.stdout.on('error', (error) => process.stdin.destroy(error)); // nobody listens any more
  return new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => void write(chunk, () => done()),
  });
}
