// `cover init`: finds the datasets below a folder and writes them into its cover.json. What stands there already stays
// as it is.

import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { commandLine } from '../base/commandLine.ts';
import { UserError } from '../base/errors.ts';
import { count, plural } from '../base/format.ts';
import { addDatasets } from '../config/edit.ts';
import { loadWorkspace, requireWorkspace, workspaceFile } from '../config/workspace.ts';
import { deepest, discoverDatasets, type LeftOut } from '../data/discover.ts';
import { searchProgress } from '../data/indexProgress.ts';
import type { Problem } from '../protocol/events.ts';
import type { Context, ExitCode } from './context.ts';
import { printable, table } from './tables.ts';
import { terminalWidth } from './tableWidth.ts';

export async function initCommand({ workspace, output, colour, signal }: Context, dir?: string): Promise<ExitCode> {
  const folder = dir === undefined ? workspace : resolve(dir);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new UserError('no-folder', `There is no folder ${folder}.`, folder);
  const tell = (problem: Problem) => output.event({ event: 'problem', problem });
  const exists = (await loadWorkspace(folder)).text !== '';
  const present = exists ? (await requireWorkspace(folder, {}, tell)).datasets : {};
  // One folder may hold several datasets: EPIC-Kitchens has a head for verbs and one for nouns.
  const keyOf = ({ path, column = '' }: { path: string; column?: string | undefined }) =>
    `${resolve(folder, path)}\0${column}`;
  const known = new Set(Object.values(present).map(keyOf));

  const leftOut: LeftOut[] = [];
  const onProgress = searchProgress((event) => output.event(event));
  const found = await discoverDatasets(folder, signal, folder, (one) => leftOut.push(one), onProgress);
  output.settle();
  const tellLeftOut = () => {
    for (const one of leftOut) output.event({ event: 'leftOut', ...one });
    for (const { path, reason } of leftOut.slice(0, leftOutShown)) output.note(`Left out: ${path}: ${reason}`);
    const more = leftOut.length - leftOutShown;
    if (more > 0) output.note(`… and ${plural(more, 'other')} left out; --json lists all.`);
  };
  const added = found.filter((dataset) => !known.has(keyOf(dataset)));
  if (found.length === 0 && known.size === 0) {
    tellLeftOut();
    throw new UserError(
      'no-datasets',
      `No dataset was found in ${folder} and up to ${deepest} folders below it; hidden ones were not searched. Put videos or images into one folder per class, put the annotation lists of a dataset beside its files, or write a manifest.`,
      folder,
    );
  }
  const names = await addDatasets(folder, added);
  const rows = found.map((dataset) => {
    const index = added.indexOf(dataset);
    const { kind, path, samples, classes, reason } = dataset;
    const name = names[index] ?? dataset.name;
    output.event({ event: 'dataset', name, kind, path, samples, classes, added: index >= 0, reason });
    const shown = relative(folder, resolve(folder, path)) || '.';
    const state = index >= 0 ? 'added' : 'there already';
    return {
      cells: [shorter(name, 24), kind, shorter(shown, 32), state, count(samples), count(classes)],
      name,
      reason,
    };
  });
  // The reasons are sentences: beside numbers they would make the table wider than a terminal.
  const drawn = table(
    ['dataset', 'kind', 'path', '', 'samples', 'classes'],
    rows.map(({ cells }) => cells),
    4,
    colour,
  );
  const reasons = rows.map(({ name, reason }) => wrapped(`${name}: ${reason}`));
  output.result([drawn, '', ...reasons].join('\n'));
  tellLeftOut();
  const file = workspaceFile(folder);
  if (added.length === 0) output.note(`${file} names every dataset found; nothing was changed.`);
  else {
    const isThere = found.some(({ missing }) => !missing);
    const next = commandLine(['cover', isThere ? 'train' : 'index', '--workspace', folder]);
    const first = isThere ? '' : 'Name there as "media" the folders that the files lie in. ';
    output.note(`Wrote ${file}. ${first}Next: ${next}`);
  }
  return 0;
}

/** Of what was left out; a folder of somebody's pictures may hold hundreds. */
const leftOutShown = 20;

/** Characters of a line for a person. */
const mostWidth = 120;

/** With what is too long cut in its middle; on a terminal the table is fitted. */
function shorter(text: string, most: number): string {
  if (text.length <= most || terminalWidth() !== undefined) return text;
  return `${text.slice(0, Math.ceil(most / 2) - 1)}…${text.slice(-Math.floor(most / 2))}`;
}

/** The text in lines, those after the first set in. */
function wrapped(text: string): string {
  const width = Math.min(mostWidth, terminalWidth() ?? mostWidth);
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ` `;
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
