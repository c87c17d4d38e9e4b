// report.html: everything in one file, without scripts and without the network (its own policy forbids both), light or dark as
// the reader's system is.
import { count } from '../base/format.ts';
import type { Evaluation } from '../protocol/evaluation.ts';
import { confusionChart, curveChart, reliabilityChart } from './reportCharts.ts';
import { html } from './reportEscape.ts';
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

const style = `
:root { color-scheme: light dark; --ground: #fff; --text: #1c1c1e; --faint: #6a6a70; --rule: #d8d8dc; --mark: #1f6feb; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #1b1b1d; --text: #e6e6e8; --faint: #9a9aa2; --rule: #3a3a3f; --mark: #6cb0ff; }
}
body { background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1000px; padding: 24px; }
h1, h2, h3 { line-height: 1.2; margin: 1.4em 0 0.4em; overflow-wrap: anywhere; }
p { margin: 0.4em 0; } .faint { color: var(--faint); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 8px 0 16px; }
th, td { border-bottom: 1px solid var(--rule); padding: 3px 14px 3px 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th.number, td.number { text-align: right; white-space: nowrap; }
th { font-weight: 600; } .charts { display: flex; flex-wrap: wrap; gap: 20px; } figure { margin: 0; } figcaption { color: var(--faint); max-width: 272px; overflow-wrap: anywhere; }
svg { max-width: 100%; height: auto; } .grid { stroke: var(--rule); stroke-width: 1; } .line { fill: none; stroke: var(--mark); stroke-width: 2; }
.bar { fill: var(--mark); } .mark { fill: var(--text); } .diagonal { stroke: var(--faint); stroke-dasharray: 4 4; }
.tick, .axis { fill: var(--faint); font-size: 11px; } .cell { fill: var(--mark); } .ground { fill: none; stroke: var(--rule); stroke-width: 0.02; }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline: 2px solid var(--mark); }
`;

/** The whole page. */
export function reportHtml(subject: ReportSubject): string {
  const { run, started, device, foreign, heads } = subject;
  const about = [`Started ${started.slice(0, 16).replace('T', ' ')} UTC`, device]
    .filter((part) => part !== '')
    .join(' · ');
  return [
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${html(run)}: evaluation</title><style>${style}</style></head><body>`,
    `<h1>${html(run)}</h1><p class="faint">${html(about)}</p>`,
    ...(foreign === undefined ? [] : [`<p>${html(foreign)}</p>`]),
    ...(heads.length > 1 ? [overview(subject)] : []),
    ...heads.map(({ evaluation, missing }) => headHtml(evaluation, missing)),
    '</body></html>\n',
  ].join('\n');
}

function overview({ heads }: ReportSubject): string {
  const rows = heads.map(({ evaluation }) => {
    const [top1, top5, meanClass] = figureRows(evaluation).map(([, value]) => value) as [string, string, string];
    return [evaluation.head, top1, top5, meanClass, protocolText(evaluation)];
  });
  return `<h2>Heads</h2>${table(['Head', 'Top-1', 'Top-5', 'Mean class', 'Protocol'], rows, [1, 2, 3])}`;
}

function headHtml(evaluation: Evaluation, missing: readonly MissingSample[]): string {
  const { head, classes, confusion, unavailable = [] } = evaluation;
  const published = publishedRows(evaluation);
  const pairs = confusedPairs(evaluation, 20).map(({ truth, predicted, count: value, share }) => [
    ...[truth, predicted, count(value), `${(share * 100).toFixed(1)} %`],
  ]);
  return [
    `<section><h2>${html(head)}</h2><p>${html(protocolText(evaluation))}</p>`,
    table(['Figure', 'Value', ''], figureRows(evaluation), [1]),
    ...unavailable.map((sentence) => `<p class="faint">${html(sentence)}</p>`),
    ...(published.length === 0
      ? []
      : [`<h3>Published on ${html(evaluation.published!.name)}</h3>`, table(publishedHeader, published, [1])]),
    charts(evaluation),
    ...(confusion === null
      ? []
      : [
          '<h3>Confusion matrix</h3>',
          '<p class="faint">Truth downwards, prediction across, in the order of the classes below; the darker, the larger the share of the true class.</p>',
          confusionChart(`Confusion matrix of ${head}`, confusion, classes.length),
        ]),
    ...(pairs.length === 0
      ? []
      : ['<h3>Most confused</h3>', table(['Truth', 'Predicted', 'Samples', 'Of the class'], pairs, [2, 3])]),
    '<h3>Classes</h3>',
    table(classHeader(evaluation), classRows(evaluation), [1, 2, 3, 4, 5]),
    ...missingHtml(missing),
    '</section>',
  ].join('\n');
}

function charts({ head, calibration, precisionRecall, classes }: Evaluation): string {
  const drawn: string[] = [];
  if (precisionRecall && precisionRecall.mean.length > 0)
    drawn.push(
      figure(
        curveChart(`Precision and recall of ${head}`, precisionRecall.mean),
        'Precision and recall, mean of the classes',
      ),
    );
  if (calibration)
    drawn.push(
      figure(
        reliabilityChart(`Reliability of ${head}`, calibration.bins),
        'Reliability: the stronger a bar, the more samples',
      ),
    );
  const known =
    precisionRecall?.classes.flatMap(({ averagePrecision, curve }, i) =>
      averagePrecision === null ? [] : [{ averagePrecision, curve, i }],
    ) ?? [];
  const worst = known.sort((a, b) => a.averagePrecision - b.averagePrecision).slice(0, 4);
  for (const { averagePrecision, curve, i } of worst)
    drawn.push(
      figure(
        curveChart(`Precision and recall of ${classes[i]}`, curve),
        `Among the lowest, ${classes[i]}: average precision ${(averagePrecision * 100).toFixed(1)} %`,
      ),
    );
  return drawn.length === 0 ? '' : `<div class="charts">${drawn.join('\n')}</div>`;
}

function figure(svg: string, caption: string): string {
  return `<figure>${svg}<figcaption>${html(caption)}</figcaption></figure>`;
}

function missingHtml(missing: readonly MissingSample[]): string[] {
  if (missing.length === 0) return [];
  const rows = missing.slice(0, missingListed).map(({ sample, reason }) => [sample, reason]);
  const more =
    missing.length > missingListed ? [`<p class="faint">… and ${count(missing.length - missingListed)} more.</p>`] : [];
  return [
    `<h3>Missing</h3><p>${count(missing.length)} held-out samples were not judged.</p>`,
    table(['Sample', 'Why'], rows, []),
    ...more,
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[], numbers: readonly number[]): string {
  const cell = (name: 'th' | 'td') => (text: string, i: number) =>
    `<${name}${numbers.includes(i) ? ' class="number"' : ''}>${html(text)}</${name}>`;
  const body = rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('\n');
  return `<div class="scroll" tabindex="0"><table><thead><tr>${header.map(cell('th')).join('')}</tr></thead><tbody>${body}</tbody></table></div>`;
}
