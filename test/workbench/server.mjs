// Starts and stops one code-server with this checkout as its only extension, in a home folder of its own: nothing of
// the user's settings is read or changed, and nothing leaves the machine.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './install.mjs';

/** A quiet workbench: no tips, no look-ups, nothing that moves by itself. */
export const quietSettings = {
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.reduceMotion': 'on',
  'update.showReleaseNotes': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'git.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
  'window.confirmBeforeClose': 'never',
  'window.restoreWindows': 'none',
  'files.hotExit': 'off',
  'editor.cursorBlinking': 'solid',
  'npm.autoDetect': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
};

/**
 * @param {{node: string, entry: string}} tools from `installWorkbench`
 * @param {{settings?: object, port?: number, vsix?: string}} [options] with `vsix`, that package instead of the checkout
 * @returns {Promise<{url: string, home: string, output(): string, writeSettings(settings: object): void, stop(): Promise<void>}>}
 */
export async function startServer(tools, { settings = quietSettings, port, vsix } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'cover-workbench-'));
  const data = join(home, 'data');
  const extensions = join(home, 'extensions');
  mkdirSync(join(data, 'User'), { recursive: true });
  mkdirSync(extensions);
  if (vsix === undefined) symlinkSync(projectRoot, join(extensions, 'cover-studio.cover-studio-0.1.0'));
  const writeSettings = (now) => writeFileSync(join(data, 'User', 'settings.json'), JSON.stringify(now, null, 2));
  writeSettings(settings);
  writeFileSync(join(home, 'config.yaml'), 'auth: none\n');
  if (vsix !== undefined) {
    const places = ['--config', join(home, 'config.yaml'), '--user-data-dir', data, '--extensions-dir', extensions];
    const args = [tools.entry, ...places, '--install-extension', vsix, '--force'];
    const done = spawnSync(tools.node, args, { env: environment(home), encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${vsix} could not be installed: ${done.stderr.slice(-500)}`);
  }
  const listen = port ?? (await freePort());
  const child = spawn(
    tools.node,
    [
      tools.entry,
      ...['--config', join(home, 'config.yaml'), '--auth', 'none', '--bind-addr', `127.0.0.1:${listen}`],
      ...['--user-data-dir', data, '--extensions-dir', extensions],
      ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', '--disable-proxy'],
    ],
    { env: environment(home), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  let ended = false;
  const exited = new Promise((resolve) =>
    child.once('exit', () => {
      ended = true;
      resolve();
    }),
  );
  const kill = (signal) => {
    try {
      process.kill(-child.pid, signal); // the group: server, extension hosts, and what they started
    } catch {
      // gone already
    }
  };
  const cleanUp = () => {
    kill('SIGKILL');
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', cleanUp);
  const url = `http://127.0.0.1:${listen}`;
  for (const start = Date.now(); ; await pause(100)) {
    if (ended) throw new Error(`code-server ended at once:\n${output.slice(-2000)}`);
    if (Date.now() - start > 60_000) throw new Error(`code-server did not answer in a minute:\n${output.slice(-2000)}`);
    if (await answers(`${url}/healthz`)) break;
  }
  return {
    url,
    home,
    output: () => output,
    writeSettings,
    async stop() {
      kill('SIGTERM');
      await Promise.race([exited, pause(5000)]);
      process.removeListener('exit', cleanUp);
      cleanUp();
    },
  };
}

function environment(home) {
  const env = { ...process.env };
  for (const name of Object.keys(env))
    if (/^(VSCODE_|ELECTRON_|CODE_SERVER|XDG_RUNTIME_DIR$|PASSWORD$|PORT$)/.test(name)) delete env[name];
  return {
    ...env,
    HOME: home,
    TMPDIR: home, // the sockets go away with it
    XDG_DATA_HOME: join(home, 'xdg-data'),
    XDG_CONFIG_HOME: join(home, 'xdg-config'),
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    EXTENSIONS_GALLERY: '{}', // no look-ups in a marketplace
  };
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
