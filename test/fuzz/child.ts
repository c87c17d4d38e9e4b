// The process that does the cases, so that a crash or a hang of one is seen from outside and costs no more than itself.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { Decoder } from '../../src/media/decoder.ts';
import { annotationCase } from './annotationCase.ts';
import { annotationSeeds } from './annotationSeeds.ts';
import { mediaCase } from './mediaCase.ts';
import { mediaSeeds } from './mediaSeeds.ts';

export interface CaseDone {
  number: number;
  what: string;
  failures: string[];
  samples: number;
  problems: number;
  folder: string;
  /** Bytes that the process has in memory after the case. */
  memory: number;
  seconds: number;
}

/** Does the cases from `from` to before `to`, and tells the parent before and after each. */
export async function runCases(kind: 'annotations' | 'media', seed: number, from: number, to: number): Promise<void> {
  process.on('disconnect', () => process.exit()); // nobody is left to tell
  const strays: string[] = [];
  for (const event of ['unhandledRejection', 'uncaughtException'])
    process.on(event, (error: unknown) =>
      strays.push(`${event}: ${error instanceof Error ? error.stack : String(error)}`),
    );
  const isMeant = ({ name }: { name: string }) => name.includes(process.env.COVER_FUZZ_OF ?? '');
  const seeds = kind === 'annotations' ? (await annotationSeeds()).filter(isMeant) : [];
  const media = kind === 'media' ? (await mediaSeeds()).filter(isMeant) : [];
  // By turns the machine's ffmpeg and the bundled one.
  const decoders = kind === 'media' ? await bothDecoders() : [];
  for (let number = from; number < to; number++) {
    process.send!({ begin: number });
    const began = performance.now();
    const done =
      kind === 'annotations'
        ? await annotationCase(seeds, seed, number)
        : await mediaCase(media, decoders[number % decoders.length]!, seed, number);
    await new Promise((resolve) => setImmediate(resolve));
    done.failures.push(...strays.splice(0));
    const seconds = (performance.now() - began) / 1000;
    process.send!({ ...done, number, memory: process.memoryUsage.rss(), seconds } satisfies CaseDone);
  }
  for (const decoder of decoders) await decoder.close();
  const left = await leftProcesses();
  if (left !== '') process.send!({ left });
  rmSync(`${process.env.TMPDIR}/cover-duckdb-${process.pid}`, { recursive: true, force: true });
  process.disconnect();
}

/** The processes that this one started and that still run; only Linux tells. */
async function leftProcesses(): Promise<string> {
  const file = `/proc/${process.pid}/task/${process.pid}/children`;
  // One that was killed may take a moment to go.
  for (let attempt = 0; attempt < 20; attempt++) {
    if (!existsSync(file) || readFileSync(file, 'utf8').trim() === '') return '';
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return readFileSync(file, 'utf8').trim();
}

async function bothDecoders(): Promise<Decoder[]> {
  const auto = await Decoder.create({ timeoutMs: 20_000, workers: 2 });
  if (auto.backend === 'core') return [auto];
  return [auto, await Decoder.create({ timeoutMs: 20_000, workers: 2, backend: 'core' })];
}
