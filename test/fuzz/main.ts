// The fuzzer: `annotations 1000 --seed 1` or `media 1000`, `--only NUMBER` to repeat one case, `--of NAME` for those
// that begin with files of such a name. Each case follows from these and its number alone. Prints every failure, keeps its files, and ends with a line of figures.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CaseDone, runCases } from './child.ts';

const limits = { annotations: 60_000, media: 60_000 } as const;
/** More memory than this, in bytes, after a case is a failure. */
const mostMemory = 1.5e9;

type Kind = keyof typeof limits;

async function main(): Promise<void> {
  const [kind, ...rest] = process.argv.slice(2);
  if (kind !== 'annotations' && kind !== 'media') {
    console.error('fuzz annotations|media [NUMBER] [--seed S] [--of NAME] [--only NUMBER]');
    process.exitCode = 2;
    return;
  }
  const option = (name: string) => {
    const at = rest.indexOf(name);
    return at < 0 ? undefined : Number(rest[at + 1]);
  };
  const seed = option('--seed') ?? 1;
  const only = option('--only');
  if (rest.includes('--of')) process.env.COVER_FUZZ_OF = rest[rest.indexOf('--of') + 1];
  const [from, to] = only === undefined ? [0, Number(rest[0] ?? 1000)] : [only, only + 1];
  process.exitCode = (await fuzz(kind, seed, from, to)) === 0 ? 0 : 1;
}

async function fuzz(kind: Kind, seed: number, from: number, to: number): Promise<number> {
  // A temporary folder of our own: what is left in it afterwards was forgotten by somebody.
  const folder = mkdtempSync(join(tmpdir(), 'cover-fuzz-run-'));
  const total = { failures: 0, samples: 0, problems: 0, slowest: 0, slowestCase: 0, memory: 0 };
  const of = process.env.COVER_FUZZ_OF === undefined ? '' : ` --of ${process.env.COVER_FUZZ_OF}`;
  const fail = (number: number, what: string, failures: readonly string[], kept: string) => {
    total.failures++;
    console.log(
      `FAILED case ${number} (fuzz ${kind} --seed ${seed}${of} --only ${number}), ${what}\n  kept in ${kept}`,
    );
    for (const failure of failures.slice(0, 5)) console.log(`  ${failure.slice(0, 1500)}`);
  };
  for (let next = from; next < to; ) {
    const reached = await batch(kind, seed, next, to, folder, (done) => {
      if (done.number % 100 === 99) console.error(`${done.number + 1} of ${to}`);
      total.samples += done.samples;
      total.problems += done.problems;
      if (done.seconds > total.slowest) {
        total.slowest = done.seconds;
        total.slowestCase = done.number;
      }
      total.memory = Math.max(total.memory, done.memory);
      if (done.memory > mostMemory) done.failures.push(`${(done.memory / 1e9).toFixed(2)} GB in memory`);
      if (done.failures.length > 0) fail(done.number, done.what, done.failures, done.folder);
    });
    if (reached.failure !== undefined) fail(reached.next, 'the process', [reached.failure], folder);
    next = reached.next + (reached.failure === undefined ? 0 : 1);
  }
  const left = readdirSync(folder).filter((name) => !/^cover-duckdb-/.test(name));
  if (total.failures === 0 && left.length > 0) {
    total.failures++;
    console.log(`FAILED: left behind in the temporary folder: ${left.slice(0, 5).join(', ')}`);
  }
  const { failures, samples, problems, slowest, slowestCase, memory } = total;
  console.log(
    `${to - from} files of ${kind}, seed ${seed}: ${samples} samples, ${problems} problems, slowest ${slowest.toFixed(1)} s (case ${slowestCase}), at most ${(memory / 1e6).toFixed(0)} MB, ${failures} failures`,
  );
  if (failures === 0) rmSync(folder, { recursive: true, force: true });
  return failures;
}

/** Cases in one process until the end, a crash or a hang; `next` is the case that was reached. */
function batch(
  kind: Kind,
  seed: number,
  from: number,
  to: number,
  folder: string,
  onDone: (done: CaseDone) => void,
): Promise<{ next: number; failure?: string }> {
  return new Promise((resolve) => {
    const child: ChildProcess = fork(__filename, ['--child', kind, String(seed), String(from), String(to)], {
      env: { ...process.env, TMPDIR: folder },
      execArgv: ['--enable-source-maps'],
    });
    let current = from;
    let failure: string | undefined;
    let timer: NodeJS.Timeout | undefined;
    const limit = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        failure = `no end after ${ms / 1000} s`;
        child.kill('SIGKILL');
      }, ms);
    };
    limit(60_000);
    child.on('message', (message: { begin: number } | { left: string } | CaseDone) => {
      if ('left' in message) failure = `processes left behind: ${message.left}`;
      else if ('begin' in message) {
        current = message.begin;
        limit(limits[kind]);
      } else {
        onDone(message);
        current = message.number + 1;
        limit(60_000);
      }
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (failure === undefined && (code !== 0 || current < to)) failure = `ended with ${signal ?? code}`;
      resolve({ next: current, ...(failure !== undefined && { failure }) });
    });
  });
}

const [flag, kind, ...numbers] = process.argv.slice(2);
if (flag === '--child') {
  const [seed = 1, from = 0, to = 0] = numbers.map(Number);
  void runCases(kind as Kind, seed, from, to);
} else void main();
