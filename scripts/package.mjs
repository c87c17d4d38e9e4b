// `npm run package`: a VSIX for this machine's platform, from the native packages that npm installed for it. Leaves out
// onnxruntime-node's binaries for other platforms (270 MB). Uses vsce from npm, which it does not keep.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const vsce = '@vscode/vsce@4.1.0';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const platform = `${process.platform}-${process.arch}`;
const target = join(root, process.argv[2] ?? `${name}-${version}-${platform}.vsix`);

run(process.execPath, [join(root, 'esbuild.mjs'), '--production']);
const folder = mkdtempSync(join(tmpdir(), 'cover-package-'));
try {
  const ignore = join(folder, 'ignore');
  const all = '!node_modules/onnxruntime-node/bin/**';
  const mine = `!node_modules/onnxruntime-node/bin/napi-*/${process.platform}/${process.arch}/**`;
  const text = readFileSync(join(root, '.vscodeignore'), 'utf8');
  if (!text.includes(all)) throw new Error(`.vscodeignore no longer says ${all}`);
  writeFileSync(ignore, text.replace(all, mine));
  const args = ['package', '--target', platform, '--ignoreFile', ignore, '--allow-missing-repository', '-o', target];
  // `node npx-cli.js` instead of `npx`: on Windows that is a batch file, which only a shell can start.
  const npx = join(dirname(process.env.npm_execpath ?? ''), 'npx-cli.js');
  const [program, first] = process.env.npm_execpath ? [process.execPath, [npx]] : ['npx', []];
  run(program, [...first, '--yes', vsce, ...args]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(program, args) {
  const done = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
