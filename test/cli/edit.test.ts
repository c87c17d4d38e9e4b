// `cover edit` as a person and a script meet it: dist/cli.js as a process.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import { files, tree } from '../data/tree.ts';

function workspace(): string {
  return tree({
    ...files(4, 'shapes/train/left/', '.png'),
    ...files(4, 'shapes/train/right/', '.png'),
    ...files(2, 'shapes/val/left/', '.png'),
    ...files(2, 'shapes/val/right/', '.png'),
    'cover.json': JSON.stringify({ datasets: { shapes: { kind: 'image', path: 'shapes', format: 'classFolders' } } }),
  });
}

function cover(folder: string, args: string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [distFile('cli.js'), '--workspace', folder, ...args], {
    encoding: 'utf8',
    input,
    env: { ...process.env, NO_COLOR: '1' },
  });
  const lines = args.includes('--json') ? stdout.split('\n').filter(Boolean) : [];
  return { code: status, stdout, stderr, events: lines.map((line) => JSON.parse(line)) };
}

const edits = (folder: string) => readFileSync(join(folder, 'cover.edits.jsonl'), 'utf8');

describe('cover edit', () => {
  test('excludes, relabels, lists, includes again; the index follows', () => {
    const folder = workspace();
    const first = cover(folder, ['edit', 'exclude', 'shapes/train/left/0.png', 'shapes/train/left/1.png']);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toBe('Excluded: 2 samples.\nshapes: 10 samples · 2 classes · 2 excluded\n');
    const second = cover(folder, ['edit', 'relabel', '--label', 'right', 'shapes/val/left/0.png']);
    expect(second.stdout).toBe('Relabelled: 1 sample.\nshapes: 10 samples · 2 classes · 2 excluded · 1 relabelled\n');
    expect(edits(folder)).toBe(
      '{"id":"shapes/train/left/0.png","excluded":true}\n{"id":"shapes/train/left/1.png","excluded":true}\n{"id":"shapes/val/left/0.png","label":"right"}\n',
    );
    expect(cover(folder, ['edit', 'list', '--json']).events).toEqual([
      { event: 'edit', id: 'shapes/train/left/0.png', excluded: true },
      { event: 'edit', id: 'shapes/train/left/1.png', excluded: true },
      { event: 'edit', id: 'shapes/val/left/0.png', label: 'right' },
    ]);
    expect(cover(folder, ['edit', 'list']).stdout).toContain('shapes/val/left/0.png');
    expect(cover(folder, ['index']).stdout).toContain('shapes: 2 samples excluded · 1 sample relabelled\n');
    expect(cover(folder, ['edit', 'relabel', 'shapes/val/left/0.png']).code).toBe(0);
    expect(
      cover(folder, ['edit', 'include'], '\uFEFFshapes/train/left/0.png\n\nshapes/train/left/1.png\r\n').stdout,
    ).toBe('Included again: 2 samples.\nshapes: 12 samples · 2 classes\n');
    expect(existsSync(join(folder, 'cover.edits.jsonl'))).toBe(false);
    expect(cover(folder, ['edit', 'list']).stdout).toMatch(/^No edits/);
  });

  test('tags, lists the ids of a tag for other commands, untags', () => {
    const folder = workspace();
    const ids = ['shapes/train/left/0.png', 'shapes/train/left/1.png'];
    cover(folder, ['edit', 'exclude', ids[1]!]);
    expect(cover(folder, ['edit', 'tag', 'to check', ...ids]).stdout).toBe(
      'Tagged "to check": 2 samples.\nshapes: 11 samples · 2 classes · 1 excluded · 2 tagged\n',
    );
    expect(cover(folder, ['edit', 'tag', ' to check ', '--json'], `${ids[0]}\n`).events.at(-1)).toEqual({
      ...{ event: 'edited', action: 'tag', tag: 'to check', samples: 1, changed: 0 },
    });
    cover(folder, ['edit', 'tag', 'night', ids[0]!]);
    expect(edits(folder)).toBe(
      `{"id":"${ids[0]}","tags":["night","to check"]}\n{"id":"${ids[1]}","excluded":true,"tags":["to check"]}\n`,
    );
    expect(cover(folder, ['edit', 'list']).stdout).toContain('night, to check');
    expect(cover(folder, ['edit', 'list', '--tag', 'night', '--json']).events).toEqual([
      { event: 'edit', id: ids[0], tags: ['night', 'to check'] },
    ]);
    const listed = cover(folder, ['edit', 'list', '--tag', 'to check']).stdout;
    expect(listed).toBe(`${ids.join('\n')}\n`);
    expect(cover(folder, ['index']).stdout).toContain('shapes: 1 sample excluded · 2 samples tagged\n');
    expect(cover(folder, ['edit', 'untag', 'to check'], listed).stdout).toContain('Untagged "to check": 2 samples.\n');
    const none = cover(folder, ['edit', 'list', '--tag', 'to check']);
    expect(none).toMatchObject({ code: 0, stdout: '' });
    expect(none.stderr).toContain('No sample has the tag "to check".');
    cover(folder, ['edit', 'include', ids[1]!]);
    cover(folder, ['edit', 'untag', 'night', ids[0]!]);
    expect(existsSync(join(folder, 'cover.edits.jsonl'))).toBe(false);
  });

  test('a program is told numbers', () => {
    const folder = workspace();
    const ids = ['shapes/train/left/0.png', 'shapes/train/left/1.png'];
    cover(folder, ['edit', 'exclude', ids[0]!]);
    const { events } = cover(folder, ['edit', 'exclude', '-', ids[0]!, '--json'], `${ids[1]}\n`);
    expect(events.at(-1)).toEqual({ event: 'edited', action: 'exclude', samples: 2, changed: 1 });
  });

  test.each([
    [['exclude', 'shapes/nothing.png'], /unknown-sample|has no sample "shapes\/nothing.png"/],
    [['include', 'shapes/nothing.png'], /There is no sample "shapes\/nothing.png", and no edit of it/],
    [['relabel', 'shapes/train/left/0.png', 'shape/nothing.png'], /There is no sample "shape\/nothing.png"/],
    [['relabel', '--label', 'up', 'shapes/train/left/0.png'], /has no class "up"/],
    [['exclude'], /No sample was named/],
    [['tag', 'check', 'shapes/nothing.png'], /has no sample "shapes\/nothing.png"/],
    [['tag', 'check'], /No sample was named/],
    [['tag', ' ', 'shapes/train/left/0.png'], /A tag is empty/],
    [['untag', 'check', 'shapes/nothing.png'], /There is no sample "shapes\/nothing.png", and no edit of it/],
  ])('%j is refused, and nothing is written', (args, said) => {
    const folder = workspace();
    const { code, stdout, stderr } = cover(folder, ['edit', ...args]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(said);
    expect(existsSync(join(folder, 'cover.edits.jsonl'))).toBe(false);
  });

  test('a new class is taken where it is asked for', () => {
    const folder = workspace();
    const ids = ['shapes/train/left/0.png', 'shapes/train/left/1.png'];
    const { stdout } = cover(folder, ['edit', 'relabel', '--label', 'up', '--new-class', ...ids]);
    expect(stdout).toContain('12 samples · 3 classes · 2 relabelled');
  });

  test('an edit of a file that is gone is taken back', () => {
    const folder = workspace();
    cover(folder, ['edit', 'exclude', 'shapes/train/left/0.png']);
    rmSync(join(folder, 'shapes/train/left/0.png'));
    cover(folder, ['index']);
    expect(cover(folder, ['edit', 'include', 'shapes/train/left/0.png'])).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, 'cover.edits.jsonl'))).toBe(false);
  });

  test('an experiment that needs mending is not in the way', () => {
    const folder = workspace();
    const file = join(folder, 'cover.json');
    const config = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...config, experiments: { one: { datasets: ['none'] } } }));
    expect(cover(folder, ['edit', 'exclude', 'shapes/train/left/0.png'])).toMatchObject({ code: 0 });
    expect(cover(folder, ['duplicates'])).toMatchObject({ code: 0 });
  });
});
