// What the options of a command line come to.
import { expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

it.each<[string[], string, unknown]>([
  [['train', '--datasets', 'a, b'], 'datasets', ['a', 'b']],
  [['train', '--datasets', 'a', '--datasets', 'b,a'], 'datasets', ['a', 'b']],
  [['study', '--compare', 'images', '--compare', 'coTraining'], 'compare', ['coTraining', 'images']],
  [['study', '--compare', 'images', '--seeds', '3', '--seeds', '1,3'], 'seeds', [3, 1]],
])('%j: lists may be given in parts', async (args, option, value) => {
  const program = createProgram(async () => undefined);
  await program.parseAsync(args, { from: 'user' });
  const command = program.commands.find((one) => one.name() === args[0])!;
  expect(command.opts()[option]).toEqual(value);
});
