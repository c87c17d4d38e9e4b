// The command line: commands, options and what they are called. Each command is one function of a Context in its own file.
import { Command, InvalidArgumentError, Option } from 'commander';
import { packageVersion } from '../base/paths.ts';
import { modelSchema, studySchema } from '../config/experiment.ts';
import { exportFormats } from '../training/exportRun.ts';
import { compareCommand } from './compareCommand.ts';
import type { Context, ExitCode, GlobalOptions } from './context.ts';
import { devicesCommand } from './devicesCommand.ts';
import { type DuplicatesOptions, duplicatesCommand, onlyWhat } from './duplicatesCommand.ts';
import { type EditOptions, editCommand, listEditsCommand } from './editCommand.ts';
import { type EvaluateOptions, evaluateCommand, evaluateOptions } from './evaluateCommand.ts';
import { type ExportOptions, exportCommand, exportFormat } from './exportCommand.ts';
import { type ImportOptions, importCommand, scoresOption } from './importCommand.ts';
import { type IndexOptions, indexCommand } from './indexCommand.ts';
import { initCommand } from './initCommand.ts';
import { type PredictOptions, predictCommand } from './predictCommand.ts';
import { type ReportOptions, reportCommand } from './reportCommand.ts';
import { sampleCommand } from './sampleCommand.ts';
import { type StudyOptions, studyCommand } from './studyCommand.ts';
import { templateCommand } from './templateCommand.ts';
import { type TrainOptions, trainCommand } from './trainCommand.ts';
import { weightsCommand } from './weightsCommand.ts';

/** Runs a command with the options given; it decides how the program ends. */
export type Run = (options: GlobalOptions, command: (context: Context) => Promise<ExitCode>) => Promise<void>;

