// The model file of a run, ready to classify.
import { readFile } from 'node:fs/promises';
import { UserError } from '../base/errors.ts';
import type { ResolvedExperiment } from '../config/resolved.ts';
import type { Device } from '../engine/devices.ts';
import type { RunFolder } from '../runs/runFolder.ts';
import { Classifier } from './classifier.ts';

/** Loads model.onnx. Throws UserError where the run has none or it cannot be loaded. */
export async function openClassifier(
  run: RunFolder,
  { model, datasets }: ResolvedExperiment,
  device: Device,
): Promise<Classifier> {
  const file = run.file('model.onnx');
  const bytes = await readFile(file).catch(() => undefined);
  if (!bytes)
    throw new UserError(
      'no-model',
      `The run "${run.id}" has no model yet: it did not get as far as writing ${file}. Train again.`,
      file,
    );
  try {
    return await Classifier.ofModel(
      bytes,
      model,
      datasets.map(({ name, classes }) => ({ name, classes })),
      device,
    );
  } catch {
    throw new UserError('bad-model-file', `${file} cannot be loaded: it is damaged. Train again.`, file);
  }
}
