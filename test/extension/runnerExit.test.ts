import { describe, expect, test } from 'vitest';
import { appendTail, describeExit, lastWords, tailLimit } from '../../src/extension/runnerExit.ts';

const stack =
  'node:internal/x\n  throw err;\n\nError: Cannot find module "a"\n    at b (c.js:1:2)\n\nNode.js v24.0.0\n';

describe('how a runner ended', () => {
  test.each([
    [{ code: 1, signal: null, stoppedByUser: false, stderrTail: stack }, 'exit code 1): Error: Cannot find module "a"'],
    [{ code: 0, signal: null, stoppedByUser: false, stderrTail: '' }, 'exit code 0).'],
    [{ code: null, signal: 'SIGKILL', stoppedByUser: false, stderrTail: '' }, 'killed, SIGKILL; the system does this'],
    [{ code: null, signal: 'SIGSEGV', stoppedByUser: false, stderrTail: 'last\n' }, 'SIGSEGV): last'],
    [
      { code: null, signal: null, stoppedByUser: false, stderrTail: 'spawn x ENOENT\n' },
      'did not start): spawn x ENOENT',
    ],
    [{ code: 0, signal: null, stoppedByUser: true, stderrTail: 'anything' }, 'The CoVeR runner was stopped.'],
  ])('%o', (exit, expected) => expect(describeExit(exit)).toContain(expected));

  test('last words are short', () => expect(lastWords(`Error: ${'x'.repeat(1000)}`)).toHaveLength(300));

  test('the tail keeps the newest', () => {
    const tail = appendTail('a'.repeat(tailLimit), 'b');
    expect(tail).toHaveLength(tailLimit);
    expect(tail.endsWith('ab')).toBe(true);
  });
});
