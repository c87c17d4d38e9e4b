// The readable reports: names from anywhere stay text, no accuracy stands without its protocol and what is missing, and nothing
// is fetched.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { Context } from '../../src/cli/context.ts';
import type { CliEvent } from '../../src/cli/output.ts';
import { reportCommand } from '../../src/cli/reportCommand.ts';
import { assessHead } from '../../src/evaluation/assessHead.ts';
import { topClasses } from '../../src/evaluation/classifier.ts';
import { importPredictions } from '../../src/evaluation/importPredictions.ts';
import { publishedDatasets, publishedFor } from '../../src/evaluation/published.ts';
import { markdown } from '../../src/evaluation/reportEscape.ts';
import { reportHtml } from '../../src/evaluation/reportHtml.ts';
import { reportMarkdown } from '../../src/evaluation/reportMarkdown.ts';
import type { ReportSubject } from '../../src/evaluation/reportRows.ts';
import { shownEvaluation } from '../../src/evaluation/shownEvaluation.ts';
import { mostMatrixClasses } from '../../src/protocol/matrixCells.ts';
import { reportSchema } from '../../src/runs/report.ts';

const hostile = [
  '<script>alert(1)</script>',
  '" onload="x',
  '| a | b',
  '[x](http://evil.example)',
  "it's & that",
  '@someone `code`',
];

function subjectOf(classes: readonly string[], count: number, missing = 0): ReportSubject {
  const random = new Random(2);
  const records = Array.from({ length: count }, () => {
    const truth = random.below(classes.length);
    const scores = Float32Array.from({ length: classes.length }, () => random.uniform());
    scores[truth]! += 0.7;
    const sum = scores.reduce((a, b) => a + b, 0);
    const probabilities = scores.map((score) => score / sum);
    const ranked = topClasses(probabilities, 0, classes.length, 5);
    return {
      truth,
      ranked,
      confidence: probabilities[ranked[0]!]!,
      truthProbability: probabilities[truth]!,
      probabilities,
    };
  });
  const context = {
    run: 'quick-1',
    head: 'moves',
    dataset: 'moves',
    split: 'val',
    protocol: '1 clip × <b>3</b> crops',
    seed: 1,
  };
  const evaluation = assessHead(records, { ...context, classes, missing });
  const lost = Array.from({ length: missing }, (_, i) => ({ sample: `moves/${i}.mp4`, reason: hostile[0]! }));
  return {
    run: 'quick-1',
    started: '2026-01-02T03:04:05Z',
    device: 'cpu',
    foreign: undefined,
    heads: [{ evaluation, missing: lost }],
  };
}

/** The names of a page's elements; fails where one is not closed as it must be, or could load or run something. */
function elements(page: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  const body = page.replace('<!DOCTYPE html>', '').replace(/<style>[\s\S]*<\/style>/, '');
  for (const [, end, name, attributes] of body.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:[^"<>]|"[^"]*")*)>/g)) {
    if (end === '/') {
      expect(open.pop()).toBe(name);
      continue;
    }
    names.push(name!);
    expect(attributes!.replaceAll(/"[^"]*"/g, '')).not.toMatch(/\b(on\w+|href|src|srcset|action)=/);
    if (name !== 'meta' && !attributes!.endsWith('/')) open.push(name!);
  }
  expect(open).toEqual([]);
  return names;
}

