// The rows of the Datasets tree as plain values: dataset → split → class → sample, a dataset's excluded samples below a row of
// their own, and "Show more" where a list is long. Pure; `datasetsTree.ts` fetches what they show and turns them into tree items.
import { basename } from 'node:path';
import { count, dotted, figures, plural } from '../base/format.ts';
import { asName } from '../base/shownText.ts';
import type { DatasetSummary, IndexedSample } from '../protocol/datasets.ts';

export interface DatasetNode {
  type: 'dataset';
  dataset: DatasetSummary;
  /** Under a filter: how many samples it leaves. */
  found?: number;
}
export interface SplitNode {
  type: 'split';
  dataset: DatasetSummary;
  split: string;
  samples: number;
  classes: number;
}
export interface ClassNode {
  type: 'class';
  dataset: DatasetSummary;
  split: string;
  label: string;
  samples: number;
  /** Problems of its files. */
  problems?: number;
}
/** A dataset's samples that are in no split. */
export interface ExcludedNode {
  type: 'excluded';
  dataset: DatasetSummary;
  samples: number;
}
export interface SampleNode {
  type: 'sample';
  sample: IndexedSample;
  /** What is wrong with its file. */
  problem?: string | undefined;
}
export interface MoreNode {
  type: 'more';
  parent: SplitNode | ClassNode | ExcludedNode;
  left: number;
}
export type Node = DatasetNode | SplitNode | ClassNode | ExcludedNode | SampleNode | MoreNode;
/** Rows that stand for samples: what an action on samples can be called with. */
export type SamplesNode = SampleNode | ClassNode;

/** Samples fetched, and classes shown, at a time. */
export const pageSize = 100;

/** Stable over refreshes, so that what was expanded stays so. Names may hold any character, hence JSON. */
export function nodeId(node: Node): string {
  switch (node.type) {
    case 'dataset':
      return JSON.stringify(['dataset', node.dataset.name]);
    case 'split':
      return JSON.stringify(['split', node.dataset.name, node.split]);
    case 'class':
      return JSON.stringify(['class', node.dataset.name, node.split, node.label]);
    case 'excluded':
      return JSON.stringify(['excluded', node.dataset.name]);
    case 'sample': {
      // One file may hold several samples of one split (time ranges), and be listed twice.
      const { id, split, label, start, excluded } = node.sample;
      return JSON.stringify(['sample', id, split, label, start, ...(excluded ? ['excluded'] : [])]);
    }
    case 'more':
      return JSON.stringify(['more', nodeId(node.parent)]);
  }
}

export interface Row {
  label: string;
  description: string;
  tooltip: string;
  /** A codicon's name. */
  icon: string;
  /** Which actions are offered. */
  context: string;
  /** Drawn in the colour of what is off. */
  dimmed?: boolean;
  /** Two characters at most at the end of the row, with what they mean to who does not see them. */
  badge?: { text: string; spoken: string; warns: boolean };
}

export function rowOf(node: Node): Row {
  switch (node.type) {
    case 'dataset':
      return datasetRow(node);
    case 'split':
      return {
        label: node.split,
        description: count(node.samples),
        tooltip: `${plural(node.samples, 'sample')} in ${plural(node.classes, 'class', 'classes')}`,
        icon: 'layers',
        context: 'split',
      };
    case 'class':
      return {
        label: node.label,
        description: count(node.samples),
        tooltip: [
          `${asName(node.label)}: ${plural(node.samples, 'sample')}`,
          node.problems ? plural(node.problems, 'problem') : '',
        ]
          .filter(Boolean)
          .join('\n'),
        icon: 'tag',
        context: 'class',
        ...warning(node.problems),
      };
    case 'excluded':
      return {
        label: 'excluded',
        description: count(node.samples),
        tooltip: `${plural(node.samples, 'sample')} in no split: left out of training and evaluation`,
        icon: 'circle-slash',
        context: 'excluded',
        dimmed: true,
      };
    case 'sample':
      return sampleRow(node);
    case 'more':
      return {
        label: 'Show more',
        description: `${count(node.left)} left`,
        tooltip: '',
        icon: 'ellipsis',
        context: 'more',
      };
  }
}

