// The command line of the benchmark.
import { Command, InvalidArgumentError } from 'commander';
import { type PresetName, presets } from '../src/config/presets.ts';
import { type BenchModel, type BenchShape, defaultPresets, type Mode, presetModel, shapeModel } from './cases.ts';

export interface BenchOptions {
  readonly json: boolean;
  /** Draws the README's table from the results there are, and measures nothing. */
  readonly readme: boolean;
  readonly models: readonly BenchModel[];
  readonly modes: readonly Mode[];
  /** Ids of the device table; undefined: every real device there is. */
  readonly devices: readonly string[] | undefined;
  /** Rounds: in each, every program measured has one turn. */
  readonly rounds: number;
  /** How long a case may wait for other programs to be quiet, and repeat rounds that they disturbed, seconds. */
  readonly patience: number;
  /** A Python that has torch. */
  readonly torch: string | undefined;
  /** Whether torch.compile is measured too. */
  readonly compiled: boolean;
  /** Where the results go; undefined: nowhere. */
  readonly out: string | undefined;
}

interface Given {
  json?: boolean;
  readme?: boolean;
  shape?: BenchShape[];
  presets?: PresetName[];
  modes: Mode[];
  devices?: string[];
  runs: number;
  patience: number;
  batch?: number;
  torch?: string;
  compiled: boolean;
  out: string;
  save: boolean;
}

/** Throws a CommanderError where the arguments are wrong; it has then said so on stderr. */
export function parseOptions(args: readonly string[], resultsFolder: string): BenchOptions {
  const command = new Command('npm run bench --')
    .description('Measures a training step and inference with this program’s own engine.')
    .option('--json', 'print one JSON object on stdout (npm run -s keeps npm’s own lines away)')
    .option('--shape <sizes>', 'hidden size,blocks,heads,frames,patches a frame,batch; can be repeated', addShape)
    .option('--presets <names>', `of ${Object.keys(presets).join(', ')} (default: ${defaultPresets.join(',')})`, names)
    .option('--modes <modes>', 'training, inference or both; or decode alone (--modes decode --help)', modes, [
      'training',
      'inference',
    ])
    .option('--devices <ids>', 'of the device table (default: every real one)', list)
    .option('--runs <count>', 'rounds; the programs compared take turns in each', positive, 5)
    .option(
      '--patience <seconds>',
      'how long a case may wait for other programs, and repeat disturbed rounds',
      seconds,
      0,
    )
    .option('--batch <count>', 'clips of a batch, for presets', positive)
    .option('--torch <python>', 'a python3 with torch: measures the same model in PyTorch, in turns with ours')
    .option('--no-compiled', 'leave torch.compile out')
    .option('--out <dir>', 'where the results are written', resultsFolder)
    .option('--no-save', 'write no results')
    .option('--readme', 'measure nothing: draw the table in README.md from the newest results of each machine and case')
    .exitOverride()
    .allowExcessArguments(false);
  const given = command.parse(args, { from: 'user' }).opts<Given>();
  const chosen = given.presets ?? (given.shape ? [] : defaultPresets);
  return {
    json: given.json ?? false,
    readme: given.readme ?? false,
    models: [...chosen.map((name) => presetModel(name, given.batch)), ...(given.shape ?? []).map(shapeModel)],
    modes: given.modes,
    devices: given.devices,
    rounds: given.runs,
    patience: given.patience,
    torch: given.torch,
    compiled: given.compiled,
    out: given.save ? given.out : undefined,
  };
}

function addShape(text: string, before: BenchShape[] = []): BenchShape[] {
  const sizes = text.split(',').map(Number);
  if (sizes.length !== 6 || !sizes.every((size) => Number.isInteger(size) && size > 0))
    throw new InvalidArgumentError(
      'it takes six whole numbers: hidden size,blocks,heads,frames,patches a frame,batch.',
    );
  const [hiddenSize, depth, attentionHeads, frames, tokens, batch] = sizes as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hiddenSize % attentionHeads !== 0)
    throw new InvalidArgumentError(`${attentionHeads} heads do not divide hidden size ${hiddenSize}.`);
  if (!Number.isInteger(Math.sqrt(tokens)))
    throw new InvalidArgumentError(`${tokens} patches a frame are no square; take 49, 196, …`);
  return [...before, { hiddenSize, depth, attentionHeads, frames, tokens, batch }];
}

function names(text: string): PresetName[] {
  return list(text).map((name) => {
    if (!Object.hasOwn(presets, name))
      throw new InvalidArgumentError(`there is no preset ${name}; there are ${Object.keys(presets).join(', ')}.`);
    return name as PresetName;
  });
}

function modes(text: string): Mode[] {
  return list(text).map((mode) => {
    if (mode !== 'training' && mode !== 'inference')
      throw new InvalidArgumentError(`${mode} is neither training nor inference.`);
    return mode;
  });
}

function list(text: string): string[] {
  const items = text.split(',').filter((item) => item !== '');
  if (items.length === 0) throw new InvalidArgumentError('the list is empty.');
  return items;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('it takes a whole number above 0.');
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1e6))
    throw new InvalidArgumentError('it takes a number of seconds.');
  return value;
}
