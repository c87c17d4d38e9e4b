// The results of a command as tables for a person. An accuracy never stands without its protocol and what is missing.
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { count, percent } from '../base/format.ts';
import { shown } from '../base/shownText.ts';
import type { DatasetSummary } from '../protocol/datasets.ts';
import type { DuplicatesReport, Finding } from '../protocol/duplicates.ts';
import type { HeadPredictions, HeadResult } from '../protocol/events.ts';
import type { Report } from '../runs/report.ts';
import { fitted, terminalWidth } from './tableWidth.ts';

/** `colour` only where the stream is a terminal and the person did not switch colours off (NO_COLOR). */
export function useColour(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

/**
 * Columns from `alignRightFrom` on are numbers. A rule under the header and no boxes: columns of numbers need none. Where it would
 * be wider than `width` (default: the terminal; a file or a pipe gets all), the longest columns of text are cut.
 */
export function table(
  titles: string[],
  cells: string[][],
  alignRightFrom: number,
  colour: boolean,
  width = terminalWidth(),
): string {
  const clean = cells.map((row) => row.map((cell) => printable(cell).replaceAll('\n', '\ufffd')));
  const [head = [], ...rows] = fitted([titles, ...clean], alignRightFrom, width);
  const drawn = new Table({
    // The table library asks the environment whether to colour (and CI says no); who calls has decided that already.
    head: colour ? head.map((title) => `\u001b[1m${title}\u001b[22m`) : head,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    colAligns: head.map((_, index) => (index >= alignRightFrom ? 'right' : 'left')),
    chars: Object.fromEntries(borders.map((name) => [name, ''])),
  });
  drawn.push(...rows);
  const [header = '', ...body] = drawn.toString().split('\n');
  const rule = '─'.repeat(
    Math.max(...[header, ...body].map((line) => stripVTControlCharacters(line).trimEnd().length)),
  );
  return [header, rule, ...body].map((line) => line.trimEnd()).join('\n');
}

const sides = ['top', 'bottom', 'mid', 'left', 'right'] as const;
const corners = ['top-mid', 'top-left', 'top-right', 'bottom-mid', 'bottom-left', 'bottom-right'] as const;
const borders = [...sides, ...corners, 'left-mid', 'mid-mid', 'right-mid', 'middle'] as const;

/** Labels and file names come from anywhere: on a terminal a control character could do anything. Line ends stay. */
export const printable = shown;

/** Accuracies of every head, with the protocol stated. `what` is another title, where they are not of what a run held out. */
export function resultTable(
  heads: Record<string, HeadResult>,
  protocol: string,
  colour: boolean,
  what = 'Held-out accuracy',
): string {
  const rows = Object.entries(heads).map(([name, head]) => [
    name,
    percent(head.top1),
    percent(head.top5),
    head.classes > 0 ? percent(1 / head.classes) : '–',
    count(head.samples),
    count(head.missing),
    count(head.classes),
  ]);
  const header = ['head', 'top-1', 'top-5', 'chance', 'judged', 'missing', 'classes'];
  return `${printable(what)}, ${printable(protocol)}:\n${table(header, rows, 1, colour)}`;
}

/** The title for evaluations of what was not trained here: which dataset and split. */
export function accuracyOn({ heads }: Pick<Report, 'heads'>): string {
  const places = Object.values(heads).map(({ dataset, split }) => `${dataset} ${split}`);
  return `Accuracy on ${places.join(', ')}`;
}

/** The same in one line, for progress. */
export function headLine(heads: Record<string, HeadResult>): string {
  const told = Object.entries(heads).map(([name, { top1, missing }]) => {
    return `${name} ${percent(top1)}${missing > 0 ? ` (${count(missing)} missing)` : ''}`;
  });
  return told.length === 0 ? 'nothing judged' : `top-1 ${told.join(', ')}`;
}

export function datasetTable(datasets: readonly DatasetSummary[], colour: boolean): string {
  const rows = datasets.map(({ name, kind, samples, classes, splits, problems }) => [
    name,
    kind,
    splits.map(splitCount).join(', '),
    count(samples),
    count(classes),
    count(problems),
  ]);
  return table(['dataset', 'kind', 'splits', 'samples', 'classes', 'problems'], rows, 3, colour);
}

/** "val 19,404 of 19,906" where the dataset's lists name more than there is. */
function splitCount({ name, samples, expected }: DatasetSummary['splits'][number]): string {
  const of = expected === undefined || expected === samples ? '' : ` of ${count(expected)}`;
  return `${name} ${count(samples)}${of}`;
}

/** A file's classes under each head, best first. */
export function predictionTable(file: string, heads: HeadPredictions, colour: boolean): string {
  const rows = Object.entries(heads).flatMap(([head, classes]) =>
    classes.map(({ label, probability }, index) => [index === 0 ? head : '', label, percent(probability)]),
  );
  return `${printable(file)}\n${table(['head', 'class', 'probability'], rows, 2, colour)}`;
}

const evidenceNames = {
  bytes: 'same bytes',
  video: 'same video',
  look: 'looks the same',
  source: 'same source, other part',
} as const;

/** How many groups of copies there are between which splits. */
export function duplicatesTable(pairs: DuplicatesReport['pairs'], colour: boolean): string {
  const rows = pairs.map(({ leak, evidence, from, to, findings }) => {
    const kind = leak ? (evidence === 'source' ? 'weak leak' : 'LEAK') : 'copies';
    return [kind, evidenceNames[evidence], from, from === to ? 'itself' : to, count(findings)];
  });
  return table(['', 'evidence', 'in', 'and in', 'groups'], rows, 4, colour);
}

/** One group of copies: what they have in common, then each sample on a line. */
export function findingLines(finding: Finding, workspace: string): string[] {
  const { evidence, distance, detail, leak, conflict, size, samples } = finding;
  const told = [
    leak ? 'leak' : 'copies',
    evidenceNames[evidence],
    ...(distance === null ? [] : [`distance ${distance.toFixed(3)}`]),
    ...(detail === '' ? [] : [detail]),
    ...(conflict ? ['labels differ'] : []),
  ];
  const lines = samples.map(({ dataset, split, label, file }) => {
    const inside = relative(workspace, file);
    return `  ${dataset} ${split}  ${label}  ${inside.startsWith('..') ? file : inside}`;
  });
  const more = size > samples.length ? [`  … and ${count(size - samples.length)} more`] : [];
  return ['', told.join(' · '), ...lines, ...more].map(printable);
}
