// Measures one case: starts every program that takes part, lets each warm up, then gives them turns, round after round, so
// that they meet the same machine. Speeds of two programs are compared round by round.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../src/base/errors.ts';
import { percent } from '../src/base/format.ts';
import { parameterLayout } from '../src/model/parameters.ts';
import { type BenchCase, caseName, type Mode } from './cases.ts';
import { gemmFlops, inputsFile, learningRate, optimizer, type Role, resultsFile, threads } from './engine.ts';
import { countFlops, type Flops } from './flops.ts';
import { type Command, Participant } from './participant.ts';
import { type Check, checkSchema } from './protocol.ts';
import { othersDuring, quietShare, waitForQuiet } from './quiet.ts';
import { median, pairRatios, type Spread, spread } from './statistics.ts';

export interface Timing {
  /** Milliseconds of a step, or of a pass over the batch. */
  readonly ms: Spread;
  readonly clipsPerSecond: number;
  /** 10⁹ useful operations a second. */
  readonly gflops: number;
  /** Largest resident memory of its process. */
  readonly peakBytes: number | null;
}

export interface Other extends Timing {
  /** Its time over ours, round by round: above 1, ours is faster. */
  readonly timeOverOurs: Spread;
  readonly rounds: readonly number[];
}

/** A program that could not be measured says why. */
export type Measured<T> = T | { readonly failed: string };

export interface CaseResult {
  readonly model: string;
  readonly mode: Mode;
  readonly device: string;
  readonly shape: Readonly<Record<string, number>>;
  readonly batch: number;
  readonly parameters: number;
  readonly flops: Flops;
  readonly ours: Measured<Timing>;
  /** Share of all processors' time that other programs used during each round: in its worst turn. */
  readonly othersBusy: Spread | null;
  /** Rounds measured again because other programs were busy meanwhile. */
  readonly discarded: number;
  /** The rate of large matrix products in the same rounds, 10⁹ operations a second. */
  readonly gemmGflops: Spread | null;
  /** Our gflops over gemmGflops, round by round. */
  readonly share: Spread | null;
  /** The same model.onnx in onnxruntime with nothing around it; inference only. */
  readonly bare: Measured<Other> | null;
  readonly torch: {
    readonly check: Check | null;
    readonly eager: Measured<Other>;
    readonly compiled: Measured<Other> | null;
  } | null;
}

export interface MeasureOptions {
  readonly rounds: number;
  /** How long a case may wait for other programs, and measure rounds again that they disturbed. */
  readonly patienceMs: number;
  /** This program's bundle, for its child processes. */
  readonly bundle: string;
  readonly torch: { readonly python: string; readonly script: string; readonly compiled: boolean } | undefined;
  onProgress(text: string): void;
  /** Told once per library: "onnxruntime", "torch". */
  onVersion(library: string, version: string): void;
}

type Name = 'ours' | 'bare' | 'eager' | 'compiled' | 'gemm';

/** What one program did: each round's median, and every run. */
interface Track {
  readonly rounds: number[];
  readonly all: number[];
  /** Of its very first run. */
  readonly value: number | null;
  readonly participant: Participant;
}

/** A turn lasts about this long, so that short steps are repeated. */
const turnMs = 1500;
const turnRuns = 100;
/** Largest relative differences at which two programs count as computing the same. */
const allowed = { logits: 1e-4, gradients: 1e-3, value: 1e-3 };

export async function measure(one: BenchCase, options: MeasureOptions): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'cover-bench-'));
  const clean = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', clean);
  try {
    return await measureIn(folder, one, options);
  } finally {
    process.off('exit', clean);
    clean();
  }
}

