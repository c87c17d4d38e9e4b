// npm run bench -- --modes decode: how many clips a second are decoded to 8 frames of 224 pixels, by the machine's ffmpeg and
// by the bundled core, beside PyAV (--pyav PYTHON) with as many processes. All take turns, round after round.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { Decoder } from '../src/media/decoder.ts';
import { ffmpegFrames, framesPerClip, makeDecodeClips } from './decodeClips.ts';
import { PyavProcesses, type PyavWay } from './decodePyav.ts';
import { othersDuring, waitForQuiet } from './quiet.ts';
import { type BenchReport, currentLoad, describeMachine, saveReport, versionsOf } from './report.ts';
import { pairRatios, type Spread, spread } from './statistics.ts';

const frames = 8;
const side = 224;
const distances = [250, 30, 12];

interface Rate {
  readonly clipsPerSecond: Spread;
  /** Processor time a clip took, of all processes together, ms. */
  readonly cpuMsPerClip: Spread;
}

/** What was measured on clips with one distance of key frames. */
export interface DecodeResult {
  readonly keyFrames: number;
  readonly native: Rate;
  readonly core: Rate;
  readonly pyav: Readonly<Record<PyavWay, Rate>> | null;
  /** Clips a second, ours over PyAV's better way, and the core's over native's; by round. */
  readonly nativeOverPyav: Spread | null;
  readonly coreOverNative: Spread;
  /** The same of processor time, which other programs disturb less: PyAV's better way's over ours. */
  readonly pyavCpuOverNative: Spread | null;
  /** Grey levels between our frames and ffmpeg's own: the mean over a clip, of the worst clip. */
  readonly greyLevels: number;
  /** Share of the processors that other programs used meanwhile. */
  readonly othersBusy: Spread;
}

export type DecodeReport = BenchReport & { readonly decode: readonly DecodeResult[] };

interface Turn {
  ms: number;
  cpuMs: number;
}

export function asksForDecode(args: readonly string[]): boolean {
  const at = args.indexOf('--modes');
  return (at >= 0 && args[at + 1] === 'decode') || args.includes('--modes=decode');
}

