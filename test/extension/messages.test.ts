// What is said to a person holds names from anywhere: no link in it runs a command.
import { expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import type { Messages } from '../../src/extension/messages.ts';
import { hostileNames } from '../fixtures/hostile/names.mjs';
import { loadWithEditor } from './editorStandIn.ts';

test('a failure is told in words', async () => {
  const { module, vscode } = await loadWithEditor<{ Messages: typeof Messages }>('src/extension/messages.ts');
  const logged: string[] = [];
  const log = { error: (line: string) => logged.push(line), show: () => {} } as never;
  const messages = new module.Messages(log);
  for (const name of hostileNames)
    await messages.guard(async () => {
      throw new UserError('bad', `"${name}" cannot be read.`);
    });
  await messages.failed(new Error('a defect'));
  const said = vscode.said.map(([how, words]) => `${how}: ${words}`);
  expect(said).toHaveLength(hostileNames.length + 1);
  for (const words of said) expect(words).not.toMatch(/\]\(|[\u202a-\u202e\u2066-\u2069]/);
  expect(said[0]).toBe(`error: "${hostileNames[0]}" cannot be read.`);
  expect(logged.at(-1)).toMatch(/a defect\n +at /); // a defect keeps its stack
});
