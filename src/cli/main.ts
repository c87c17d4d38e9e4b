// `cover`: the same work as in the editor, from a terminal or a program. Exit codes: 0, 1 (failed, with one clear
// sentence), 2 (used wrongly), 128 + signal (stopped).
import { stat } from 'node:fs/promises';
import { CommanderError } from 'commander';
import { CancelledError, messageOf, systemCode, UserError } from '../base/errors.ts';
import { type Context, createContext, type ExitCode, type GlobalOptions } from './context.ts';
import { reportFailure } from './failure.ts';
import { jsonOutput } from './output.ts';
import { createProgram } from './program.ts';
import { stopOnSignals } from './stopping.ts';

/** Why the results could not be written, where somebody was to read them. */
let unwritten: Error | undefined;

async function main(): Promise<number> {
  let code: number = 0;
  const program = createProgram(async (options, command) => {
    code = await runCommand(options, command);
  });
  try {
    await program.parseAsync();
    return code;
  } catch (error) {
    // Help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usedWrongly(error);
    throw error;
  }
}

/** Commander has told a person what is wrong. Its options are not read where it stopped, so `--json` is looked for among the words. */
function usedWrongly({ code, message }: CommanderError): 2 {
  const end = process.argv.indexOf('--');
  if (process.argv.slice(2, end < 0 ? undefined : end).includes('--json')) {
    const told = code === 'commander.help' ? 'No command was named; see "cover --help".' : message;
    const line = told.replace(/^error: /, '').replaceAll('\n', ' ');
    jsonOutput(process.stdout).event({ event: 'error', code: 'usage', message: line });
  }
  return 2;
}

async function runCommand(options: GlobalOptions, command: (context: Context) => Promise<ExitCode>): Promise<number> {
  const stopping = stopOnSignals(() => {
    context.output.note('Stopping after the current step; press Ctrl-C again to end at once.');
  });
  const context = createContext(options, stopping.signal);
  // Whoever read our output is gone (`cover … | head`): what is under way is put down as by Ctrl-C.
  process.stdout.on('error', (error) => {
    if (systemCode(error) !== 'EPIPE') unwritten = error; // a full disk, say
    process.emit('SIGTERM');
  });
  let code: number;
  try {
    await requireFolder(context.workspace);
    code = await command(context);
  } catch (error) {
    if (error instanceof CancelledError) code = stopping.exitCode() ?? 1;
    // Options that do not go together are told by the commands.
    else code = error instanceof UserError && error.code === 'usage' ? 2 : 1;
    reportFailure(context.output, error);
  }
  context.output.settle();
  return code;
}

/** A mistyped workspace is neither made nor taken for one in which nothing was trained yet. */
async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  const what = found ? `${folder} is a file.` : `There is no folder ${folder}.`;
  throw new UserError('no-folder', `${what} Name the folder with cover.json as the --workspace.`, folder);
}

main().then(
  // Workers and child processes may be idle still; what was written is flushed first, since pipes may be asynchronous.
  (code) => {
    const end = () => {
      if (unwritten) process.stderr.write(`Error: The output could not be written: ${messageOf(unwritten)}.\n`);
      process.stderr.write('', () => process.exit(unwritten ? 1 : code));
    };
    process.stdout.write('', () => setImmediate(end)); // what the last write met is told a moment later
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  },
);
