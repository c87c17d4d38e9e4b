// Figures that others published for the datasets everybody reports on, to stand beside a user's own. The announcement of CoVeR
// gives them in its tables; what it does not say of a figure (the views at test, for most) is null and shown as not stated.
import type { Evaluation, PublishedFigure } from '../protocol/evaluation.ts';

type Published = NonNullable<Evaluation['published']>;

const announcement = 'tables of the announcement of CoVeR';
const paper = 'CoVeR, arXiv 2112.07175, as cited in tables of later papers';

function figure(method: string, top1: number, pretraining: string | null, training: string | null, source: string) {
  // The views at test are stated for CoVeR alone.
  const protocol = method === 'CoVeR' ? '1 clip × 3 crops, 16 frames, 448 × 448' : null;
  return { method, top1: top1 / 100, pretraining, training, protocol, source } satisfies PublishedFigure;
}

interface Known {
  readonly name: string;
  readonly classes: readonly number[];
  /** Some of its class names, as `plain` makes them: most of them must be there. */
  readonly marks: readonly string[];
  readonly figures: readonly PublishedFigure[];
}

const kinetics = ['abseiling', 'air drumming', 'zumba', 'pole vault', 'juggling balls', 'playing violin'];
const coTrained = 'K400 + SSv2 + MiT + ImageNet';

/** Transfer gains and the like are not single results and have no place here. */
export const publishedDatasets: readonly Known[] = [
  {
    name: 'Kinetics-400',
    classes: [400],
    marks: kinetics,
    figures: [
      figure('VATT', 82.1, 'AudioSet + videos', 'K400', announcement),
      figure('OmniSource', 83.6, 'IG-Kinetics-65M', 'K400', announcement),
      figure('ViViT', 85.4, 'JFT-300M', 'K400', announcement),
      figure('Video Swin', 86.8, 'ImageNet-21k + external', 'K400', announcement),
      figure('CoVeR', 87.2, 'JFT-3B', coTrained, announcement),
    ],
  },
  {
    name: 'Kinetics-600',
    classes: [600],
    marks: kinetics,
    figures: [figure('CoVeR', 87.9, null, null, paper)],
  },
  {
    name: 'Kinetics-700',
    classes: [700],
    marks: kinetics,
    figures: [figure('CoVeR', 79.8, null, null, paper)],
  },
  {
    name: 'Something-Something v2',
    classes: [174],
    marks: [
      'pushing something from left to right',
      'pushing something from right to left',
      'folding something',
      'dropping something onto something',
      'holding something',
      'tearing something into two pieces',
    ],
    figures: [
      figure('TimeSformer', 62.4, 'ImageNet-21k', null, announcement),
      figure('VidTr', 63.0, 'ImageNet-21k', null, announcement),
      figure('ViViT', 65.9, 'ImageNet-21k', null, announcement),
      figure('Video Swin', 69.6, 'ImageNet-21k + external', null, announcement),
      figure('CoVeR', 70.9, 'JFT-3B', null, announcement),
    ],
  },
  {
    name: 'Moments in Time',
    classes: [305, 339],
    marks: ['clapping', 'praying', 'dropping', 'burying', 'covering', 'flooding', 'leaping', 'drinking'],
    figures: [
      figure('ViViT', 38.5, 'ImageNet-21k', null, announcement),
      figure('VidTr', 41.1, 'ImageNet-21k', null, announcement),
      figure('CoVeR', 46.1, 'JFT-3B', null, announcement),
    ],
  },
];

/** The published figures of the dataset that has these classes: as many, and most of the names that mark it. */
export function publishedFor(classes: readonly string[]): Published | undefined {
  const names = new Set(classes.map(plain));
  const known = publishedDatasets.find(
    (each) =>
      each.classes.includes(classes.length) &&
      isMost(
        each.marks.filter((mark) => names.has(mark)),
        each.marks,
      ),
  );
  return known && { name: known.name, figures: [...known.figures] };
}

function isMost(found: readonly string[], all: readonly string[]): boolean {
  return 2 * found.length > all.length;
}

/** Lists, folders and label maps write one class in several ways: "Pushing [something]", "pole_vault", "Zumba". */
export function plain(label: string): string {
  return label
    .toLowerCase()
    .replace(/[[\]()"']/g, '')
    .replace(/[_+-]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
