// A program under measurement, in a child process: ours (this bundle again) or PyTorch's (torchTimesformer.py).
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { z } from 'zod';
import { endSchema, type Request, readySchema, type TurnRequest, turnSchema } from './protocol.ts';

/** A command with its arguments; nothing goes through a shell. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const keptOfStderr = 4000;

export class Participant {
  private stderr = '';
  private readonly lines: AsyncIterator<string>;
  private readonly exited: Promise<string>;
  peakBytes: number | undefined;

  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-keptOfStderr);
    });
    child.stdin.on('error', () => {}); // it has ended: the next answer says so
    this.exited = new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, signal) => resolve(signal ? `it was ended by ${signal}` : `it ended with code ${code}`));
    });
  }

  /** Starts a process that prints one answer and ends; resolves to the line, or '' where it prints nothing. */
  static async ask({ program, args, env }: Command): Promise<string> {
    const one = new Participant(spawn(program, args, { env: env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] }));
    one.child.stdin.end();
    const { value, done } = await one.lines.next();
    const how = await one.exited;
    if (how !== 'it ended with code 0') throw new Error(one.explain(how));
    return done ? '' : value;
  }

  /** Starts a process and waits until it is ready. */
  static async start({
    program,
    args,
    env,
  }: Command): Promise<{ one: Participant; ready: z.infer<typeof readySchema> }> {
    const one = new Participant(spawn(program, args, { env: env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] }));
    const kill = () => one.child.kill();
    process.once('exit', kill);
    void one.exited.then(() => process.off('exit', kill));
    return { one, ready: await one.answer(readySchema) };
  }

  turn(request: TurnRequest): Promise<z.infer<typeof turnSchema>> {
    return this.request(request, turnSchema);
  }

  /** Ends the process; `peakBytes` is known then, unless it had failed. */
  async end(): Promise<void> {
    try {
      this.peakBytes = (await this.request({ end: true }, endSchema)).peakBytes;
    } catch {
      this.child.kill(); // it failed, which was reported when it did
    }
    this.child.stdin.end();
    await this.exited;
  }

  private request<T>(message: Request, schema: z.ZodType<T>): Promise<T> {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
    return this.answer(schema);
  }

  private async answer<T>(schema: z.ZodType<T>): Promise<T> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(this.explain(await this.exited));
    return schema.parse(JSON.parse(value));
  }

  /** The last line that the process said of itself says best why. */
  private explain(how: string): string {
    const said = this.stderr.trimEnd().split('\n').at(-1);
    return said ? `${how}: ${said}` : how;
  }
}
