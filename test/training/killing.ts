// Trains, kills and resumes: a workspace that trains in a few seconds with everything on that must survive a kill, and a
// `cover train` process that is killed at a random moment, or while it writes a checkpoint.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distFile } from '../../src/base/paths.ts';
import type { Random } from '../../src/base/random.ts';
import type { ExperimentInput } from '../../src/config/experiment.ts';
import { Encoder } from '../../src/media/encoder.ts';
import { encodeImage } from '../../src/media/sharp.ts';
import { listRuns } from '../../src/runs/listRuns.ts';
import { runsFolder } from '../../src/runs/runFolder.ts';
import { readSafetensors } from '../../src/weights/safetensors.ts';

const side = 16;
const experiment: ExperimentInput = {
  model: { imageSize: side, patchSize: 8, hiddenSize: 48, depth: 2, attentionHeads: 2, frames: 4 },
  imagePretraining: {
    epochs: 12, // ends early
    batchSize: 6,
    averageDecay: 0.9,
    earlyStopping: { patience: 2 },
    optimizer: { name: 'sgd', learningRate: 0.02 },
  },
  coTraining: {
    epochs: 6,
    batchSize: 8,
    accumulate: 2,
    averageDecay: 0.95,
    mixup: 0.8,
    cutmix: 1,
    mixupProbability: 0.8,
    dropPath: 0.2,
    dropout: 0.1,
    schedule: { name: 'step', milestones: [0.5, 4] },
    optimizer: { learningRate: 0.003, headLearningRate: 5, layerDecay: 0.7 },
  },
  checkpointSteps: 1,
};

/** Writes three datasets (two of images, one of videos; one image is broken) and cover.json. Every call writes the same. */
export async function writeKillableWorkspace(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const datasets: Record<string, object> = {};
  for (const [name, count] of [
    ['colours', 9],
    ['shades', 5],
  ] as const) {
    datasets[name] = { kind: 'image', path: name, format: 'classFolders' };
    for (const [index, label] of ['one', 'two'].entries()) {
      const place = join(folder, name, label);
      mkdirSync(place, { recursive: true });
      for (let i = 0; i < count; i++) {
        const bytes = await encodeImage(pixels(1, index, i), side, side, 'png');
        writeFileSync(join(place, `${i}.png`), name === 'shades' && index === 0 && i === 1 ? 'broken' : bytes);
      }
    }
  }
  datasets.moves = { kind: 'video', path: 'moves', format: 'classFolders', horizontalFlip: true };
  const encoder = await Encoder.create();
  try {
    for (const [index, label] of ['left', 'right'].entries()) {
      const clips = Array.from({ length: 6 }, (_, i) => pixels(8, index, i));
      const files = await encoder.encode({ clips, frames: 8, side, rate: 8, format: 'avi' });
      mkdirSync(join(folder, 'moves', label), { recursive: true });
      for (const [i, bytes] of files.entries()) writeFileSync(join(folder, 'moves', label, `${i}.avi`), bytes);
    }
  } finally {
    await encoder.close();
  }
  writeFileSync(join(folder, 'cover.json'), JSON.stringify({ datasets, experiments: { killed: experiment } }));
}

function pixels(frames: number, index: number, i: number): Uint8Array {
  return Uint8Array.from({ length: frames * side * side * 3 }, (_, at) => {
    const frame = Math.floor(at / (side * side * 3));
    return (at % 3 === index ? 120 + 10 * i : 30 + frame * (index === 0 ? 10 : 2)) % 256;
  });
}

/** When a process is to be killed: after so many ms, or with the n-th checkpoint that it begins to write. */
export type Moment = { afterMs: number } | { writing: number };

/** Trains to the end, or until killed; resolves to whether it came to its end. Throws where it failed by itself. */
export function coverTrain(workspace: string, run: string | undefined, moment?: Moment): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const args = [
      distFile('cli.js'),
      'train',
      '--workspace',
      workspace,
      ...(run === undefined ? [] : ['--resume', run]),
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const kill = () => void child.kill('SIGKILL');
    const stopWaiting =
      moment && ('afterMs' in moment ? after(moment.afterMs, kill) : whenWriting(workspace, moment.writing, kill));
    child.once('close', (code, signal) => {
      stopWaiting?.();
      if (code === 0) resolve(true);
      else if (moment && code === null && signal === 'SIGKILL') resolve(false);
      else reject(new Error(`cover train ended with ${code ?? signal}: ${said}`));
    });
  });
}

