import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { HumanOutput } from '../../src/cli/humanOutput.ts';
import { type CliEvent, jsonOutput } from '../../src/cli/output.ts';
import {
  datasetTable,
  headLine,
  predictionTable,
  printable,
  resultTable,
  table,
  useColour,
} from '../../src/cli/tables.ts';

class Sink extends Writable {
  text = '';
  isTTY: boolean;
  columns = 120;
  constructor(isTTY = false) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }
  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}

const step = (number: number): CliEvent => ({
  event: 'step',
  stage: 'coTraining',
  step: number,
  steps: 40,
  epoch: 1,
  loss: 1.23456,
  heads: {},
  learningRate: 1e-3,
  clipsPerSecond: 38.24,
  waiting: 0.01,
  eta: 95,
  drawn: {},
});
const problem = (line: number): CliEvent => ({
  event: 'problem',
  problem: { severity: 'warning', file: '/d/list.csv', line, message: 'No such file.' },
});
const heads = {
  moves: { top1: 0.5, top5: null, samples: 1200, missing: 3, classes: 4 },
  shapes: { top1: null, top5: null, samples: 0, missing: 0, classes: 0 },
};

describe('tables', () => {
  it('accuracies stand with their protocol, chance and what is missing', () => {
    expect(resultTable(heads, '1 clip × 1 crop', false)).toBe(`Held-out accuracy, 1 clip × 1 crop:
head     top-1  top-5  chance  judged  missing  classes
───────────────────────────────────────────────────────
moves   50.0 %      –  25.0 %   1,200        3        4
shapes       –      –       –       0        0        0`);
  });

  it('predictions name each head once', () => {
    const classes = [
      { label: 'left, "sharp"', probability: 0.75 },
      { label: 'right', probability: 0.25 },
    ];
    expect(predictionTable('a.avi', { moves: classes }, false)).toBe(`a.avi
head   class          probability
─────────────────────────────────
moves  left, "sharp"       75.0 %
       right               25.0 %`);
  });

  it('datasets', () => {
    const splits = [
      { name: 'train', samples: 1000, classes: 2 },
      { name: 'val', samples: 20, classes: 2 },
    ];
    expect(
      datasetTable(
        [{ name: 'moves', kind: 'video', path: '/d', samples: 1020, classes: 2, problems: 0, splits }],
        false,
      ),
    ).toContain('moves    video  train 1,000, val 20    1,020        2         0');
  });

  const wideRows = [
    ['kinetics-of-a-long-name', 'left → right, an annotation', '1,200'],
    ['d', '腕相撲をする人', '3'],
  ];
  it.each<[string, number | undefined, string[][]]>([
    ['no terminal: whole', undefined, wideRows],
    ['room enough: whole', 61, wideRows],
    ['the longest column first', 57, [[wideRows[0]![0]!, 'left → right, an annot…', '1,200'], wideRows[1]!]],
    [
      'then both',
      34,
      [
        ['kinetics-o…', 'left → righ…', '1,200'],
        ['d', '腕相撲をす…', '3'],
      ],
    ],
    [
      'no narrower than can be read',
      10,
      [
        ['kinetic…', 'left → …', '1,200'],
        ['d', '腕相撲…', '3'],
      ],
    ],
  ])('fit the terminal: %s', (_, width, expected) => {
    const drawn = table(['dataset', 'label', 'samples'], wideRows, 2, false, width).split('\n');
    expect(drawn).toHaveLength(4);
    for (const [row, cells] of expected.entries()) for (const cell of cells) expect(drawn[row + 2]).toContain(cell);
    if (width === 57 || width === 34) expect(drawn[0]!.length).toBe(width);
  });

  it('are coloured only on a terminal that wants it', () => {
    expect(table(['a'], [['b']], 1, true)).toContain('\u001b[1m');
    expect(table(['a'], [['b']], 1, false)).not.toContain('\u001b');
    const before = process.env.NO_COLOR;
    process.env.NO_COLOR = '1';
    expect(useColour({ isTTY: true })).toBe(false);
    if (before === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = before;
    expect(useColour({ isTTY: false })).toBe(false);
  });

  it.each([
    ['clear\u001b[2Jscreen', 'clear�[2Jscreen'],
    ['bell\u0007 \u009b1m', 'bell� �1m'],
    ['two\nlines, ✓ é', 'two\nlines, ✓ é'],
  ])('control characters in names do nothing: %j', (text, expected) => expect(printable(text)).toBe(expected));

  it.each([
    [heads, 'top-1 moves 50.0 % (3 missing), shapes –'],
    [{}, 'nothing judged'],
  ])('one line of heads', (results, expected) => expect(headLine(results)).toBe(expected));
});

describe('for a person', () => {
  it('elsewhere than on a terminal: plain lines, the first and the last of each kind of work', () => {
    const streams = { stdout: new Sink(), stderr: new Sink() };
    const output = new HumanOutput(streams);
    output.event({
      event: 'started',
      run: 'quick-1',
      device: 'cpu',
      parameters: 12345,
      stages: [{ name: 'coTraining', steps: 40, epochs: 2 }],
      heads: { moves: ['a', 'b'] },
    });
    for (let number = 1; number <= 40; number++) output.event(step(number));
    output.event({ event: 'epoch', stage: 'coTraining', epoch: 2, step: 40, heads, checkpoint: 'c' });
    output.result('the table');
    expect(streams.stderr.text).toBe(`Training quick-1 on cpu: 1 head, 12,345 parameters; coTraining 40 steps.
coTraining 1/40 · loss 1.235 · 38.2 clips/s · waiting for data 1 % · 1 min 35 s left
coTraining 40/40 · loss 1.235 · 38.2 clips/s · waiting for data 1 %
coTraining, epoch 2 of 2: top-1 moves 50.0 % (3 missing), shapes –
`);
    expect(streams.stdout.text).toBe('the table\n');
  });

  it('what is done is told once, and no time is left', () => {
    const streams = { stdout: new Sink(), stderr: new Sink() };
    const output = new HumanOutput(streams);
    const progress = { event: 'progress', task: 'probe', total: 540, rate: 76.1 } as const;
    for (const done of [1, 540, 540]) output.event({ ...progress, done, eta: done === 1 ? 7 : 0 });
    expect(streams.stderr.text).toBe('Probing 1/540 · 76.1/s · 7 s left\nProbing 540/540 · 76.1/s\n');
  });

  it('many quick epochs are not scrolled: the first, and the last of each stage', () => {
    const streams = { stdout: new Sink(), stderr: new Sink() };
    const output = new HumanOutput(streams);
    const stages = [
      { name: 'imagePretraining', steps: 3, epochs: 3 },
      { name: 'coTraining', steps: 4, epochs: 4 },
    ];
    output.event({ event: 'started', run: 'r', device: 'cpu', parameters: 1, stages, heads: {} });
    for (const { name, epochs } of stages)
      for (let epoch = 1; epoch <= epochs; epoch++)
        output.event({ event: 'epoch', stage: name, epoch, step: epoch, heads: {}, checkpoint: 'c' });
    const told = streams.stderr.text
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(':')[0]);
    expect(told).toEqual([
      'imagePretraining, epoch 1 of 3',
      'imagePretraining, epoch 3 of 3',
      'coTraining, epoch 4 of 4',
    ]);
  });

  it('on a terminal: a bar with rate and time left, which is gone before a result', () => {
    const streams = { stdout: new Sink(), stderr: new Sink(true) };
    const output = new HumanOutput(streams);
    output.event(step(10));
    output.settle();
    expect(stripVTControlCharacters(streams.stderr.text)).toMatch(
      /coTraining █+░+ 10\/40 loss 1\.235 · 38\.2 clips\/s/,
    );
    const drawn = streams.stderr.text;
    output.result('the table');
    expect(streams.stderr.text).toBe(drawn);
  });

  it('many problems are counted, not scrolled', () => {
    const streams = { stdout: new Sink(), stderr: new Sink() };
    const output = new HumanOutput(streams);
    for (let line = 1; line <= 25; line++) output.event(problem(line));
    output.settle();
    const lines = streams.stderr.text.trimEnd().split('\n');
    expect(lines[0]).toBe('warning: /d/list.csv:1: No such file.');
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toBe('… and 15 further problems; the same command with --json lists all.');
  });
});

it('for a program: events as lines and nothing else', () => {
  const stdout = new Sink();
  const output = jsonOutput(stdout);
  output.event(problem(1));
  output.note('note');
  output.result('result');
  output.settle();
  expect(stdout.text).toBe(`${JSON.stringify(problem(1))}\n`);
});