export function createProgram(run: Run): Command {
  const program = new Command('cover')
    .description('Co-trains one action-recognition model on your video and image datasets, and evaluates it.')
    .version(packageVersion())
    .option('-w, --workspace <dir>', 'the workspace: the folder with cover.json', '.')
    .option('--device <id>', 'what to compute on (see "cover devices")')
    .option('--ffmpeg <path>', 'a native ffmpeg to decode with (default: the one on PATH, else the bundled one)')
    .option('--json', 'print one JSON event a line on stdout, and nothing else')
    .exitOverride() // inherited by the commands, as is what --help shows
    .configureHelp({ showGlobalOptions: true });
  const start = (command: (context: Context) => Promise<ExitCode>) => run(program.opts<GlobalOptions>(), command);

  program
    .command('init')
    .description('find the datasets below a folder and write them into its cover.json')
    .argument('[dir]', 'the folder (default: the workspace)')
    .action((dir?: string) => start((context) => initCommand(context, dir)));
  program
    .command('index')
    .description('bring the index up to date and list the datasets')
    .option('--probe', 'also read length, size, rate and codec of files that are new (default: as cover.json says)')
    .action((options: IndexOptions) => start((context) => indexCommand(context, options)));
  program
    .command('duplicates')
    .description('find samples that are copies of one another, and those trained on that are also held out')
    .option('--only <what>', 'leaks: only copies that are on both sides of an evaluation', onlyWhat)
    .action((options: DuplicatesOptions) => start((context) => duplicatesCommand(context, options)));
  addEditCommands(program, start);
  program
    .command('template')
    .description('list ready-made experiments and studies, or put one into cover.json')
    .argument('[name]', 'one of them (default: list all)')
    .option('--as <name>', 'what to call it in cover.json')
    .action((name: string | undefined, options: { as?: string }) =>
      start((context) => templateCommand(context, name, options)),
    );
  program
    .command('train')
    .description('train a run on the datasets, and evaluate it on the samples held out')
    .addOption(resumeOption())
    .option('--experiment <name>', 'an experiment of cover.json (default: the first one, or all defaults)')
    .option('--datasets <names>', 'train on these only, separated by commas', names)
    .addOption(presetOption())
    .option('--epochs <count>', 'epochs of each stage (default: by the size of the datasets)', positive)
    .option(
      '--weights <source>',
      'trained weights to start from: a .safetensors file, a folder, run:NAME, or hf:owner/name',
    )
    .action((options: TrainOptions) => start((context) => trainCommand(context, options)));
  program
    .command('study')
    .description('compare strategies, as one job that can be stopped and resumed: co-training, transfer, images')
    .argument('[name]', 'a study of cover.json, or the name of a new one (default: the first one there)')
    .option('--compare <what>', `${comparisons.join(', ')}; several separated by commas`, compared)
    .option('--experiment <name>', 'with --compare: the experiment that is studied (default: the first one)')
    .option('--seeds <numbers>', 'with --compare: separated by commas (default: 1,2,3)', numbers)
    .action((name: string | undefined, options: StudyOptions) =>
      start((context) => studyCommand(context, name, options)),
    );
  const evaluate = program
    .command('evaluate')
    .description('evaluate a run again on the samples it held out, or with --model any ONNX classifier on a dataset')
    .argument('[run]', 'its name or folder (default: the newest finished run)')
    .action((run: string | undefined, options: EvaluateOptions) =>
      start((context) => evaluateCommand(context, run, options)),
    );
  for (const option of evaluateOptions()) evaluate.addOption(option);
  program
    .command('import')
    .description(
      'make an evaluation of predictions from elsewhere: CSV, TSV, Parquet, or mmaction2-style scores in JSON',
    )
    .argument('<file>', 'the predictions')
    .option('--dataset <name>', 'the dataset of cover.json that they are of (default: the file alone tells)')
    .option('--split <name>', 'its split (default: the one held out)')
    .option('--annotations <list>', 'the list that the scores were made with, "path label" a line')
    .option('--classes <file>', 'class names in the order of the scores, one a line')
    .addOption(scoresOption())
    .option('--protocol <text>', 'how clips were taken, for example "10 clips × 3 crops"')
    .option('--name <name>', "the evaluation's name (default: the file's)")
    .action((file: string, options: ImportOptions) => start((context) => importCommand(context, file, options)));
  program
    .command('compare')
    .description(
      'set runs and imported evaluations beside one another, head by head, on the samples they have in common',
    )
    .argument('<runs...>', 'two or more, by name or folder; each is compared with the first')
    .action((runs: string[]) => start((context) => compareCommand(context, runs)));
  program
    .command('report')
    .description('make every figure of a run from its stored predictions: report.json, and a page or Markdown to read')
    .argument('[run]', 'its name or folder (default: the newest finished run)')
    .option('--html <file>', 'write the report as one HTML file that needs no network')
    .option('--markdown <file>', 'write it as Markdown')
    .action((run: string | undefined, options: ReportOptions) =>
      start((context) => reportCommand(context, run, options)),
    );
  program
    .command('predict')
    .description('print what every head says of videos and images')
    .argument('<files...>', 'videos or images')
    .option('--run <run>', 'name or folder of the run (default: the newest finished run)')
    .option('--top <count>', 'how many classes of each head', positive, 5)
    .action((files: string[], options: PredictOptions) => start((context) => predictCommand(context, files, options)));
  program
    .command('weights')
    .description('tell what trained weights are: layout, sizes, normalisation')
    .argument(
      '<source>',
      'a .safetensors file, a folder, run:NAME, or hf:owner/name[@revision] on the Hugging Face Hub',
    )
    .action((source: string) => start((context) => weightsCommand(context, source)));
  program
    .command('export')
    .description("write a run's weights for other programs, also of a run that was stopped or crashed")
    .argument('[run]', 'its name or folder (default: the newest finished run)')
    .requiredOption('--format <format>', exportFormats.join(', '), exportFormat)
    .option('--head <name>', 'one head only (timesformer and huggingface hold one)')
    .option('--out <path>', "the file, or the folder of huggingface (default: below the run's folder)")
    .action((run: string | undefined, options: ExportOptions) =>
      start((context) => exportCommand(context, run, options)),
    );
  program
    .command('devices')
    .description('list what this machine can train on')
    .action(() => start(devicesCommand));
  program
    .command('sample')
    .description('make a sample workspace: two video datasets and one of images, drawn by this program')
    .argument('<dir>', 'an empty folder, made if missing')
    .action((dir: string) => start((context) => sampleCommand(context, dir)));
  nameHelp(program, 'cover');
  return program;
}