describe('report.html', () => {
  const subject = subjectOf(hostile, 80, 23);
  const page = reportHtml(subject);

  it('keeps names as text, loads nothing and runs nothing', () => {
    const names = elements(page);
    expect(new Set(names)).not.toContain('script');
    expect(new Set(names)).not.toContain('img');
    expect(names.filter((name) => name === 'svg').length).toBeGreaterThanOrEqual(4);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toMatch(/url\(|@import|<script/);
    // Every "<" begins an element of the page's own.
    expect(page.match(/<(?!\/?[a-z]|!DOCTYPE)/)).toBeNull();
  });

  it('states the protocol and what is missing beside the accuracies', () => {
    expect(page).toContain(
      'moves val, 1 clip × &lt;b&gt;3&lt;/b&gt; crops; 80 judged, 23 missing, in no figure; 6 classes',
    );
    expect(page).toContain('… and 3 more.');
    expect(page).toMatch(/Top-1<\/td><td class="number">\d+\.\d\d %<\/td><td>95 %: /);
  });

  it('draws every count of the confusion matrix', () => {
    const { confusion } = subject.heads[0]!.evaluation;
    const cells = [...page.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => Number(y) * 6 + Number(x));
    expect(cells.sort((a, b) => a - b)).toEqual(confusion!.flatMap((count, at) => (count > 0 ? [at] : [])));
  });

  it('has no matrix with more classes than one can have, but every other figure, and says so', () => {
    const many = subjectOf(
      Array.from({ length: mostMatrixClasses + 1 }, (_, i) => `class ${i}`),
      40,
    );
    const { evaluation } = many.heads[0]!;
    expect(evaluation.confusion).toBeNull();
    expect(evaluation.perClass.filter(({ support }) => support > 0).length).toBeGreaterThan(30);
    expect(evaluation.unavailable).toContain(
      'The confusion matrix is not available: with 5,001 classes it would have 25,010,001 cells.',
    );
    const [page, text] = [reportHtml(many), reportMarkdown(many)];
    expect(page).not.toContain('<h3>Confusion matrix</h3>');
    for (const shown of [page, text]) expect(shown).toContain('25,010,001 cells');
    expect(shownEvaluation(evaluation).cells).toBeNull();
  });

  it('has no curves where there are no probabilities, and says so', () => {
    const [{ evaluation }] = subject.heads as [ReportSubject['heads'][number]];
    const poor = { ...evaluation, calibration: null, precisionRecall: null, unavailable: ['Nothing <to> draw.'] };
    const page = reportHtml({ ...subject, heads: [{ evaluation: poor, missing: [] }] });
    expect(elements(page).filter((name) => name === 'svg')).toHaveLength(1);
    expect(page).toContain('Nothing &lt;to&gt; draw.');
  });
});

describe('Markdown', () => {
  it.each([
    ['a | b', 'a \\| b'],
    ['<script>', '&lt;script&gt;'],
    ['[x](http://evil.example)', '\\[x\\]\\(http\u2060://evil.example\\)'],
    ['@someone', '@\u2060someone'],
    ['# `_*_`\nnext', '\\# \\`\\_\\*\\_\\`\ufffdnext'],
    ['\u202egnp', '\ufffdgnp'],
  ])('escapes %j', (text, expected) => expect(markdown(text)).toBe(expected));

  it('has tables that hold together, with the protocol in the row of each accuracy', () => {
    const text = reportMarkdown(subjectOf(hostile, 60, 2));
    const lines = text.split('\n').filter((line) => line.startsWith('|'));
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    let header = 0;
    for (const [i, line] of lines.entries()) {
      if (lines[i + 1]?.startsWith('| ---')) header = cells(line);
      expect(cells(line)).toBe(header);
    }
    expect(lines[2]).toMatch(/^\| moves \| \d+\.\d\d % .*60 judged, 2 missing/);
    expect(text).not.toContain('<script');
  });
});

describe('published figures', () => {
  const known = publishedDatasets.flatMap(({ name, classes, marks }) =>
    classes.map((count) => ({ name, count, marks })),
  );
  const padded = (marks: readonly string[], count: number) => [
    ...marks,
    ...Array.from({ length: count - marks.length }, (_, i) => `other ${i}`),
  ];

  it.each(known)('$name with $count classes, however they are written', ({ name, count, marks }) => {
    expect(publishedFor(padded(marks, count))?.name).toBe(name);
    const written = marks.map((mark) => mark.replaceAll(' ', '_').replace('something', '[Something]'));
    expect(publishedFor(padded(written, count))?.name).toBe(name);
    expect(publishedFor(padded(marks, count - 1))).toBeUndefined();
    expect(publishedFor(padded(marks.slice(0, 2), count))).toBeUndefined();
  });

  it('stand beside the user’s own in both forms, with source and protocol', () => {
    const { marks } = publishedDatasets[0]!;
    const subject = subjectOf(padded(marks, 400), 500);
    for (const text of [reportHtml(subject), reportMarkdown(subject)]) {
      expect(text).toContain('CoVeR');
      expect(text).toContain('87.2 %');
      expect(text).toContain('JFT');
      expect(text).toContain('448 × 448');
      expect(text).toContain('this evaluation');
    }
  });
});

describe('cover report', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "cover's report-"));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('writes report.json anew and both forms, from the stored predictions alone', async () => {
    const file = join(root, 'theirs.csv');
    writeFileSync(file, 'sample,label,predicted,probability\na.mp4,run,run,0.9\nb.mp4,jump,run,0.6\n');
    const { run } = await importPredictions({ workspace: root, file, onEvent: () => undefined });
    const before = readFileSync(join(run, 'report.json'), 'utf8');
    writeFileSync(
      join(run, 'report.json'),
      JSON.stringify({ ...JSON.parse(before), heads: JSON.parse(before).heads }).replace(/"top1":[^,]*/, '"top1":0'),
    );
    const events: CliEvent[] = [];
    const notes: string[] = [];
    const output = {
      event: (event: CliEvent) => void events.push(event),
      result: () => {},
      note: (text: string) => void notes.push(text),
      settle: () => {},
    };
    const context: Context = {
      workspace: root,
      device: undefined,
      ffmpeg: undefined,
      output,
      colour: false,
      signal: new AbortController().signal,
    };
    const [html, md] = [join(root, 'r.html'), join(root, 'r.md')];
    expect(await reportCommand(context, run, { html, markdown: md })).toBe(0);
    expect(events).toEqual([{ event: 'report', run, report: join(run, 'report.json'), html, markdown: md }]);
    expect(JSON.parse(readFileSync(join(run, 'report.json'), 'utf8'))).toEqual(JSON.parse(before));
    expect(reportSchema.parse(JSON.parse(before)).heads.theirs?.top1).toBe(0.5);
    for (const written of [html, md])
      expect(readFileSync(written, 'utf8')).toContain('Imported predictions: theirs.csv');
    expect(notes.join('\n')).toContain('Precision-recall curves');
  });
});
