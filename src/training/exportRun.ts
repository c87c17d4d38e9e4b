// A run's weights for use elsewhere. They are read from its newest checkpoint, so that a run that was stopped or crashed
// gives what it had reached just as a finished one does.
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolders, writeFileAtomic } from '../base/atomicFile.ts';
import { throwIfAborted, UserError } from '../base/errors.ts';
import { type ResolvedExperiment, resolvedExperimentSchema } from '../config/resolved.ts';
import { exportModel } from '../model/exportModel.ts';
import {
  huggingFaceConfig,
  huggingFacePreprocessor,
  picked,
  weightsMetadata,
  withOneHead,
} from '../model/exportWeights.ts';
import { type ModelSpec, modelSpecOf } from '../model/modelSpec.ts';
import { type ParameterLayout, parameterLayout } from '../model/parameters.ts';
import { tensorsIn } from '../model/saveWeights.ts';
import { listRuns } from '../runs/listRuns.ts';
import { openRun, type RunFolder } from '../runs/runFolder.ts';
import { cover } from '../weights/layouts/cover.ts';
import { namesIn } from '../weights/layouts/layout.ts';
import { timesformer } from '../weights/layouts/timesformer.ts';
import { timesformerHuggingFace } from '../weights/layouts/timesformerHuggingFace.ts';
import { writeSafetensors } from '../weights/safetensors.ts';
import { configFile, modelFile, openWeights, preprocessorFile } from '../weights/weightsSource.ts';

