// Hostile names on a terminal and in reports: dist/cli.js as a process over a workspace of them.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSampleWorkspace } from '../../src/samples/workspace.ts';
import { hostileNames, terminalName } from '../fixtures/hostile/names.mjs';
import { hostileRuns, makeHostileWorkspace } from '../fixtures/hostile/workspace.mjs';

const cliFile = resolve('dist/cli.js');
/** What a terminal would obey: control characters, and those that turn the direction of text. */
const obeyed = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu;

// Windows allows no such names.
describe.skipIf(process.platform === 'win32')('names that try to be more than names', () => {
  let place: string;
  let folder: string;
  const told: string[] = [];

  function cli(args: string[], cwd = folder): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cliFile, ...args], { cwd, encoding: 'utf8' });
    told.push(stdout, stderr);
    if (status !== 0) throw new Error(`cover ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'cover-hostile-'));
    const [samples, made] = ['samples', 'hostile'].map((name) => join(place, name)) as [string, string];
    folder = made;
    const few = { train: 6, val: 6 };
    await createSampleWorkspace(samples, { motion: few, shapes: few, textures: few });
    const inside = (set: string) => {
      const train = join(samples, set, 'train');
      return readdirSync(train).map((label) => join(train, label, readdirSync(join(train, label))[0]!));
    };
    makeHostileWorkspace(folder, { pictures: inside('textures-mini'), clip: inside('motion-mini')[0]!, cli });
    // A file may be called what no label may.
    const labelled = join(folder, 'data', 'train', hostileNames[0]!);
    copyFileSync(join(labelled, readdirSync(labelled)[0]!), join(labelled, `${terminalName}.png`));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true, maxRetries: 5 }));

  test('the terminal is told nothing that it would obey, and loses no name', () => {
    const files = readdirSync(join(folder, 'data', 'train', hostileNames[0]!));
    const predicted = cli([
      'predict',
      '--top',
      '13',
      '--',
      ...files.map((name) => join('data', 'train', hostileNames[0]!, name)),
    ]);
    cli(['index']);
    expect(cli(['edit', 'list'])).toContain(`${hostileNames[2]}, `);
    expect(cli(['edit', 'list', '--tag', terminalName])).toContain(hostileNames[0]);
    cli(['edit', 'tag', terminalName, `a--/val/${hostileNames[0]}/${hostileNames[0]}.png`]);
    cli(['compare', ...hostileRuns]);
    cli(['duplicates']);
    cli(['report', hostileRuns[0]]);
    expect(predicted).toContain(hostileNames[2]);
    const text = told.join('');
    expect(text).toMatch(/has a control character in it/);
    expect(text.match(obeyed)).toBeNull();
  });

  test('reports hold names as text', () => {
    const [page, words] = ['report.html', 'report.md'].map((name) => join(folder, name)) as [string, string];
    cli(['report', hostileRuns[0], '--html', page, '--markdown', words]);
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('&lt;img src=x onerror=');
    for (const pattern of [/<img src=x/, /<svg onload/, /<script>window/, /href="(command|javascript):/, obeyed])
      expect(html).not.toMatch(pattern);
    expect(html).toMatch(/Content-Security-Policy/);
    const markdown = readFileSync(words, 'utf8');
    expect(markdown).toContain('\\[free clips\\]');
    for (const pattern of [/<img/, /<script/, /\]\(command/, /!\[picture/, obeyed])
      expect(markdown).not.toMatch(pattern);
  });
});