async function measureIn(folder: string, one: BenchCase, options: MeasureOptions): Promise<CaseResult> {
  const { model, mode, device } = one;
  const { spec, batch } = model;
  const failures = new Map<Name, string>();
  const say = (text: string) => options.onProgress(`${caseName(one)}: ${text}`);
  const ours = (role: Role): Command => ({
    program: process.execPath,
    args: [options.bundle, '--child', JSON.stringify({ role, ...one, folder })],
  });
  say('preparing');
  await Participant.ask(ours('prepare'));
  const commands = new Map<Name, Command>([['ours', ours(mode)]]);
  if (mode === 'inference') commands.set('bare', ours('bare'));
  let check: Check | null = null;
  if (options.torch) {
    const { python, script, compiled } = options.torch;
    const torch = (role: string, isCompiled: boolean): Command => ({
      program: python,
      args: [script, '--role', role, '--spec', JSON.stringify(torchSpec(one, folder, isCompiled))],
      // What torch.compile makes goes where the rest goes, and no helper processes stay behind.
      env: { ...process.env, TMPDIR: folder, TORCHINDUCTOR_CACHE_DIR: folder, TORCHINDUCTOR_COMPILE_THREADS: '1' },
    });
    try {
      say('comparing with PyTorch');
      check = checkSchema.parse(JSON.parse(await Participant.ask(torch('check', false))));
      const why = difference(check);
      if (why) throw new Error(why);
      commands.set('eager', torch('time', false));
      if (compiled) commands.set('compiled', torch('time', true));
    } catch (error) {
      for (const name of ['eager', 'compiled'] as const) failures.set(name, messageOf(error));
    }
  }
  commands.set('gemm', ours('gemm'));
  const { records, busy, discarded } = await takeTurns(commands, failures, options, say);

  const flops = countFlops(spec, batch, mode);
  const timing = ({ all, participant }: Track): Timing => {
    const ms = spread(all);
    return {
      ms,
      clipsPerSecond: (batch * 1000) / ms.median,
      gflops: flops.useful / ms.median / 1e6,
      peakBytes: participant.peakBytes ?? null,
    };
  };
  const own = records.get('ours');
  const other = (name: Name): Measured<Other> => {
    const record = records.get(name);
    if (!record || !own) return { failed: failures.get(name) ?? 'there is nothing of ours to compare it with' };
    const apart = name === 'bare' ? undefined : valueDifference(own.value, record.value);
    if (apart) return { failed: apart };
    const rounds = pairRatios(record.rounds, own.rounds);
    return { ...timing(record), timeOverOurs: spread(rounds), rounds };
  };
  const gemm = records.get('gemm');
  const gemmRates = gemm?.rounds.map((ms) => gemmFlops(device) / ms / 1e6);
  const { hiddenSize, depth, attentionHeads, frames, imageSize, patchSize } = spec;
  return {
    model: model.name,
    mode,
    device,
    shape: { hiddenSize, depth, attentionHeads, frames, imageSize, patchSize },
    batch,
    parameters: parameterLayout(spec).size,
    flops,
    ours: own ? timing(own) : { failed: failures.get('ours') ?? 'unknown' },
    othersBusy: busy.length > 0 ? spread(busy) : null,
    discarded,
    gemmGflops: gemmRates ? spread(gemmRates) : null,
    share:
      own && gemmRates
        ? spread(
            pairRatios(
              own.rounds.map((ms) => flops.useful / ms / 1e6),
              gemmRates,
            ),
          )
        : null,
    bare: mode === 'inference' ? other('bare') : null,
    torch: options.torch
      ? { check, eager: other('eager'), compiled: options.torch.compiled ? other('compiled') : null }
      : null,
  };
}

/** Starts all, warms up, and gives turns; whoever fails drops out with its reason. */
async function takeTurns(
  commands: ReadonlyMap<Name, Command>,
  failures: Map<Name, string>,
  { rounds, patienceMs, onVersion }: MeasureOptions,
  say: (text: string) => void,
): Promise<{ records: Map<Name, Track>; busy: number[]; discarded: number }> {
  const records = new Map<Name, Track>();
  const busy: number[] = [];
  let discarded = 0;
  const started: Participant[] = [];
  const attempt = async (name: Name, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      failures.set(name, messageOf(error));
      records.delete(name);
    }
  };
  try {
    for (const [name, command] of commands) {
      await attempt(name, async () => {
        say(`${name}: starting and warming up`);
        const { one, ready } = await Participant.start(command);
        started.push(one);
        onVersion(name === 'eager' || name === 'compiled' ? 'torch' : 'onnxruntime', ready.version);
        const { value } = await one.turn({ atLeastMs: 0, atMost: 1 });
        await one.turn({ atLeastMs: turnMs, atMost: turnRuns });
        records.set(name, { rounds: [], all: [], value, participant: one });
      });
    }
    const deadline = performance.now() + patienceMs;
    while (busy.length < rounds && records.size > 0) {
      await waitForQuiet(deadline, (share) =>
        say(`waiting: other programs use ${percent(share, 0)} of the processors`),
      );
      say(`round ${busy.length + 1} of ${rounds}`);
      let most = 0;
      const turns: [Track, readonly number[]][] = [];
      for (const [name, { participant }] of records) {
        await attempt(name, async () => {
          // One run that does not count: the caches, and the processors' clock, are still those of the program before.
          await participant.turn({ atLeastMs: 0, atMost: 1 });
          const { result, others } = await othersDuring(
            () => participant.turn({ atLeastMs: turnMs, atMost: turnRuns }),
            ({ cpuMs }) => cpuMs,
          );
          turns.push([records.get(name)!, result.ms]);
          most = Math.max(most, others);
        });
      }
      if (most > quietShare && performance.now() < deadline) {
        discarded++;
        say(`once more: other programs used ${percent(most, 0)} of the processors meanwhile`);
        continue;
      }
      busy.push(most);
      for (const [record, ms] of turns) {
        record.rounds.push(median(ms));
        record.all.push(...ms);
      }
    }
  } finally {
    for (const participant of started) await participant.end();
  }
  return { records, busy, discarded };
}

function torchSpec({ model, mode, device }: BenchCase, folder: string, compiled: boolean): object {
  return {
    model: model.spec,
    mode,
    device: device === 'cpu' ? 'cpu' : 'cuda',
    threads,
    compiled,
    inputs: inputsFile(folder),
    ours: resultsFile(folder),
    optimizer: { ...optimizer, rate: learningRate },
  };
}

function difference({ logits, gradients }: Check): string | undefined {
  if (!(logits <= allowed.logits)) return `its logits differ from ours by ${logits}, relatively; not compared`;
  if (gradients !== null && !(gradients <= allowed.gradients))
    return `its gradients differ from ours by ${gradients}, relatively; not compared`;
  return undefined;
}

/** Of the first run, the same in every program: the loss of the first step, or the first probability. */
function valueDifference(ours: number | null, theirs: number | null): string | undefined {
  if (ours !== null && theirs !== null && Math.abs(ours - theirs) <= allowed.value * Math.abs(theirs)) return undefined;
  return `its first result is ${theirs}, ours ${ours}; not compared`;
}
