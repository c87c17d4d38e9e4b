// JSON lines over a pair of streams: how the runner talks over stdio.
import type { Readable, Writable } from 'node:stream';
import type { Transport } from './endpoint.ts';

/**
 * A transport over two streams, one JSON object a line. A line that is not JSON goes to `onNoise` (a native library
 * that prints, for example) and never ends the talk.
 */
export function lineTransport(input: Readable, output: Writable, onNoise: (line: string) => void): Transport {
  const messageListeners: ((message: unknown) => void)[] = [];
  const closeListeners: ((reason: string) => void)[] = [];
  let rest = '';
  input.setEncoding('utf8');
  input.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      let message: unknown;
      try {
        message = JSON.parse(line);
      } catch {
        onNoise(line);
        continue;
      }
      if (typeof message === 'object' && message !== null) for (const listener of messageListeners) listener(message);
      else onNoise(line);
    }
  });
  const close = (reason: string) => {
    for (const listener of closeListeners.splice(0)) listener(reason);
  };
  input.on('end', () => close('The other side closed the connection.'));
  input.on('error', (error) => close(`Reading failed: ${error.message}`));
  output.on('error', (error) => close(`Writing failed: ${error.message}`));
  return {
    send: (message) => {
      if (output.writable) output.write(`${JSON.stringify(message)}\n`);
    },
    onMessage: (listener) => void messageListeners.push(listener),
    onClose: (listener) => void closeListeners.push(listener),
  };
}
