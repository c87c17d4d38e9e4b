// A small part of what `node scripts/fuzz.mjs` does, with a fixed seed: no crash, no hang, everything accounted for.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.ts';

test.each([
  ['annotations', 60],
  ['media', 40],
])(
  'damaged %s: %i files',
  async (kind, number) => {
    const script = join(packageRoot(), 'scripts/fuzz.mjs');
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, [script, kind, String(number), '--seed', '2026'], (_, stdout) => resolve(stdout));
    });
    const figures = new RegExp(
      `^${number} files of ${kind}, seed 2026: (\\d+) samples, (\\d+) problems, .*, 0 failures\\n$`,
    );
    expect(output).toMatch(figures);
    const [, samples, problems] = figures.exec(output)!;
    expect(Number(samples)).toBeGreaterThan(0);
    expect(Number(problems)).toBeGreaterThan(0);
  },
  300_000,
);
