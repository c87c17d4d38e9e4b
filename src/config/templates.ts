// Ready-made experiments and studies, to be put into cover.json and changed there. What the paper gives of its own settings is
// marked as the paper's; everything else is ours (../experiment.ts).
import { UserError } from '../base/errors.ts';
import type { ExperimentInput, StudyInput } from './experiment.ts';
import { didYouMean } from './names.ts';

export interface Template {
  /** What it is asked for by; also what it is called in cover.json, unless that name is taken. */
  readonly name: string;
  readonly section: 'experiments' | 'studies';
  readonly title: string;
  /** What it does, and what to change. */
  readonly description: string;
  readonly value: ExperimentInput | StudyInput;
}

/** Stands where a person must put the name of one of their own datasets or runs. */
const yours = { dataset: 'my-dataset', run: 'run:cover-1' };

export const templates: readonly Template[] = [
  {
    name: 'cover',
    section: 'experiments',
    title: 'CoVeR',
    description:
      'Image pre-training of the non-temporal weights, then co-training on all datasets, drawn by their sizes.',
    value: { model: { preset: 'nano' }, imagePretraining: {}, coTraining: {} },
  },
  {
    name: 'one-dataset',
    section: 'experiments',
    title: 'One dataset',
    description: 'The same model on one dataset alone: what co-training is compared with.',
    value: { datasets: [yours.dataset], imagePretraining: false, coTraining: {} },
  },
  {
    name: 'image-pretraining',
    section: 'experiments',
    title: 'Pre-train on images',
    description:
      'Only the first stage: the non-temporal weights, on the image datasets. Others start from it with run:NAME.',
    value: { imagePretraining: {}, coTraining: false },
  },
  {
    name: 'fine-tune',
    section: 'experiments',
    title: 'Fine-tune',
    description: 'Goes on from a trained run on one dataset, with a tenth of the learning rate and faster heads.',
    value: {
      datasets: [yours.dataset],
      model: { weights: yours.run },
      imagePretraining: false,
      coTraining: false,
      fineTuning: { optimizer: { learningRate: 1e-4, headLearningRate: 10 } },
    },
  },
  {
    name: 'linear-probe',
    section: 'experiments',
    title: 'Linear probe',
    description: 'Trains the heads on top of a run that stays as it is: how good its features are.',
    value: {
      datasets: [yours.dataset],
      model: { weights: yours.run },
      imagePretraining: false,
      coTraining: false,
      fineTuning: { train: 'heads' },
    },
  },
  {
    name: 'paper',
    section: 'experiments',
    title: 'The paper’s model',
    description:
      'CoVeR as published: 24 layers, 16 frames of 448 pixels, 1 clip × 3 crops. Optimizer and schedule are not published; these are ours. Needs a large GPU.',
    value: {
      model: { preset: 'large', frames: 16, imageSize: 448, patchSize: 16 },
      imagePretraining: { batchSize: 64, accumulate: 64, optimizer: { learningRate: 2e-4 } },
      coTraining: { batchSize: 64, accumulate: 64, optimizer: { learningRate: 2e-4 }, dropPath: 0.1 },
      views: { clips: 1, crops: 3 },
      checkpointing: true,
    },
  },
  {
    name: 'co-training',
    section: 'studies',
    title: 'Co-training against one model per dataset',
    description: 'All datasets together against each alone, with the same samples of each, over three seeds.',
    value: { compare: ['coTraining'], seeds: [1, 2, 3] },
  },
  {
    name: 'transfer',
    section: 'studies',
    title: 'Transfer study',
    description:
      'Fine-tunes on each dataset from a model co-trained on the others, from each other one, and from scratch.',
    value: { compare: ['transfer'], seeds: [1, 2, 3] },
  },
  {
    name: 'images',
    section: 'studies',
    title: 'Ablation: with and without images',
    description: 'The video datasets, co-trained with the image datasets and without them, on as many videos.',
    value: { compare: ['images'], seeds: [1, 2, 3] },
  },
];

/** Throws UserError `no-template`. */
export function templateOf(name: string): Template {
  const found = templates.find((template) => template.name === name);
  if (found) return found;
  const names = templates.map((template) => template.name);
  throw new UserError(
    'no-template',
    `There is no template "${name}"${didYouMean(name, names)}. There are: ${names.join(', ')}.`,
  );
}
