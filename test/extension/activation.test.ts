// What the extension costs before anybody asked for anything: which files are evaluated, and what the built extension
// loads, opens and starts when it is activated. No clocks: bench/editor.mjs measures the time.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import esbuild from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { editorSource } from './editorStandIn.ts';

test('activation evaluates files of this project only, and no schemas', async () => {
  const { metafile } = await esbuild.build({
    entryPoints: ['src/extension/extension.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    outdir: 'nowhere',
    write: false,
    metafile: true,
  });
  const { inputs } = metafile;
  const importers = new Map<string, string | undefined>([['src/extension/extension.ts', undefined]]);
  for (const file of importers.keys())
    for (const { path, kind, external } of inputs[file]!.imports)
      if (kind !== 'dynamic-import' && !external && !importers.has(path)) importers.set(path, file);
  const way = (file: string | undefined): string => (file === undefined ? '' : `${file} < ${way(importers.get(file))}`);
  const packages = [...importers.keys()].filter((file) => file.includes('node_modules'));
  expect(packages.slice(0, 1).map(way)).toEqual([]);
  // What comes later is in the bundle too; otherwise the above would have looked at nothing.
  expect(Object.keys(inputs).some((file) => file.includes('node_modules/zod'))).toBe(true);
});

const built = resolve('dist/extension.js');

describe.skipIf(!existsSync(built))('the built extension, activated', () => {
  let place: string;
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'cover-activation-'));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true, maxRetries: 5 }));

  /** Activates in a process of its own; what it loaded, opened and started meanwhile. */
  function activate(isTrusted: boolean) {
    const editor = join(place, 'editor.cjs');
    const probe = join(place, 'probe.cjs');
    writeFileSync(editor, editorSource(place, isTrusted));
    writeFileSync(probe, probeSource(editor));
    const { stdout, stderr, status } = spawnSync(process.execPath, [probe], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return JSON.parse(stdout) as { loaded: string[]; native: string[]; started: string[][]; opened: string[] };
  }

  test('with a workspace that is not trusted it starts nothing', () => {
    writeFileSync(join(place, 'cover.json'), '{ "datasets": { "a": { "kind": "nonsense" } } }\n');
    const seen = activate(false);
    expect(seen.started).toEqual([]);
    expect(seen.native).toEqual([]);
    expect(seen.opened).toEqual([]);
    const others = seen.loaded.filter((name) => !name.startsWith('node:') && name !== built && !name.startsWith(place));
    expect(others).toEqual(['vscode']);
  });

  test('with a workspace of datasets it starts one runner, and loads no native library and no page itself', () => {
    writeFileSync(join(place, 'cover.json'), '{ "datasets": {} }\n');
    const seen = activate(true);
    expect(seen.started.map((args) => args.slice(0, 2))).toEqual([[process.execPath, 'dist/runner.js']]);
    expect(seen.native).toEqual([]);
    expect(seen.opened).toEqual([]);
  });

  test('the bundle has no native library in it', () => {
    const text = readFileSync(built, 'utf8');
    for (const name of ['onnxruntime', '@duckdb', 'sharp', '@ffmpeg/core'])
      expect(text).not.toContain(`require("${name}`);
  });
});

/** Watches what is required, opened natively, read of dist/webview and started; a runner that is started does nothing. */
function probeSource(editor: string): string {
  return `
const Module = require('node:module');
const childProcess = require('node:child_process');
const fs = require('node:fs');
const seen = { loaded: [], native: [], started: [], opened: [] };
const load = Module._load;
Module._load = function (name, ...rest) {
  if (!seen.loaded.includes(name)) seen.loaded.push(name);
  return load.call(this, name === 'vscode' ? ${JSON.stringify(editor)} : name, ...rest);
};
const open = process.dlopen;
process.dlopen = function (module, file, ...rest) { seen.native.push(file); return open.call(this, module, file, ...rest); };
for (const name of ['spawn', 'fork', 'exec', 'execFile', 'spawnSync', 'execSync', 'execFileSync']) {
  const start = childProcess[name];
  childProcess[name] = (program, args, options) => {
    seen.started.push([program, ...(args ?? [])].map((one) => String(one).replace(${JSON.stringify(`${resolve('.')}/`)}, '')));
    return start(process.execPath, ['-e', 'process.stdin.resume()'], options);
  };
}
for (const from of [fs, fs.promises])
  for (const name of ['readFileSync', 'readFile', 'open', 'openSync', 'createReadStream', 'stat', 'readdir']) {
    const read = from[name];
    if (read) from[name] = function (file, ...rest) {
      if (String(file).includes('webview')) seen.opened.push(String(file));
      return read.call(this, file, ...rest);
    };
  }
const { activate } = require(${JSON.stringify(built)});
const memory = { get: (_, otherwise) => otherwise, update: async () => {}, keys: () => [] };
activate({
  subscriptions: [],
  extensionUri: require(${JSON.stringify(editor)}).Uri.file(${JSON.stringify(resolve('.'))}),
  extensionPath: ${JSON.stringify(resolve('.'))},
  asAbsolutePath: (path) => require('node:path').join(${JSON.stringify(resolve('.'))}, path),
  workspaceState: memory,
  globalState: memory,
});
setTimeout(() => {
  console.log(JSON.stringify(seen));
  process.exit(0);
}, 1000);
`;
}
