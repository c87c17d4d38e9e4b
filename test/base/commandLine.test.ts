// Words for a shell: as tables, and on Linux and macOS by the shell's own reading.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { commandLine } from '../../src/base/commandLine.ts';

const posix: [string, string][] = [
  ['train', 'train'],
  ['--workspace', '--workspace'],
  ['/data/my clips', "'/data/my clips'"],
  ["/data/Anna's", "'/data/Anna'\\''s'"],
  ['a,b', 'a,b'],
  ['', "''"],
  ['$(rm -rf ~)', "'$(rm -rf ~)'"],
  ['~', "'~'"],
  ['`id`; *?!#&|<>"\\', "'`id`; *?!#&|<>\"\\'"],
  ['hf:owner/name@main', 'hf:owner/name@main'],
  ['=ls', "'=ls'"],
  ['Öl & Käse', "'Öl & Käse'"],
  ['two\nlines', "$'two\\x0alines'"],
  ["it's\u001b[2J\\", "$'it\\'s\\x1b[2J\\\\'"],
];

const windows: [string, string][] = [
  ['train', 'train'],
  ['--workspace', '--workspace'],
  ['C:\\clips\\a', 'C:\\clips\\a'],
  ['C:\\my clips', '"C:\\my clips"'],
  ['C:\\my clips\\', '"C:\\my clips\\\\"'],
  ["C:\\Anna's", '"C:\\Anna\'s"'],
  ['a,b', '"a,b"'],
  ['-a.b', '"-a.b"'],
  ['', '""'],
  ['$env:PATH', "'$env:PATH'"],
  ['100 % `x', "'100 % `x'"],
  ["$a's", "'$a''s'"],
  ['two\nlines', '"two lines"'],
];

describe('commandLine', () => {
  test.each(posix)('Linux and macOS: %j → %s', (word, expected) => {
    expect(commandLine(['cover', word], 'linux')).toBe(`cover ${expected}`);
    expect(commandLine(['cover', word], 'darwin')).toBe(`cover ${expected}`);
  });

  test.each(windows)('Windows: %j → %s', (word, expected) => {
    expect(commandLine(['cover', word], 'win32')).toBe(`cover ${expected}`);
  });

  test.skipIf(!existsSync('/bin/bash'))('bash reads the same words back', () => {
    const words = posix.map(([word]) => word);
    const program = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    const line = commandLine([process.execPath, '-e', program, '--', ...words], 'linux');
    expect(JSON.parse(execFileSync('/bin/bash', ['--noprofile', '--norc', '-c', line], { encoding: 'utf8' }))).toEqual(
      words,
    );
  });
});
