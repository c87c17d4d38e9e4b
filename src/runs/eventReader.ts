// Reads a run's events for those who look on: all of a long run in a bounded number of points, and afterwards only what was
// appended. A run of a million steps has hundreds of megabytes of lines, of which few are parsed.
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { systemCode } from '../base/errors.ts';
import type { JobEvent } from '../protocol/events.ts';
import { parseEvent } from './eventLog.ts';

/** Up to where the events were read: bytes, and a digest of the last of them, which tells whether the file is still the same. */
export interface EventCursor {
  offset: number;
  mark: string;
}

export interface EventsRead {
  events: JobEvent[];
  cursor: EventCursor;
}

const chunkBytes = 1 << 22;
const markBytes = 256;
const lineFeed = 0x0a;
/** Whoever is so far behind reads everything again, thinned. */
const mostBehind = 8 * chunkBytes;

/**
 * The whole story with about `points` steps and `points` epochs of it: of the steps some at equal distances in the file and the
 * last, of the epochs every head's best too. Progress only where nothing came after it.
 */
export async function readThinned(file: string, points: number): Promise<EventsRead> {
  const handle = await opened(file);
  if (!handle) return { events: [], cursor: start };
  try {
    const { size } = await handle.stat();
    const stride = size / Math.max(1, points);
    const kept: Buffer[] = [];
    let next = 0;
    // The newest, where nothing that is kept came after it.
    let step: Buffer | undefined;
    let progress: Buffer | undefined;
    let offset = 0;
    for await (const line of linesOf(handle, 0, size)) {
      const at = offset;
      offset += line.length + 1;
      const kind = kindOf(line);
      if (kind === 'progress') progress = Buffer.from(line);
      else {
        progress = undefined;
        step = undefined;
        if (kind === 'step' && at < next) {
          step = Buffer.from(line);
          continue;
        }
        if (kind === 'step') next = at + stride;
        kept.push(Buffer.from(line));
      }
    }
    kept.push(...[step, progress].filter((line) => line !== undefined));
    const events = kept.flatMap((line) => parseEvent(line.toString('utf8')) ?? []);
    return { events: withFewerEpochs(events, points), cursor: await cursorAt(handle, offset) };
  } finally {
    await handle.close();
  }
}

/** What was appended since; undefined where the file was written anew meanwhile (the run was resumed) or too much was appended. */
export async function readAppended(file: string, cursor: EventCursor): Promise<EventsRead | undefined> {
  const handle = await opened(file);
  if (!handle) return cursor.offset === 0 ? { events: [], cursor } : undefined;
  try {
    const { size } = await handle.stat();
    if (size < cursor.offset || size - cursor.offset > mostBehind) return undefined;
    if ((await cursorAt(handle, cursor.offset)).mark !== cursor.mark) return undefined;
    const events: JobEvent[] = [];
    let offset = cursor.offset;
    for await (const line of linesOf(handle, cursor.offset, size)) {
      offset += line.length + 1;
      const event = parseEvent(line.toString('utf8'));
      if (event) events.push(event);
    }
    return { events, cursor: offset === cursor.offset ? cursor : await cursorAt(handle, offset) };
  } finally {
    await handle.close();
  }
}

const start: EventCursor = { offset: 0, mark: '' };

async function opened(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function cursorAt(handle: FileHandle, offset: number): Promise<EventCursor> {
  if (offset === 0) return start;
  const from = Math.max(0, offset - markBytes);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(offset - from), 0, offset - from, from);
  return { offset, mark: createHash('sha1').update(buffer.subarray(0, bytesRead)).digest('hex') };
}

/** Whole lines without their line feed, valid until the next is asked for. What has no line feed yet is left. */
async function* linesOf(handle: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  const chunk = Buffer.alloc(Math.min(chunkBytes, Math.max(1, to - from)));
  let rest: Buffer = Buffer.alloc(0);
  for (let at = from; at < to; ) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, to - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const read = chunk.subarray(0, bytesRead);
    let begin = 0;
    for (let end = read.indexOf(lineFeed); end >= 0; end = read.indexOf(lineFeed, begin)) {
      const line = read.subarray(begin, end);
      yield rest.length > 0 ? Buffer.concat([rest, line]) : line;
      rest = Buffer.alloc(0);
      begin = end + 1;
    }
    if (begin < read.length) rest = Buffer.concat([rest, read.subarray(begin)]);
  }
}

const prefix = Buffer.from('{"event":"');
const kinds = { step: Buffer.from('step"'), progress: Buffer.from('progress"') };

/** By its first bytes, as this program writes events; any other line is parsed. */
function kindOf(line: Buffer): keyof typeof kinds | undefined {
  if (line.length < 20 || line.compare(prefix, 0, prefix.length, 0, prefix.length) !== 0) return undefined;
  const first = line[prefix.length];
  const kind = first === kinds.step[0] ? 'step' : first === kinds.progress[0] ? 'progress' : undefined;
  if (!kind) return undefined;
  const { length } = kinds[kind];
  return line.compare(kinds[kind], 0, length, prefix.length, prefix.length + length) === 0 ? kind : undefined;
}

/** Of too many epochs some at equal distances, the last, and the best of every head. */
function withFewerEpochs(events: JobEvent[], points: number): JobEvent[] {
  const epochs = events.filter((event) => event.event === 'epoch');
  if (epochs.length <= points) return events;
  const stride = epochs.length / points;
  const kept = new Set(
    Array.from({ length: points }, (_, i) => epochs[Math.floor(i * stride)]!).concat(epochs.at(-1)!),
  );
  const best = new Map<string, { top1: number; epoch: (typeof epochs)[number] }>();
  for (const epoch of epochs) {
    for (const [head, { top1 }] of Object.entries(epoch.heads))
      if (top1 !== null && top1 > (best.get(head)?.top1 ?? -1)) best.set(head, { top1, epoch });
  }
  for (const { epoch } of best.values()) kept.add(epoch);
  return events.filter((event) => event.event !== 'epoch' || kept.has(event));
}
