// `cover duplicates`: samples that are copies of one another, the leaks from training into evaluation first.
import { InvalidArgumentError } from 'commander';
import { count, plural } from '../base/format.ts';
import { requireWorkspace } from '../config/workspace.ts';
import { compareWorkspace } from '../curation/compareWorkspace.ts';
import { findingOf, inOrder } from '../curation/findings.ts';
import type { Context, ExitCode } from './context.ts';
import { PassedOver } from './passedOver.ts';
import { duplicatesTable, findingLines } from './tables.ts';

export interface DuplicatesOptions {
  only?: 'leaks';
}

/** Findings that a person is shown; a program gets all. */
const mostShown = 50;

export async function duplicatesCommand(context: Context, { only }: DuplicatesOptions): Promise<ExitCode> {
  const { workspace, ffmpeg, signal, output, colour } = context;
  const passed = new PassedOver(output);
  const config = await requireWorkspace(workspace, {}, passed.tell);
  const { found, report } = await compareWorkspace(workspace, config, {
    ffmpeg,
    signal,
    onEvent: (event) => output.event(event),
  });
  const findings = inOrder(found).map(findingOf);
  const wanted = only === 'leaks' ? findings.filter(({ leak }) => leak) : findings;
  for (const finding of wanted) output.event({ event: 'duplicates', ...finding });
  const { compared, unreadable, leaking, total, conflicts, pairs } = report;
  const leaks = findings.filter(({ leak, evidence }) => leak && evidence !== 'source').length;
  output.event({ event: 'compared', compared, unreadable, leaking, total, leaks, conflicts, pairs });
  output.settle();
  const missing = unreadable > 0 ? `, of which ${plural(unreadable, 'file')} could not be looked at` : '';
  const summary = `${plural(compared, 'sample')} compared${missing}: ${plural(total, 'group')} of copies, ${count(leaks)} of them leaks, ${count(conflicts)} with labels that differ.`;
  const rows = only === 'leaks' ? pairs.filter(({ leak }) => leak) : pairs;
  const lines = wanted.slice(0, mostShown).flatMap((finding) => findingLines(finding, workspace));
  output.result([summary, ...(rows.length > 0 ? ['', duplicatesTable(rows, colour)] : []), ...lines].join('\n'));
  if (wanted.length > mostShown)
    output.note(`… and ${plural(wanted.length - mostShown, 'further group')}; --json lists all.`);
  for (const [dataset, own] of Object.entries(leaking)) {
    const number = Object.values(own).reduce((sum, each) => sum + each, 0);
    output.note(
      `Also held out: ${plural(number, 'training sample')} of ${dataset}. "leaks": "drop" in an experiment leaves such samples out of training.`,
    );
  }
  return passed.datasets ? 1 : 0;
}

/** Of `--only`. */
export function onlyWhat(text: string): 'leaks' {
  if (text !== 'leaks') throw new InvalidArgumentError('Expected leaks.');
  return text;
}
