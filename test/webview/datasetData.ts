// A made-up dataset of any size for the dataset page: every answer follows from the place of a sample, so that a million need no
// memory. Filters are honoured as far as tests use them.
import type { Facets, SampleFilters } from '../../src/protocol/datasetQueries.ts';
import type { DatasetSnapshot, ShownListed } from '../../src/protocol/datasetView.ts';

export const splitNames = ['train', 'val'];

export interface MadeDataset {
  name: string;
  labels: readonly string[];
  total: number;
  /** Of every seventh sample the first two, of some all. */
  tags?: readonly string[];
}

const someTags = ['night', 'to check', 'x'.repeat(64)];

/** Every fifth sample is held out; classes follow each other. */
function sampleAt({ name, labels, total, tags = someTags }: MadeDataset, place: number): ShownListed {
  const perClass = Math.ceil(total / labels.length);
  const label = labels[Math.floor(place / perClass)]!;
  const file = `/data/${name}/${label}/${place}.png`;
  const wrong = place % 4 === 1;
  return {
    id: `${name}/${label}/${place}.png`,
    dataset: name,
    split: place % 5 === 4 ? 'val' : 'train',
    label,
    file,
    kind: place % 3 === 0 ? 'video' : 'image',
    start: null,
    end: null,
    excluded: place % 11 === 3,
    tags: place % 7 === 1 ? tags.slice(0, place % 2 === 0 ? 3 : 2) : [],
    findings: place % 13 === 2 ? ['Leak: same bytes'] : [],
    media: { width: 320, height: 240, seconds: 2 },
    prediction: {
      label: wrong ? labels[(labels.indexOf(label) + 1) % labels.length]! : label,
      probability: 0.5 + (place % 50) / 100,
      correct: !wrong,
    },
    url: '',
    poster: { file, kind: 'image' },
  };
}

export function samplesOf(
  made: MadeDataset,
  filters: SampleFilters,
  isJudged: boolean,
  urlOf: (kind: 'video' | 'image') => string,
  { offset, limit }: { offset: number; limit: number },
): { total: number; samples: ShownListed[] } {
  const total = totalOf(made, filters);
  const samples = Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, index) => {
    const { prediction, ...sample } = sampleAt(made, offset + index);
    const url = urlOf(sample.kind);
    const shown = {
      ...sample,
      url,
      poster: { file: `clip.${sample.kind === 'video' ? 'mp4' : 'png'}`, kind: sample.kind },
    };
    return isJudged && prediction ? { ...shown, prediction } : shown;
  });
  return { total, samples };
}

/** A text leaves as many as its length says, a class its share, tags a seventh. */
export function totalOf({ total, labels }: MadeDataset, { text, labels: chosen, tags }: SampleFilters): number {
  const some = chosen ? Math.ceil((total * chosen.length) / labels.length) : tags ? Math.round(total / 7) : total;
  return text === undefined ? some : Math.min(some, text.length);
}

export function snapshotOf({ name, labels, total }: MadeDataset): DatasetSnapshot {
  return {
    dataset: {
      ...{ name, kind: 'video', path: `/data/${name}`, samples: total, classes: labels.length, problems: 3 },
      splits: splitNames.map((split, index) => ({
        name: split,
        samples: Math.round(total * (index === 0 ? 0.8 : 0.2)),
        classes: labels.length,
      })),
    },
    choices: [
      { run: 'cover-tiny-2', heads: [name, 'imagenet-mini'] },
      { run: 'baseline', heads: [name] },
    ],
  };
}

export function facetsOf(made: MadeDataset, filters: SampleFilters, isJudged: boolean): Facets {
  const total = totalOf(made, filters);
  const per = Math.round(total / made.labels.length);
  const bump = (center: number, width: number, height: number) =>
    Array.from({ length: 20 }, (_, bin) => Math.round(height * Math.exp(-(((bin - center) / width) ** 2))));
  return {
    total,
    all: made.total,
    classes: made.labels.map((label, index) => {
      const samples = Math.round(per * (1.6 - (1.2 * index) / made.labels.length));
      return { label, samples: [Math.round(samples * 0.8), Math.round(samples * 0.2)] };
    }),
    splits: splitNames.map((name, index) => ({ name, samples: Math.round(total * (index === 0 ? 0.8 : 0.2)) })),
    excluded: { excluded: Math.round(total / 11), others: total - Math.round(total / 11) },
    tags: (made.tags ?? someTags).map((tag) => ({ tag, samples: Math.round(total / 7) })),
    media: {
      unknown: 12,
      sizes: [
        { width: 340, height: 256, samples: Math.round(total * 0.6) },
        { width: 1280, height: 720, samples: Math.round(total * 0.3) },
        { width: 640, height: 480, samples: Math.round(total * 0.1) },
      ],
      seconds: { from: 0, step: 1, counts: bump(8, 3, total / 6).slice(0, 16) },
    },
    findings: [
      { kind: 'The file is cut off after … of … bytes.', source: 'problem', severity: 'error', samples: 0, total: 3 },
      { kind: 'Leak: same bytes', source: 'copy', severity: 'warning', samples: 7, total: 8 },
    ],
    compared: false,
    predictions: isJudged
      ? {
          ...{ correct: Math.round(total * 0.15), wrong: Math.round(total * 0.05), none: Math.round(total * 0.8) },
          confidence: { correct: bump(18, 5, total / 20), wrong: bump(9, 4, total / 60) },
          predicted: made.labels.map((label, index) => ({
            label,
            samples: 900 - 30 * index,
            correct: 700 - 30 * index,
          })),
        }
      : null,
  };
}
