// The rows of the Datasets tree as plain values: dataset → split → class → sample, with "Show more" where a list is
// long. Pure; `datasetsTree.ts` fetches what they show and turns them into tree items.
import { basename } from 'node:path';
import { count, dotted, figures, plural } from '../base/format.ts';
import type { DatasetSummary, IndexedSample } from '../protocol/datasets.ts';

export interface DatasetNode {
  type: 'dataset';
  dataset: DatasetSummary;
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
}
export interface SampleNode {
  type: 'sample';
  sample: IndexedSample;
}
export interface MoreNode {
  type: 'more';
  parent: SplitNode | ClassNode;
  left: number;
}
export type Node = DatasetNode | SplitNode | ClassNode | SampleNode | MoreNode;

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
    case 'sample':
      // One file may hold several samples of one split (time ranges), and be listed twice.
      return JSON.stringify(['sample', node.sample.id, node.sample.split, node.sample.label, node.sample.start]);
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
}

export function rowOf(node: Node): Row {
  switch (node.type) {
    case 'dataset': {
      const { dataset } = node;
      const problems = dataset.problems > 0 ? plural(dataset.problems, 'problem') : '';
      return {
        label: dataset.name,
        description: `${dotted(count(dataset.samples), plural(dataset.classes, 'class', 'classes'))}${problems && `  ⚠ ${count(dataset.problems)}`}`,
        tooltip: [`${dataset.kind} dataset, ${plural(dataset.samples, 'sample')}`, dataset.path, problems]
          .filter(Boolean)
          .join('\n'),
        icon: dataset.kind === 'video' ? 'device-camera-video' : 'device-camera',
      };
    }
    case 'split':
      return {
        label: node.split,
        description: count(node.samples),
        tooltip: `${plural(node.samples, 'sample')} in ${plural(node.classes, 'class', 'classes')}`,
        icon: 'layers',
      };
    case 'class':
      return {
        label: node.label,
        description: count(node.samples),
        tooltip: `${node.label}: ${plural(node.samples, 'sample')}`,
        icon: 'tag',
      };
    case 'sample': {
      const { sample } = node;
      return {
        label: basename(sample.file),
        description: timeRange(sample),
        tooltip: [sample.file, sample.label, mediaFacts(sample)].filter(Boolean).join('\n'),
        icon: sample.kind === 'video' ? 'play-circle' : 'file-media',
      };
    }
    case 'more':
      return { label: 'Show more', description: `${count(node.left)} left`, tooltip: '', icon: 'ellipsis' };
  }
}

/** The first `shown` of `nodes`, and where some are left a row that says how many of `total`. */
export function paged<N extends Node>(
  parent: SplitNode | ClassNode,
  nodes: readonly N[],
  shown: number,
  total = nodes.length,
): (N | MoreNode)[] {
  const first = nodes.slice(0, shown);
  const left = total - first.length;
  return left > 0 && first.length > 0 ? [...first, { type: 'more', parent, left }] : first;
}

/** "h264 · 340 × 256 · 10.0 s · 28.0 frames/s". */
function mediaFacts({ media }: IndexedSample): string {
  if (!media) return '';
  const { codec, width, height, duration, rate } = media;
  return dotted(
    codec ?? '',
    `${width} × ${height}`,
    duration !== null && `${figures(duration)} s`,
    rate !== null && `${figures(rate)} frames/s`,
  );
}

function timeRange(sample: IndexedSample): string {
  if (sample.start === null && sample.end === null) return '';
  return `${(sample.start ?? 0).toFixed(1)}–${sample.end === null ? 'end' : sample.end.toFixed(1)} s`;
}