export async function benchDecode(args: readonly string[], resultsFolder: string): Promise<number> {
  const options = new Command('npm run bench -- --modes decode')
    .option('--modes <mode>')
    .option('--json', 'print one JSON object on stdout')
    .option('--pyav <python>', 'a python3 with av: measures PyAV in turns with ours')
    .option('--runs <count>', 'rounds', Number, 5)
    .option('--clips <count>', 'clips of a turn', Number, 32)
    .option('--patience <seconds>', 'how long each case may wait for other programs', Number, 0)
    .option('--out <dir>', 'where the results are written', resultsFolder)
    .option('--no-save', 'write no results')
    .exitOverride()
    .parse(args, { from: 'user' })
    .opts<{
      json?: boolean;
      pyav?: string;
      runs: number;
      clips: number;
      patience: number;
      out: string;
      save: boolean;
    }>();
  const note = (text: string) => void process.stderr.write(`${text}\n`);
  const date = new Date().toISOString();
  const before = currentLoad();
  const workers = availableParallelism();
  const folder = mkdtempSync(join(tmpdir(), 'cover-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const versions = new Map<string, string>();
  const native = await Decoder.create({ backend: 'native', workers });
  const core = await Decoder.create({ backend: 'core', workers });
  const pyav = options.pyav === undefined ? undefined : await PyavProcesses.start(options.pyav, workers, versions);
  const decode: DecodeResult[] = [];
  try {
    note(`Making clips in ${folder}.`);
    for (const { keyFrames, files } of await makeDecodeClips(folder, distances)) {
      const list = Array.from({ length: options.clips }, (_, i) => files[i % files.length]!);
      await waitForQuiet(performance.now() + options.patience * 1000, () => note('Waiting for other programs.'));
      const result = await measureCase({ native, core, pyav }, list, options.runs);
      decode.push({ keyFrames, ...result, greyLevels: await worstDifference(native, files) });
      note(`Key frames ${keyFrames} apart: done.`);
    }
  } finally {
    await Promise.all([native.close(), core.close(), pyav?.close()]);
  }
  const report: DecodeReport = {
    date,
    machine: describeMachine([]),
    versions: versionsOf(versions),
    rounds: options.runs,
    load: { before, after: currentLoad() },
    cases: [],
    decode,
  };
  if (options.save) note(`Results: ${await saveReport(options.out, report)}`);
  process.stdout.write(`${options.json ? JSON.stringify(report) : tableOf(report)}\n`);
  return 0;
}

type Programs = { native: Decoder; core: Decoder; pyav: PyavProcesses | undefined };

async function measureCase({ native, core, pyav }: Programs, files: readonly string[], rounds: number) {
  const turns: Record<string, Turn[]> = {};
  const busy: number[] = [];
  const programs: Record<string, () => Promise<number>> = {
    native: () => ours(native, files),
    ...(pyav && {
      sequential: () => pyav.decode('sequential', files, frames, side),
      seeking: () => pyav.decode('seeking', files, frames, side),
    }),
    core: () => ours(core, files),
  };
  for (let round = -1; round < rounds; round++) {
    for (const [name, program] of Object.entries(programs)) {
      const began = performance.now();
      const { result: cpuMs, others } = await othersDuring(program, (cpu) => Math.max(0, cpu - selfCpu.last));
      if (round < 0) continue; // to warm up
      turns[name] = [...(turns[name] ?? []), { ms: performance.now() - began, cpuMs }];
      busy.push(others);
    }
  }
  const rates = (name: string) => turns[name]!.map(({ ms }) => (files.length / ms) * 1000);
  const rate = (name: string): Rate => ({
    clipsPerSecond: spread(rates(name)),
    cpuMsPerClip: spread(turns[name]!.map(({ cpuMs }) => cpuMs / files.length)),
  });
  const ways = { sequential: rates, seeking: rates };
  const better =
    pyav &&
    (Object.keys(ways) as PyavWay[]).sort((a, b) => rate(b).clipsPerSecond.median - rate(a).clipsPerSecond.median)[0];
  const cpu = (name: string) => turns[name]!.map(({ cpuMs }) => cpuMs);
  return {
    native: rate('native'),
    core: rate('core'),
    pyav: pyav ? { sequential: rate('sequential'), seeking: rate('seeking') } : null,
    nativeOverPyav: better ? spread(pairRatios(rates('native'), rates(better))) : null,
    coreOverNative: spread(pairRatios(rates('core'), rates('native'))),
    pyavCpuOverNative: better ? spread(pairRatios(cpu(better), cpu('native'))) : null,
    othersBusy: spread(busy),
  };
}

/** What this process itself used in the last turn, which othersDuring takes off by itself. */
const selfCpu = { last: 0 };

/** Decodes all files; resolves to the processor time used, ms: this process's and that of the processes it started. */
async function ours(decoder: Decoder, files: readonly string[]): Promise<number> {
  const self = process.cpuUsage();
  const children = childrenCpuMs();
  await Promise.all(files.map((file) => decoder.decode(requestOf(file))));
  const { user, system } = process.cpuUsage(self);
  selfCpu.last = (user + system) / 1000;
  return selfCpu.last + childrenCpuMs() - children;
}

const requestOf = (file: string) => {
  return { file, kind: 'video' as const, start: null, end: null, count: frames, shortSide: side };
};

/** Processor time of the children that have ended; 0 where the system does not say. */
function childrenCpuMs(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10; // in hundredths of a second
  } catch {
    return 0;
  }
}

async function worstDifference(decoder: Decoder, files: readonly string[]): Promise<number> {
  const wanted = Array.from({ length: frames }, (_, i) => Math.floor(((i + 0.5) / frames) * framesPerClip));
  const differences = [];
  for (const file of files) {
    const { width, height, data } = await decoder.decode(requestOf(file));
    const theirs = await ffmpegFrames(file, wanted, width, height);
    if (theirs.length !== data.length)
      throw new Error(`${file}: ${theirs.length} bytes of ffmpeg, ${data.length} of ours.`);
    differences.push(data.reduce((sum, value, i) => sum + Math.abs(value - theirs[i]!), 0) / data.length);
  }
  return Math.max(...differences);
}

function tableOf({ decode, machine, versions, rounds, load }: DecodeReport): string {
  const head = [
    'key frames',
    'native clips/s',
    'core',
    'PyAV seq.',
    'PyAV seek',
    'native / PyAV',
    'its CPU / ours',
    'core / native',
    'Δ grey',
  ];
  const table = new Table({ head, style: { head: [], border: [] } });
  const rate = (one: Rate | undefined) =>
    one ? `${one.clipsPerSecond.median.toFixed(1)} (${one.cpuMsPerClip.median.toFixed(0)} ms)` : '–';
  const ratio = (one: Spread | null) =>
    one ? `${one.median.toFixed(2)} (${one.min.toFixed(2)}–${one.max.toFixed(2)})` : '–';
  for (const one of decode) {
    const { native, core, pyav } = one;
    table.push([
      ...[String(one.keyFrames), rate(native), rate(core), rate(pyav?.sequential), rate(pyav?.seeking)],
      ...[
        ratio(one.nativeOverPyav),
        ratio(one.pyavCpuOverNative),
        ratio(one.coreOverNative),
        one.greyLevels.toFixed(2),
      ],
    ]);
  }
  const busy = Math.max(...decode.map(({ othersBusy }) => othersBusy.max));
  return [
    table.toString(),
    `${frames} frames of ${side} pixels from 10 s of 340 × 256 H.264; in brackets processor time a clip. Ratios are of the same rounds.`,
    `${machine.cpu}, ${machine.cores} cores; ${Object.entries(versions)
      .map((one) => one.join(' '))
      .join(', ')}.`,
    `Medians of ${rounds} alternating rounds; load ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after; others used up to ${(busy * 100).toFixed(0)} % of the processors.`,
  ].join('\n');
}
