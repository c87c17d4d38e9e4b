// PyAV as one of the programs that decoding is measured with: a process for each core, which the files are shared out to.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { packageRoot } from '../src/base/paths.ts';

export type PyavWay = 'sequential' | 'seeking';

const readySchema = z.object({ av: z.string(), libavcodec: z.string() });
const turnSchema = z.object({ cpuMs: z.number(), frames: z.number() });

interface One {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: AsyncIterator<string>;
}

export class PyavProcesses {
  private constructor(private readonly all: readonly One[]) {}

  static async start(python: string, processes: number, versions: Map<string, string>): Promise<PyavProcesses> {
    const script = join(packageRoot(), 'bench', 'decodePyav.py');
    const all = Array.from({ length: processes }, (): One => {
      const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
      child.on('error', () => {}); // its output ends then, and the next answer says so
      child.stdin.on('error', () => {});
      process.once('exit', () => child.kill());
      return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
    });
    for (const one of all) {
      const { av, libavcodec } = readySchema.parse(await answer(one));
      versions.set('PyAV', av).set('its libavcodec', libavcodec);
    }
    return new PyavProcesses(all);
  }

  /** Resolves to the processor time of all processes, ms, when every file is decoded. */
  async decode(way: PyavWay, files: readonly string[], count: number, side: number): Promise<number> {
    const turns = this.all.map(async (one, i) => {
      const own = files.filter((_, k) => k % this.all.length === i);
      one.child.stdin.write(`${JSON.stringify({ way, files: own, count, side })}\n`);
      const { cpuMs, frames } = turnSchema.parse(await answer(one));
      if (frames !== own.length * count) throw new Error(`PyAV gave ${frames} frames of ${own.length * count}.`);
      return cpuMs;
    });
    return (await Promise.all(turns)).reduce((sum, cpuMs) => sum + cpuMs, 0);
  }

  async close(): Promise<void> {
    for (const { child } of this.all) child.stdin.end('{}\n');
  }
}

async function answer({ lines }: One): Promise<unknown> {
  const { value, done } = await lines.next();
  if (done) throw new Error('The Python with PyAV ended.');
  return JSON.parse(value);
}