/** Who used a command wrongly is sent to the help of that command. */
function nameHelp(command: Command, path: string): void {
  command.showHelpAfterError(`(see "${path} --help")`);
  for (const below of command.commands) nameHelp(below, `${path} ${below.name()}`);
}

function addEditCommands(
  program: Command,
  start: (command: (context: Context) => Promise<ExitCode>) => Promise<void>,
): void {
  const edit = program
    .command('edit')
    .description('leave samples out, take them in again, give them another class, or tags (kept in cover.edits.jsonl)');
  const ids = 'sample ids, "<dataset>/<path inside it>"; none, or "-": one a line from stdin';
  edit
    .command('exclude')
    .description('leave samples out of training and evaluation')
    .argument('[ids...]', ids)
    .action((given: string[]) => start((context) => editCommand(context, 'exclude', given)));
  edit
    .command('include')
    .description('take samples in again')
    .argument('[ids...]', ids)
    .action((given: string[]) => start((context) => editCommand(context, 'include', given)));
  edit
    .command('relabel')
    .description('give samples another class, or without --label the dataset’s own again')
    .argument('[ids...]', ids)
    .option('--label <class>', 'one of the dataset’s classes')
    .option('--new-class', 'the class may be new')
    .action((given: string[], options: EditOptions) =>
      start((context) => editCommand(context, 'relabel', given, options)),
    );
  for (const [action, description] of [
    ['tag', 'put a tag on samples to find them by; it changes nothing of a training'],
    ['untag', 'take a tag off samples'],
  ] as const)
    edit
      .command(action)
      .description(description)
      .argument('<name>', 'the tag, a few words at most')
      .argument('[ids...]', ids)
      .action((tag: string, given: string[]) => start((context) => editCommand(context, action, given, { tag })));
  edit
    .command('list')
    .description('list all edits')
    .option('--tag <name>', 'only the ids of the samples that have the tag, one a line, as other commands read them')
    .action((options: { tag?: string }) => start((context) => listEditsCommand(context, options)));
}

/** "a, b" → ['a', 'b']; given again, what follows is added to what was `before`. */
function names(text: string, before: readonly string[] = []): string[] {
  const list = text.split(',').map((name) => name.trim());
  if (list.includes('')) throw new InvalidArgumentError('Expected names separated by commas.');
  return [...new Set([...before, ...list])];
}

const comparisons = studySchema.shape.compare.unwrap().element.options;

function compared(text: string, before?: StudyOptions['compare']): StudyOptions['compare'] {
  const asked = names(text, before);
  const wrong = asked.find((name) => !comparisons.some((known) => known === name));
  if (wrong !== undefined) throw new InvalidArgumentError(`Expected ${comparisons.join(', ')}.`);
  return comparisons.filter((known) => asked.includes(known));
}

function numbers(text: string, before?: readonly number[]): number[] {
  const values = names(text, before?.map(String)).map(Number);
  if (!values.every((value) => Number.isSafeInteger(value) && value >= 0))
    throw new InvalidArgumentError('Expected whole numbers separated by commas.');
  return values;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number from 1 on.');
  return value;
}

function resumeOption(): Option {
  const option = new Option('--resume <run>', 'go on with a run that was stopped, from its newest checkpoint');
  return option.conflicts(['experiment', 'datasets', 'preset', 'epochs', 'weights']); // frozen in the run
}

function presetOption(): Option {
  const { options } = modelSchema.shape.preset.unwrap();
  return new Option('--preset <size>', "the model's size (default: the experiment's)").choices(options);
}
