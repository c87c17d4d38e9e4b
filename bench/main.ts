// npm run bench: how fast this program's own engine trains and classifies here, beside the machine's rate of matrix
// multiplication and, with --torch PYTHON, beside PyTorch. It measures and asserts nothing. `--child` is the same bundle
// as one of the processes that are measured.
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { messageOf, UserError } from '../src/base/errors.ts';
import { percent } from '../src/base/format.ts';
import { packageRoot } from '../src/base/paths.ts';
import { chooseDevice, type Device, listDevices } from '../src/engine/devices.ts';
import { type BenchCase, caseName } from './cases.ts';
import { serve } from './child.ts';
import { asksForDecode, benchDecode } from './decode.ts';
import { type CaseResult, measure } from './measure.ts';
import { type BenchOptions, parseOptions } from './options.ts';
import { busyShare, quietShare } from './quiet.ts';
import { drawReadme } from './readmeTable.ts';
import { currentLoad, describeMachine, formatReport, saveReport, versionsOf } from './report.ts';

const folder = join(packageRoot(), 'bench');
const resultsFolder = join(folder, 'results');

async function bench(options: BenchOptions): Promise<number> {
  const note = (text: string) => void process.stderr.write(`${text}\n`);
  const date = new Date().toISOString();
  const load = currentLoad();
  const busy = await busyShare();
  if (busy > quietShare && options.patience === 0)
    note(`Other programs use ${percent(busy, 0)} of the processors, which slows what is measured (--patience waits).`);
  const devices = await devicesOf(options);
  const versions = new Map<string, string>();
  const cases: CaseResult[] = [];
  let failed = false;
  for (const one of casesOf(options, devices)) {
    try {
      const result = await measure(one, {
        rounds: options.rounds,
        patienceMs: options.patience * 1000,
        bundle: __filename,
        torch: options.torch
          ? { python: options.torch, script: join(folder, 'torchTimesformer.py'), compiled: options.compiled }
          : undefined,
        onProgress: note,
        onVersion: (library, version) => versions.set(library, version),
      });
      if ('failed' in result.ours) failed = true;
      cases.push(result);
    } catch (error) {
      failed = true;
      note(`${caseName(one)} could not be measured: ${messageOf(error)}`);
    }
  }
  const report = {
    date,
    machine: describeMachine(devices),
    versions: versionsOf(versions),
    rounds: options.rounds,
    load: { before: load, after: currentLoad() },
    cases,
  };
  if (options.out !== undefined && cases.length > 0) {
    note(`Results: ${await saveReport(options.out, report)}`);
    if (options.out === resultsFolder) note('npm run bench -- --readme draws the table in README.md from them.');
  }
  process.stdout.write(`${options.json ? JSON.stringify(report) : formatReport(report)}\n`);
  return failed ? 1 : 0;
}

async function devicesOf({ devices }: BenchOptions): Promise<Device[]> {
  if (devices) return Promise.all(devices.map(chooseDevice));
  return (await listDevices()).filter(({ available }) => available);
}

function casesOf({ models, modes }: BenchOptions, devices: readonly Device[]): BenchCase[] {
  return devices.flatMap(({ id }) => models.flatMap((model) => modes.map((mode) => ({ model, mode, device: id }))));
}

async function main(args: readonly string[]): Promise<number> {
  // Ends through 'exit', where the other processes are ended and temporary files removed.
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  if (args[0] === '--child') {
    await serve(args[1]!);
    return 0;
  }
  try {
    if (asksForDecode(args)) return await benchDecode(args, resultsFolder);
    const options = parseOptions(args, resultsFolder);
    if (!options.readme) return await bench(options);
    await drawReadme(join(packageRoot(), 'README.md'), resultsFolder);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  },
);
