// What a model from anywhere takes and gives, before it is judged: what is known of its input, what would be guessed, its outputs.
import { resolve } from 'node:path';
import { chooseDevice } from '../engine/devices.ts';
import type { InspectedModel } from '../protocol/imports.ts';
import { ForeignClassifier } from './foreignClassifier.ts';
import { chooseInput, type InputChoice } from './foreignInput.ts';
import { openOnnxFile } from './onnxFile.ts';

/** Throws UserError: `bad-model-file`, `model-input` where something has to be given. */
export async function inspectModel(file: string, given: InputChoice): Promise<InspectedModel> {
  const path = resolve(file);
  const opened = await openOnnxFile(path);
  // Only to be looked at: the processor can do that, whatever the model will run on.
  const classifier = await ForeignClassifier.open(path, opened, await chooseDevice('cpu'));
  try {
    const { layout, frames, size, resize, mean, std, bgr, told } = await chooseInput(
      path,
      classifier.modelInput,
      opened.metadata,
      given,
    );
    return {
      ...{ layout, frames, size, resize, mean: [...mean], std: [...std], colours: bgr ? 'bgr' : 'rgb' },
      outputs: [...classifier.outputNames],
      told: [...told],
    };
  } finally {
    await classifier.release();
  }
}
