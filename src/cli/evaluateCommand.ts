// `cover evaluate [RUN]`: judges a run again on the samples it held out; with `--dataset` on another dataset or split, and with
// `--model` a model of somebody else's.
import { InvalidArgumentError, Option } from 'commander';
import { UserError } from '../base/errors.ts';
import { evaluateModel } from '../evaluation/evaluateModel.ts';
import { evaluateRun } from '../evaluation/evaluateRun.ts';
import { type Layout, layouts } from '../evaluation/foreignInput.ts';
import type { KeptProbabilities } from '../evaluation/judge.ts';
import { runAsModel } from '../evaluation/runAsModel.ts';
import { openRun } from '../runs/runFolder.ts';
import { compareCommand } from './compareCommand.ts';
import type { Context, ExitCode } from './context.ts';
import { publishedTables } from './publishedTable.ts';
import { accuracyOn, resultTable } from './tables.ts';

export interface EvaluateOptions {
  probabilities?: KeptProbabilities;
  model?: string;
  dataset?: string;
  split?: string;
  against?: string;
  classes?: string;
  output?: string;
  scores?: 'probabilities' | 'logits';
  layout?: Layout;
  frames?: number;
  stride?: number;
  size?: number;
  resize?: number;
  mean?: number[];
  std?: number[];
  range?: number;
  colours?: 'rgb' | 'bgr';
  clips?: number;
  crops?: number;
  name?: string;
}

export async function evaluateCommand(
  context: Context,
  asked: string | undefined,
  options: EvaluateOptions,
): Promise<ExitCode> {
  const { workspace, output, colour } = context;
  if (options.model !== undefined && asked !== undefined)
    throw new UserError(
      'usage',
      'Name a run or --model, not both. --against RUN judges the model on the samples of a run.',
    );
  const isOwn = options.model === undefined && options.dataset === undefined;
  const { run, heads, protocol } = isOwn
    ? await again(context, asked, options)
    : await foreign(context, asked, options);
  const report = await (await openRun(workspace, run)).readReport();
  output.result(resultTable(heads, protocol, colour, isOwn ? undefined : accuracyOn(report)));
  for (const table of publishedTables(report, colour)) output.result(table);
  output.note(`The ${isOwn ? 'run' : 'evaluation'} is in ${run}.`);
  return options.against === undefined ? 0 : compareCommand(context, [options.against, run]);
}

async function again(
  { workspace, device, ffmpeg, signal, output }: Context,
  asked: string | undefined,
  { probabilities, ...others }: EvaluateOptions,
) {
  const stray = Object.keys(others)[0];
  if (stray !== undefined)
    throw new UserError('usage', `--${stray} goes with --model or --dataset: a run is judged as it was trained.`);
  let protocol = '';
  const judged = await evaluateRun({
    workspace,
    run: asked,
    keep: probabilities,
    device,
    ffmpeg,
    signal,
    onEvent: (event) => {
      if (event.event === 'done') protocol = event.protocol;
      output.event(event);
    },
  });
  return { ...judged, protocol };
}

async function foreign(
  { workspace, device, ffmpeg, signal, output }: Context,
  asked: string | undefined,
  options: EvaluateOptions,
) {
  const { model, dataset, probabilities, layout, frames, size, resize, mean, std, range, colours, ...others } = options;
  if (dataset === undefined)
    throw new UserError('usage', '--model needs --dataset NAME: which dataset of cover.json to judge it on.');
  const started = performance.now();
  const named = model === undefined ? await runAsModel(workspace, asked, dataset, options.output) : { model };
  const judged = await evaluateModel({
    ...named,
    ...others,
    ...{ workspace, dataset, keep: probabilities, device, ffmpeg, signal },
    input: { layout, frames, size, resize, mean, std, range, colours },
    onTold: (lines) => {
      for (const line of lines) output.note(line);
    },
    onEvent: (event) => output.event(event),
  });
  output.event({ event: 'done', ...judged, seconds: (performance.now() - started) / 1000 });
  return judged;
}

/** The options of `cover evaluate`. Those of models brought along are explained in README.md. */
export function evaluateOptions(): Option[] {
  const whole = (flags: string, description: string) => new Option(flags, description).argParser(positive);
  return [
    new Option(
      '--probabilities <which>',
      'store those of all classes, of the top five, or of all where they are few',
    ).choices(['auto', 'all', 'top']),
    new Option('--model <file>', 'judge this ONNX classifier instead of a run; needs --dataset'),
    new Option('--dataset <name>', 'a dataset of cover.json to judge the model, or a run, on'),
    new Option('--split <name>', 'its split (default: the one held out)').conflicts('against'),
    new Option('--against <run>', 'judge the model on the samples that this run held out'),
    new Option('--classes <file>', "the model's class names in the order of its output, one a line"),
    new Option('--output <name>', "which of the model's outputs"),
    new Option('--scores <kind>', 'what the output is (default: seen from its range and sums)').choices([
      'probabilities',
      'logits',
    ]),
    new Option('--layout <axes>', "the model's input (default: seen from its shape)").choices(layouts),
    whole('--frames <count>', 'frames of a clip'),
    whole('--stride <count>', 'take frames so far apart, in one stretch (default: spread over the video)'),
    whole('--size <pixels>', 'side of the pictures'),
    whole('--resize <pixels>', 'shorter side before the centre is cut out (default: the size)'),
    new Option(
      '--mean <numbers>',
      'subtracted from red, green, blue: "0.485,0.456,0.406"; above 1: of pixels 0 … 255',
    ).argParser(numbers),
    new Option('--std <numbers>', 'what they are then divided by').argParser(numbers),
    whole('--range <most>', 'what white is before mean and deviation: 1 or 255'),
    new Option('--colours <order>', 'rgb or bgr').choices(['rgb', 'bgr']),
    whole('--clips <count>', 'clips of a video whose probabilities are averaged (default: 1)'),
    whole('--crops <count>', 'crops of a clip whose probabilities are averaged (default: 1)'),
    new Option('--name <name>', "the evaluation's name (default: the model's file)"),
  ];
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > 8192)
    throw new InvalidArgumentError('Expected a whole number from 1 to 8192.');
  return value;
}

function numbers(text: string): number[] {
  const values = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  if ((values.length !== 1 && values.length !== 3) || values.some((value) => !Number.isFinite(value)))
    throw new InvalidArgumentError('Expected one number or three.');
  return values;
}
