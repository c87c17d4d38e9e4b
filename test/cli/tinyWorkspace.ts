// A workspace that trains in a second or two: small pictures of two colours, and a model to match.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeImage } from '../../src/media/sharp.ts';

export const tinyLabels = ['blue, "dark"', 'red'];

const model = { imageSize: 16, patchSize: 8, hiddenSize: 16, depth: 1, attentionHeads: 2, frames: 2 };
const stage = { epochs: 2, batchSize: 4, optimizer: { learningRate: 0.01 } };

/** Writes the dataset "colours" (class folders, 12 to train on, 4 held out) and cover.json with one experiment, "quick". */
export async function writeTinyWorkspace(folder: string, epochs = stage.epochs): Promise<void> {
  for (const [index, label] of tinyLabels.entries()) {
    for (const [split, count] of [
      ['train', 6],
      ['val', 2],
    ] as const) {
      mkdirSync(join(folder, 'colours', split, label), { recursive: true });
      for (let i = 0; i < count; i++) {
        const pixels = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) =>
          at % 3 === (index === 0 ? 2 : 0) ? 160 + 10 * i : 20,
        );
        const file = join(folder, 'colours', split, label, `${i}.png`);
        writeFileSync(file, await encodeImage(pixels, 16, 16, 'png'));
      }
    }
  }
  const datasets = { colours: { kind: 'image', path: 'colours', format: 'classFolders' } };
  const studies = { first: { seeds: [1] }, second: {} };
  const experiments = { quick: { model, coTraining: { ...stage, epochs } } };
  writeFileSync(join(folder, 'cover.json'), JSON.stringify({ datasets, experiments, studies }));
}