function datasetRow({ dataset, found }: DatasetNode): Row {
  const { name, kind, path, samples, classes, problems, excluded = 0, relabelled = 0, tagged = 0 } = dataset;
  const counts = dotted(
    count(samples),
    plural(classes, 'class', 'classes'),
    excluded > 0 && `${count(excluded)} excluded`,
  );
  return {
    label: name,
    description:
      found === undefined
        ? `${counts}${problems > 0 ? `  ⚠ ${count(problems)}` : ''}`
        : `${count(found)} of ${count(samples)}`,
    tooltip: [
      `${kind} dataset, ${plural(samples, 'sample')}`,
      path,
      excluded > 0 && `${plural(excluded, 'sample')} excluded`,
      relabelled > 0 && `${plural(relabelled, 'sample')} relabelled`,
      tagged > 0 && `${plural(tagged, 'sample')} tagged`,
      problems > 0 && plural(problems, 'problem'),
    ]
      .filter(Boolean)
      .join('\n'),
    icon: kind === 'video' ? 'device-camera-video' : 'device-camera',
    context: 'dataset',
    ...warning(problems),
  };
}

function sampleRow({ sample, problem }: SampleNode): Row {
  const { file, label, kind, was, excluded, tags = [] } = sample;
  const relabelled = was === undefined ? '' : `was ${was}`;
  const tagged = tags.map((tag) => `#${tag}`).join(' ');
  return {
    label: basename(file),
    description: dotted(timeRange(sample), excluded ? `${sample.split} · ${label}` : '', relabelled, tagged),
    tooltip: [file, label, relabelled, tagged, mediaFacts(sample), problem].filter(Boolean).join('\n'),
    icon: kind === 'video' ? 'play-circle' : 'file-media',
    context: `sample${excluded ? '.excluded' : ''}${was === undefined ? '' : '.relabelled'}${tags.length > 0 ? '.tagged' : ''}`,
    ...(excluded && { dimmed: true }),
    ...(problem !== undefined
      ? { badge: { text: '!', spoken: problem, warns: true } }
      : was !== undefined && { badge: { text: 'E', spoken: `Relabelled: the dataset says "${was}"`, warns: false } }),
  };
}

function warning(problems = 0): Pick<Row, 'badge'> {
  if (problems === 0) return {};
  return { badge: { text: problems > 9 ? '9+' : String(problems), spoken: plural(problems, 'problem'), warns: true } };
}

/** The first `shown` of `nodes`, and where some are left a row that says how many of `total`. */
export function paged<N extends Node>(
  parent: MoreNode['parent'],
  nodes: readonly N[],
  shown: number,
  total = nodes.length,
): (N | MoreNode)[] {
  const first = nodes.slice(0, shown);
  const left = total - first.length;
  return left > 0 && first.length > 0 ? [...first, { type: 'more', parent, left }] : first;
}

/** "h264 · 340 × 256 · 10.0 s · 28.0 frames/s"; nothing where the file was not asked. */
export function mediaFacts({ media }: IndexedSample): string {
  if (!media) return '';
  const { codec, width, height, duration, rate } = media;
  return dotted(
    codec ?? '',
    `${width} × ${height}`,
    duration !== null && `${figures(duration)} s`,
    rate !== null && `${figures(rate)} frames/s`,
  );
}

/** "1.5–3.0 s" where the sample is a part of its file. */
export function timeRange(sample: Pick<IndexedSample, 'start' | 'end'>): string {
  if (sample.start === null && sample.end === null) return '';
  return `${(sample.start ?? 0).toFixed(1)}–${sample.end === null ? 'end' : sample.end.toFixed(1)} s`;
}