export const exportFormats = ['safetensors', 'onnx', 'onnx-fp16', 'timesformer', 'huggingface'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportRequest {
  readonly workspace: string;
  /** Its name or folder. Absent: the newest finished run, else the newest with a checkpoint. */
  readonly run?: string | undefined;
  readonly format: ExportFormat;
  /** Of one head only. `timesformer` and `huggingface` hold one head: needed there where the run has several. */
  readonly head?: string | undefined;
  /** The file or, for `huggingface`, the folder. Absent: below the run's folder. */
  readonly out?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Exported {
  readonly run: string;
  readonly checkpoint: string;
  /** The file, or the folder of `huggingface`. */
  readonly path: string;
  readonly heads: readonly string[];
}

/** Throws UserError: `no-run`, `no-checkpoint`, `no-head`, or what writing meets. */
export async function exportRun({
  workspace,
  run: named,
  format,
  head,
  out,
  signal,
}: ExportRequest): Promise<Exported> {
  const run = await chosenRun(workspace, named);
  const experiment = await run.readExperiment(resolvedExperimentSchema);
  const whole = modelSpecOf(experiment);
  const one = chosenHead(whole, format, head, run);
  const spec = one === undefined ? whole : withOneHead(whole, one);
  const [wholeLayout, layout] = [parameterLayout(whole), parameterLayout(spec)];
  const { flat, checkpoint, step } = await finalWeights(run, wholeLayout);
  const weights = layout.size === wholeLayout.size ? flat : picked(wholeLayout, flat, layout);
  throwIfAborted(signal, 'The export');
  const path = await targetOf(run, format, one, out);
  const metadata = weightsMetadata(experiment, spec, run.id, step);
  const write = { experiment, spec, layout, weights, metadata, head: one };
  await writers[format](path, write);
  return { run: run.id, checkpoint, path, heads: spec.heads.map(({ name }) => name) };
}

interface ToWrite {
  readonly experiment: ResolvedExperiment;
  readonly spec: ModelSpec;
  readonly layout: ParameterLayout;
  readonly weights: Float32Array;
  readonly metadata: Record<string, string>;
  readonly head: string | undefined;
}

const unwritableCode = 'export-unwritable';

const writers: Record<ExportFormat, (path: string, what: ToWrite) => Promise<void>> = {
  safetensors: (path, { layout, weights, metadata }) =>
    writeSafetensors(path, tensorsIn(cover, layout, weights), metadata, unwritableCode),
  onnx: (path, { experiment, spec, layout, weights }) =>
    writeFileAtomic(path, [exportModel(experiment, spec, layout, weights)], unwritableCode),
  'onnx-fp16': (path, { experiment, spec, layout, weights }) =>
    writeFileAtomic(path, [exportModel(experiment, spec, layout, weights, 'float16')], unwritableCode),
  timesformer: (path, { layout, weights, metadata, head }) =>
    writeSafetensors(path, tensorsIn(timesformer, layout, weights, head), metadata, unwritableCode),
  huggingface: async (path, { experiment, spec, layout, weights, metadata, head }) => {
    await makeFolders(path, unwritableCode);
    const json = (value: unknown) => [`${JSON.stringify(value, undefined, 2)}\n`];
    await writeFileAtomic(join(path, configFile), json(huggingFaceConfig(spec)), unwritableCode);
    await writeFileAtomic(join(path, preprocessorFile), json(huggingFacePreprocessor(experiment)), unwritableCode);
    const tensors = tensorsIn(timesformerHuggingFace, layout, weights, head);
    await writeSafetensors(join(path, modelFile), tensors, metadata, unwritableCode);
  },
};

const endings: Record<ExportFormat, string> = {
  safetensors: '.safetensors',
  onnx: '.onnx',
  'onnx-fp16': '.fp16.onnx',
  timesformer: '.timesformer.safetensors',
  huggingface: '-huggingface',
};

async function chosenRun(workspace: string, named: string | undefined): Promise<RunFolder> {
  if (named !== undefined) return openRun(workspace, named);
  const runs = await listRuns(workspace);
  for (const { run } of [...runs.filter(({ state }) => state === 'done'), ...runs]) {
    const opened = await openRun(workspace, run);
    if ((await opened.checkpoints()).length > 0) return opened;
  }
  throw new UserError('no-run', `No run in ${workspace} has trained weights yet. Train one first.`);
}

function chosenHead(
  spec: ModelSpec,
  format: ExportFormat,
  head: string | undefined,
  run: RunFolder,
): string | undefined {
  const names = spec.heads.map(({ name }) => name);
  if (head !== undefined && !names.includes(head))
    throw new UserError(
      'no-head',
      `The run "${run.id}" has no head "${head}"; it has ${names.join(', ')}.`,
      run.folder,
    );
  if (head !== undefined || (format !== 'timesformer' && format !== 'huggingface')) return head;
  if (names.length === 1) return names[0];
  throw new UserError(
    'no-head',
    `The format ${format} holds one head, and the run "${run.id}" has ${names.length}: name one of ${names.join(', ')} with --head.`,
    run.folder,
  );
}

/** The weights of the newest checkpoint that holds them all: the averaged ones where an average is kept. */
async function finalWeights(
  run: RunFolder,
  layout: ParameterLayout,
): Promise<{ flat: Float32Array; checkpoint: string; step: string | undefined }> {
  let failure: unknown;
  for (const name of (await run.checkpoints()).reverse()) {
    const checkpoint = run.checkpointFile(name);
    try {
      return { ...readWeights(checkpoint, layout), checkpoint };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failure ??= error; // the one before it may be whole
    }
  }
  if (failure !== undefined) throw failure;
  throw new UserError(
    'no-checkpoint',
    `The run "${run.id}" has no weights to export: it was stopped before its first checkpoint. Train again, or name another run.`,
    run.folder,
  );
}

function readWeights(file: string, layout: ParameterLayout): { flat: Float32Array; step: string | undefined } {
  const source = openWeights(file);
  try {
    const prefix = cover.prefixes.find((each) => source.tensors.has(`${each}cls_token`)) ?? '';
    const flat = new Float32Array(layout.size);
    for (const { name, offset, size } of layout.parameters) {
      const stored = namesIn(cover, prefix, name)?.[0] ?? name;
      const data = source.tensors.has(stored) ? source.read(stored).data : undefined;
      if (!(data instanceof Float32Array) || data.length !== size)
        throw new UserError('no-checkpoint', `The checkpoint ${file} has no "${stored}" of ${size} numbers.`, file);
      flat.set(data, offset);
    }
    return { flat, step: source.metadata.step };
  } finally {
    source.close();
  }
}

/** Where to write. A folder that is there gets a file with a name of ours. */
async function targetOf(
  run: RunFolder,
  format: ExportFormat,
  head: string | undefined,
  out: string | undefined,
): Promise<string> {
  const name = `${run.id}${head === undefined ? '' : `-${head}`}${endings[format]}`;
  if (out === undefined) {
    const folder = run.file('exports');
    await makeFolders(folder, unwritableCode);
    return join(folder, name);
  }
  const path = resolve(out);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder && format !== 'huggingface' ? join(path, name) : path;
}
