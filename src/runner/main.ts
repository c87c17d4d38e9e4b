// The runner process (dist/runner.js): answers the protocol over stdio until its stdin closes. stdout carries protocol
// lines only; everything that anything prints goes to stderr, the log.
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { Endpoint } from '../protocol/endpoint.ts';
import { lineTransport } from '../protocol/lineTransport.ts';
import { noSurface, runnerSurface } from '../protocol/runner.ts';
import { createHandlers } from './handlers.ts';

const protocol = protocolStream();
const transport = lineTransport(process.stdin, protocol, (line) => process.stderr.write(`Not a message: ${line}\n`));
const { handlers, close } = createHandlers({
  ffmpeg: process.env.COVER_FFMPEG || undefined,
  notify: (event) => endpoint.notify('job/event', event),
});
const endpoint = new Endpoint(transport, runnerSurface, handlers, {}, noSurface);

// The endpoint aborts what it serves when stdin closes: a training stops after its step and saves its checkpoint.
transport.onClose(() => void end(0));
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  // `once`: the second signal finds no listener, and ends the process at once.
  process.once(signal, () => {
    process.exitCode = 128 + number;
    process.stdin.destroy(new Error(`Ended by ${signal}.`)); // as if it had closed: everything served is aborted
  });
}
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
