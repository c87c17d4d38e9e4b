// `cover report [RUN]`: every figure of a run from its stored predictions, as report.json, and as a page or Markdown to read.
import { resolve } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { UserError } from '../base/errors.ts';
import { makeReport } from '../evaluation/makeReport.ts';
import { reportHtml } from '../evaluation/reportHtml.ts';
import { reportMarkdown } from '../evaluation/reportMarkdown.ts';
import { newestRun } from '../runs/listRuns.ts';
import { headResultsOf } from '../runs/report.ts';
import type { Context, ExitCode } from './context.ts';
import { publishedTables } from './publishedTable.ts';
import { accuracyOn, resultTable } from './tables.ts';

export interface ReportOptions {
  html?: string;
  markdown?: string;
}

export async function reportCommand(
  { workspace, output, colour }: Context,
  asked: string | undefined,
  options: ReportOptions,
): Promise<ExitCode> {
  // Paths on a command line start where it is typed.
  const html = options.html === undefined ? {} : { html: resolve(options.html) };
  const markdown = options.markdown === undefined ? {} : { markdown: resolve(options.markdown) };
  if (html.html !== undefined && html.html === markdown.markdown)
    throw new UserError('usage', '--html and --markdown name one file. Give each its own.');
  const { run, report, subject } = await makeReport(workspace, asked ?? (await newestRun(workspace)).folder);
  if (html.html !== undefined) await writeFileAtomic(html.html, [reportHtml(subject)]);
  if (markdown.markdown !== undefined) await writeFileAtomic(markdown.markdown, [reportMarkdown(subject)]);
  output.event({ event: 'report', run: run.folder, report: run.file('report.json'), ...html, ...markdown });
  output.result(resultTable(headResultsOf(report), report.protocol, colour, subject.foreign && accuracyOn(report)));
  for (const text of publishedTables(report, colour)) output.result(text);
  for (const { head, unavailable = [] } of Object.values(report.heads))
    for (const sentence of unavailable) output.note(`${head}: ${sentence}`);
  for (const file of [run.file('report.json'), html.html, markdown.markdown]) if (file !== undefined) output.note(file);
  return 0;
}
