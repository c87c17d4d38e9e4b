// Puts a real VS Code workbench into .cache/workbench: code-server (VS Code's own server and browser workbench) and the
// Node it wants, both from npm. Nothing is compiled and no install script runs, so npm is all it takes; Linux only,
// because the Node binary package and the workbench's helpers are. Used by the workbench test and by `npm run workbench`.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const projectRoot = dirname(dirname(here));
const tools = join(projectRoot, '.cache', 'workbench', 'tools');
const versions = { 'code-server': '4.139.1', [`node-linux-${process.arch}`]: '24.21.0' };

/** Counted up when the steps below change, so that what was installed by older steps is installed anew. */
const recipe = 2;

/** Parts of code-server that nothing here uses: sign-in, Copilot and tunnels (285 MB). */
const unused = [
  'node_modules/@github',
  'node_modules/@microsoft/mxc-sdk',
  ...['copilot', 'mermaid-markdown-features', 'github', 'github-authentication', 'microsoft-authentication'].map(
    (name) => `extensions/${name}`,
  ),
  'extensions/tunnel-forwarding',
];

/** Why a workbench cannot be installed on this machine, in one sentence; undefined where it can. */
export function obstacle() {
  if (process.platform !== 'linux')
    return 'The workbench in the browser is installed from Linux packages; on this system install VS Code and its `code` command.';
  if (!['x64', 'arm64'].includes(process.arch)) return `There is no packaged workbench for ${process.arch}.`;
  return undefined;
}

/**
 * Installs what is missing (about two minutes the first time, nothing after) and tells where it lies.
 * Throws an Error with npm's last words where the registry cannot be reached.
 * @param {(line: string) => void} tell
 * @returns {{node: string, entry: string}} the Node binary and code-server's entry point
 */
export function installWorkbench(tell) {
  const why = obstacle();
  if (why) throw new Error(why);
  const server = join(tools, 'node_modules', 'code-server');
  const node = join(tools, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  const ready = join(tools, 'ready.json');
  const wanted = JSON.stringify({ ...versions, recipe });
  if (!existsSync(ready) || readFileSync(ready, 'utf8') !== wanted) {
    tell('Installing the workbench into .cache/workbench (code-server, from npm; about two minutes, once) …');
    rmSync(tools, { recursive: true, force: true });
    mkdirSync(tools, { recursive: true });
    writeFileSync(join(tools, 'package.json'), '{ "name": "workbench-tools", "private": true }\n');
    npmInstall(
      tools,
      Object.entries(versions).map(([name, version]) => `${name}@${version}`),
    );
    // The workbench's own modules; `npm ci` fails there, its lock file is out of step with its package.json.
    const vscode = join(server, 'lib', 'vscode');
    npmInstall(vscode, ['--omit=dev'], node);
    link('code-linux.sh', join(vscode, 'bin', 'remote-cli', 'code-server'));
    link('browser-linux.sh', join(vscode, 'bin', 'helpers', 'browser.sh'));
    // The one native module whose absence is felt (no log files, an empty Output panel) gets a stand-in.
    copyFileSync(join(here, 'spdlogShim.cjs'), join(vscode, 'node_modules', '@vscode', 'spdlog', 'index.js'));
    // Ends an extension host whose parent is gone; without it every window's log begins with an error.
    writeFileSync(
      join(vscode, 'node_modules', '@vscode', 'native-watchdog', 'index.js'),
      'exports.start = () => {};\n',
    );
    for (const part of unused) rmSync(join(vscode, part), { recursive: true, force: true });
    writeFileSync(ready, wanted);
  }
  return { node, entry: join(server, 'out', 'node', 'entry.js') };
}

function npmInstall(folder, args, node) {
  const path = node ? `${dirname(node)}:${process.env.PATH}` : process.env.PATH;
  let last;
  for (let attempt = 1; attempt <= 3; attempt++) {
    last = spawnSync(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--save-exact', ...args],
      {
        cwd: folder,
        env: { ...process.env, PATH: path },
        encoding: 'utf8',
      },
    );
    if (last.status === 0) return;
  }
  throw new Error(`npm could not install into ${folder}: ${(last.stderr || String(last.error)).trim().slice(-500)}`);
}

function link(target, at) {
  rmSync(at, { force: true });
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(target, at);
}
