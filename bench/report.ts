// What was measured, as one JSON object for programs and a file, and as a table for a person.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { writeFileAtomic } from '../src/base/atomicFile.ts';
import { percent } from '../src/base/format.ts';
import { packageVersion } from '../src/base/paths.ts';
import type { Device } from '../src/engine/devices.ts';
import type { CaseResult, Measured, Other } from './measure.ts';

export interface BenchReport {
  /** When it began, ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  /** node, onnxruntime, torch, cover-studio. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  /** Load of the machine (one minute) before and after, this benchmark's own included in the latter. */
  readonly load: { readonly before: number; readonly after: number };
  readonly cases: readonly CaseResult[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly os: string;
  /** The devices measured, by id. */
  readonly devices: Readonly<Record<string, string>>;
}

export const currentLoad = () => loadavg()[0]!;

export function describeMachine(devices: readonly Device[]): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown CPU',
    cores: cpus().length,
    memoryBytes: totalmem(),
    os: `${type()} ${release()} ${process.arch}`,
    devices: Object.fromEntries(devices.map(({ id, name, detail }) => [id, `${name}, ${detail}`])),
  };
}

export function versionsOf(libraries: ReadonlyMap<string, string>): Record<string, string> {
  return { 'cover-studio': packageVersion(), node: process.versions.node, ...Object.fromEntries(libraries) };
}

/** Writes `<machine>-<date>.json` into the folder, or `…-2.json` where there is one; returns the file. */
export async function saveReport(folder: string, report: BenchReport): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { cpu, cores, devices } = report.machine;
  const gpus = Object.entries(devices).flatMap(([id, name]) => (id === 'cpu' ? [] : [name.split(',')[0]!]));
  const machine = [cpu, `${cores} cores`, ...gpus].join(' ').toLowerCase();
  const name = `${machine.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}-${report.date.slice(0, 10)}`;
  for (let i = 1; ; i++) {
    const file = join(folder, `${name}${i === 1 ? '' : `-${i}`}.json`);
    if (existsSync(file)) continue;
    await writeFileAtomic(file, [`${JSON.stringify(report, null, 2)}\n`]);
    return file;
  }
}

/** The table, and below it what could not be measured. */
export function formatReport({ machine, versions, rounds, load, cases }: BenchReport): string {
  const withTorch = cases.some(({ torch }) => torch);
  const head = ['model', 'clips', '', 'device', 'ms (min–max)', 'clips/s', 'GFLOP/s', 'of Gemm', 'peak MB'];
  const table = new Table({
    head: [...head, 'bare', ...(withTorch ? ['eager', 'its MB', 'compiled', 'its MB'] : [])],
    style: { head: [], border: [] },
  });
  for (const one of cases) table.push(row(one, withTorch));
  const versionText = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    table.toString(),
    'GFLOP/s: useful matrix products only. of Gemm: that over the rate of large Gemms in the same rounds.',
    'bare, eager, compiled: the time of bare onnxruntime and of PyTorch over ours; above 1, ours is faster.',
    `${machine.cpu}, ${machine.cores} cores, ${gigabytes(machine.memoryBytes)}, ${machine.os}; ${versionText.join(', ')}.`,
    `Medians of ${rounds} alternating rounds; load ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after.`,
    `During a round other programs used ${percent(busiest(cases), 0)} of the processors at most.`,
    ...cases.flatMap(failures),
  ].join('\n');
}

function row(
  { model, batch, mode, device, ours, gemmGflops, share, bare, torch }: CaseResult,
  withTorch: boolean,
): string[] {
  const own =
    'failed' in ours
      ? ['failed', '', '', '', '']
      : [
          `${short(ours.ms.median)} (${short(ours.ms.min)}–${short(ours.ms.max)})`,
          short(ours.clipsPerSecond),
          short(ours.gflops),
          share && gemmGflops ? `${percent(share.median, 0)} of ${short(gemmGflops.median)}` : '–',
          megabytes(ours.peakBytes),
        ];
  const others = withTorch ? [...cells(torch?.eager), ...cells(torch?.compiled)] : [];
  return [model, String(batch), mode, device, ...own, cells(bare)[0]!, ...others];
}

function cells(other: Measured<Other> | null | undefined): [string, string] {
  if (!other) return ['', ''];
  if ('failed' in other) return ['–', '–'];
  const { median, min, max } = other.timeOverOurs;
  return [`${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`, megabytes(other.peakBytes)];
}

function failures({ model, mode, device, ours, bare, torch }: CaseResult): string[] {
  const all = { ours, bare, 'PyTorch eager': torch?.eager, 'PyTorch compiled': torch?.compiled };
  return Object.entries(all).flatMap(([name, result]) =>
    result && 'failed' in result ? [`${model} ${mode} on ${device}, ${name}: ${result.failed}.`] : [],
  );
}

function busiest(cases: readonly CaseResult[]): number {
  return Math.max(0, ...cases.map(({ othersBusy }) => othersBusy?.max ?? 0));
}

/** Three digits or so. */
function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function megabytes(bytes: number | null): string {
  return bytes === null ? '–' : (bytes / 1e6).toFixed(0);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(0)} GB`;
}
