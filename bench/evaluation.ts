// Times what is made of stored predictions: reading the Parquet file and every figure of 20,000 samples of 400 classes, with
// the best five alone and with all probabilities stored, and the confusion matrix of 700 classes from 100,000 records.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../src/base/random.ts';
import { assessHead } from '../src/evaluation/assessHead.ts';
import { topClasses } from '../src/evaluation/classifier.ts';
import { confusionMatrix, type Judged } from '../src/evaluation/metrics.ts';
import { recomputeReport } from '../src/evaluation/recompute.ts';
import type { PredictionRecord } from '../src/runs/predictionsFile.ts';
import { createRun, openRun } from '../src/runs/runFolder.ts';

const rounds = Number(process.argv[2] ?? 5);

/** Records of a head that is right in about half of the samples, each row of probabilities summing to 1. */
function makeRecords(count: number, classes: number, keepAll: boolean): PredictionRecord[] {
  const random = new Random(1);
  return Array.from({ length: count }, (_, i) => {
    const truth = random.below(classes);
    const scores = Float32Array.from({ length: classes }, () => random.uniform() ** 8);
    scores[truth]! += 1.3 * random.uniform() ** 2;
    const sum = scores.reduce((total, score) => total + score, 0);
    const probabilities = scores.map((score) => score / sum);
    const top = topClasses(probabilities, 0, classes, 5);
    const [id, label] = [`bench/val/${i}.mp4`, `class ${truth}`];
    const sample = {
      id,
      dataset: 'bench',
      split: 'val',
      label,
      file: `/data/${id}`,
      kind: 'video',
      start: null,
      end: null,
    };
    return {
      sample: { ...sample, kind: 'video' },
      truth,
      truthProbability: probabilities[truth]!,
      ...(keepAll && { probabilities }),
      heads: { bench: { top, probabilities: top.map((index) => probabilities[index]!) } },
    };
  });
}

interface Timed<T> {
  /** By the clock, and of all threads of this process, which other work on the machine changes less. */
  ms: number[];
  cpuMs: number[];
  last: T;
}

async function timed<T>(work: () => Promise<T> | T): Promise<Timed<T>> {
  const [ms, cpuMs]: [number[], number[]] = [[], []];
  let last = await work(); // once unmeasured
  for (let round = 0; round < rounds; round++) {
    const [started, used] = [performance.now(), process.cpuUsage()];
    last = await work();
    ms.push(performance.now() - started);
    const { user, system } = process.cpuUsage(used);
    cpuMs.push((user + system) / 1000);
  }
  return { ms, cpuMs, last };
}

function told(name: string, { ms, cpuMs }: Pick<Timed<unknown>, 'ms' | 'cpuMs'>): void {
  const spread = (values: number[]) => {
    const sorted = [...values].sort((a, b) => a - b);
    return `${sorted[sorted.length >> 1]!.toFixed(0)} ms (${sorted[0]!.toFixed(0)} … ${sorted.at(-1)!.toFixed(0)})`;
  };
  console.log(`${name}: median ${spread(ms)}, CPU ${spread(cpuMs)}, ${ms.length} rounds`);
}

async function storedPredictions(workspace: string, keepAll: boolean): Promise<void> {
  const [count, classes] = [20_000, 400];
  const names = Array.from({ length: classes }, (_, index) => `class ${index}`);
  const run = await createRun(workspace, 'bench', { seed: 1 });
  await run.writePredictions(makeRecords(count, classes, keepAll), { bench: names });
  const context = {
    run: run.id,
    head: 'bench',
    dataset: 'bench',
    split: 'val',
    protocol: 'bench',
    missing: 0,
    seed: 1,
  };
  await run.writeReport({ protocol: 'bench', heads: { bench: assessHead([], { ...context, classes: names }) } });
  await run.setState({ state: 'done' });
  const kept = keepAll ? 'all probabilities' : 'the best five';
  const reading = await timed(async () => (await openRun(workspace, run.folder)).readPredictions('bench'));
  told(`20,000 samples, 400 classes, ${kept}: reading`, reading);
  const whole = await timed(async () => recomputeReport(await openRun(workspace, run.folder)));
  told(`20,000 samples, 400 classes, ${kept}: reading and every figure`, whole);
  const { top1, top5, precisionRecall } = whole.last.heads.bench!;
  console.log(`  top-1 ${top1}, top-5 ${top5}, mean average precision ${precisionRecall?.meanAveragePrecision}`);
}

async function main(): Promise<void> {
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, node ${process.versions.node}`);
  const workspace = mkdtempSync(join(tmpdir(), 'cover-bench-'));
  try {
    await storedPredictions(workspace, false);
    await storedPredictions(workspace, true);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
  const random = new Random(2);
  const records = Array.from(
    { length: 100_000 },
    (): Judged => ({ truth: random.below(700), ranked: [random.below(700)] }),
  );
  told('confusion matrix, 700 classes, 100,000 records', await timed(() => confusionMatrix(records, 700)));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
