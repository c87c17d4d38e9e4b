// The report as Markdown, for a pull request or a paper's notes: figures with their protocol, published results, the commonest
// mistakes and the classes.
import { count } from '../base/format.ts';
import type { Evaluation } from '../protocol/evaluation.ts';
import { markdown } from './reportEscape.ts';
import {
  classHeader,
  classRows,
  confusedPairs,
  figureRows,
  type MissingSample,
  missingListed,
  protocolText,
  publishedHeader,
  publishedRows,
  type ReportSubject,
} from './reportRows.ts';

export function reportMarkdown({ run, foreign, heads }: ReportSubject): string {
  const rows = heads.map(({ evaluation }) => {
    const [top1, top5, meanClass] = figureRows(evaluation) as [string, string, string][];
    return [evaluation.head, top1![1], top1![2], top5![1], meanClass![1], protocolText(evaluation)];
  });
  return [
    `# ${markdown(run)}`,
    ...(foreign === undefined ? [] : ['', markdown(foreign)]),
    '',
    table(['Head', 'Top-1', '', 'Top-5', 'Mean class', 'Protocol'], rows, [1, 3, 4]),
    ...heads.flatMap(({ evaluation, missing }) => headMarkdown(evaluation, missing)),
    '',
  ].join('\n');
}

function headMarkdown(evaluation: Evaluation, missing: readonly MissingSample[]): string[] {
  const published = publishedRows(evaluation);
  const pairs = confusedPairs(evaluation, 10).map(({ truth, predicted, count: value, share }) => [
    ...[truth, predicted, count(value), `${(share * 100).toFixed(1)} %`],
  ]);
  return [
    ...['', `## ${markdown(evaluation.head)}`, '', markdown(protocolText(evaluation)), ''],
    table(['Figure', 'Value', ''], figureRows(evaluation), [1]),
    ...(evaluation.unavailable ?? []).flatMap((sentence) => ['', markdown(sentence)]),
    ...(published.length === 0
      ? []
      : ['', `### Published on ${markdown(evaluation.published!.name)}`, '', table(publishedHeader, published, [1])]),
    ...(pairs.length === 0
      ? []
      : ['', '### Most confused', '', table(['Truth', 'Predicted', 'Samples', 'Of the class'], pairs, [2, 3])]),
    ...[
      '',
      '<details><summary>Classes</summary>',
      '',
      table(classHeader(evaluation), classRows(evaluation), [1, 2, 3, 4, 5]),
      '',
      '</details>',
    ],
    ...missingMarkdown(missing),
  ];
}

function missingMarkdown(missing: readonly MissingSample[]): string[] {
  if (missing.length === 0) return [];
  const rows = missing.slice(0, missingListed).map(({ sample, reason }) => [sample, reason]);
  const more = missing.length > missingListed ? ['', `… and ${count(missing.length - missingListed)} more.`] : [];
  return [
    '',
    '### Missing',
    '',
    `${count(missing.length)} held-out samples were not judged.`,
    '',
    table(['Sample', 'Why'], rows, []),
    ...more,
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[], numbers: readonly number[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, i) => (numbers.includes(i) ? '--:' : '---'));
  return [line(header), line(rule), ...rows.map((row) => line(row.map(markdown)))].join('\n');
}
