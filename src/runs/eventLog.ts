// metrics.jsonl of a run: its job events, one line each, appended. A kill in the middle of a line costs that line alone;
// what cannot be read is passed over. Only a resumed run takes lines back: those after the checkpoint it goes on from.
import { appendFileSync, closeSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { unwritable, writeFileAtomic } from '../base/atomicFile.ts';
import { systemCode } from '../base/errors.ts';
import { type JobEvent, jobEventSchema } from '../protocol/events.ts';
import { unwritableCode } from './runWritable.ts';

export class EventLog {
  private readonly file: string;
  private checked = false;

  constructor(file: string) {
    this.file = file;
  }

  /** Appends at once, in the order of the calls. Throws a UserError when the disk takes no more; earlier lines stay. */
  append(event: JobEvent): void {
    let size: number | undefined;
    try {
      const start = this.checked || endsWithLine(this.file) ? '' : '\n';
      size = statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
      appendFileSync(this.file, `${start}${JSON.stringify(event)}\n`);
      this.checked = true;
    } catch (error) {
      try {
        if (size !== undefined) truncateSync(this.file, size); // no half line stays behind
      } catch {
        // What cannot be cut off is passed over by read().
      }
      throw unwritable(unwritableCode, error, this.file);
    }
  }

  /** Every whole event, in order; none where nothing was written yet. */
  async read(): Promise<JobEvent[]> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
    return text.split('\n').flatMap((line) => {
      const event = parseEvent(line);
      return event ? [event] : [];
    });
  }

  /** Goes back to where the run stood after `step`, and returns the events kept: what came later will be told again. */
  async rewind(step: number): Promise<JobEvent[]> {
    const kept = (await this.read()).filter((event) => isBefore(event, step));
    const text = kept.map((event) => `${JSON.stringify(event)}\n`).join('');
    await writeFileAtomic(this.file, [text], unwritableCode);
    this.checked = true;
    return kept;
  }
}

/** Whether an event is still true of a run that stands after `step`. Problems with files are, whenever they were found. */
function isBefore(event: JobEvent, step: number): boolean {
  switch (event.event) {
    case 'step':
    case 'epoch':
      return event.step <= step;
    case 'weights':
      return step > 0;
    case 'started':
      return step > 0 && (event.resumedAt ?? 0) <= step;
    case 'problem':
      return true;
    case 'progress':
    case 'arm': // a study's, and in no run's log
    case 'done':
      return false;
  }
}

/** Undefined for what is no event: a torn line, an empty one. */
export function parseEvent(line: string): JobEvent | undefined {
  try {
    return jobEventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Whether a line can follow directly: the file is absent, empty or ends with a line feed. */
function endsWithLine(file: string): boolean {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true;
    throw error;
  }
  try {
    const { size } = fstatSync(handle);
    const last = new Uint8Array(1);
    return size === 0 || (readSync(handle, last, 0, 1, size - 1) === 1 && last[0] === 0x0a);
  } finally {
    closeSync(handle);
  }
}