function after(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}

/** Calls `act` once, when the n-th temporary file of a checkpoint appears. */
function whenWriting(workspace: string, count: number, act: () => void): () => void {
  const seen = new Set<string>();
  const runs = runsFolder(workspace);
  mkdirSync(runs, { recursive: true });
  const watcher = watch(runs, { recursive: true }, (_, name) => {
    if (!name || !/checkpoints.*\.tmp$/.test(name) || seen.has(name)) return;
    seen.add(name);
    if (seen.size === count) act();
  });
  return () => watcher.close();
}

/** What a finished run made, byte for byte: its last checkpoint and model.onnx; and the steps after which it was judged. */
export async function results(
  workspace: string,
): Promise<{ checkpoint: Buffer; model: Buffer; heads: object; judged: readonly number[] }> {
  const [run] = await listRuns(workspace);
  if (run?.state !== 'done') throw new Error(`The newest run of ${workspace} is ${run?.state}.`);
  const folder = join(run.folder, 'checkpoints');
  const last = readdirSync(folder)
    .filter((name) => /^step-.*\.safetensors$/.test(name))
    .sort()
    .at(-1);
  return {
    checkpoint: readFileSync(join(folder, last!)),
    model: readFileSync(join(run.folder, 'model.onnx')),
    heads: run.heads,
    judged: eventsOf(run.folder).flatMap(({ event, step }) => (event === 'epoch' ? [step] : [])),
  };
}

export interface Trial {
  /** Kills that met a running process, and of those the ones that left a half-written temporary file of a checkpoint. */
  kills: number;
  whileWriting: number;
}

/**
 * Trains a run that is killed one to `kills` times, and resumes it until it is done. After each kill every checkpoint must be
 * whole, and in the end no step may be told twice. `wholeMs`: how long an uninterrupted run takes.
 */
export async function killAndResume(workspace: string, random: Random, kills: number, wholeMs: number): Promise<Trial> {
  const trial: Trial = { kills: 0, whileWriting: 0 };
  for (let attempt = 0; ; attempt++) {
    const [run] = await listRuns(workspace); // none where it was killed before it had begun
    const moment = random.uniform() < 0.5 ? { afterMs: random.between(0, wholeMs) } : { writing: 1 + random.below(20) };
    if (await coverTrain(workspace, run?.run, attempt < kills ? moment : undefined)) {
      if (trial.kills > 0) break;
      rmSync(runsFolder(workspace), { recursive: true }); // it was faster than its killer: another moment, from the start
      attempt = -1;
      continue;
    }
    trial.kills++;
    if (checkCheckpoints(workspace)) trial.whileWriting++;
    if ((await listRuns(workspace))[0]?.state === 'done') break; // killed when all was done
  }
  const [run] = await listRuns(workspace);
  checkSteps(run!.folder);
  return trial;
}

/** Reads every checkpoint there is, and tells whether one was just being written. */
function checkCheckpoints(workspace: string): boolean {
  let writing = false;
  const runs = runsFolder(workspace);
  if (!existsSync(runs)) return false;
  for (const name of readdirSync(runs, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.safetensors')) readSafetensors(join(runs, name));
    writing ||= /checkpoints.*\.tmp$/.test(name);
  }
  return writing;
}

/** What the run in the folder told. */
function eventsOf(folder: string): { event: string; step: number }[] {
  const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

function checkSteps(folder: string): void {
  const events = eventsOf(folder);
  for (const kind of ['step', 'epoch']) {
    const steps = events.filter(({ event }) => event === kind).map(({ step }) => step);
    if (steps.some((step, i) => i > 0 && step <= steps[i - 1]!))
      throw new Error(`${folder} tells a ${kind} twice: ${steps}`);
  }
  const counts = ['done', 'started'].map((kind) => events.filter(({ event }) => event === kind).length);
  if (counts[0] !== 1 || counts[1] === 0) throw new Error(`${folder} tells "done" ${counts[0]} times.`);
}
