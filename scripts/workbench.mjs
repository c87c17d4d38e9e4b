// `npm run workbench [-- DIR]`: opens DIR, or the sample workspace, in VS Code with this checkout as an extension. The
// user's own VS Code where `code` is on PATH; else a workbench in the browser, installed from npm into .cache/workbench.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installWorkbench, obstacle } from '../test/workbench/install.mjs';
import { quietSettings, startServer } from '../test/workbench/server.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const asked = process.argv[2];
const folder = resolve(asked ?? join(root, '.cover-sample'));

if (asked === undefined && !existsSync(folder)) {
  fail(
    'There is no sample workspace yet: `npm start` makes it (.cover-sample). Or name a folder: npm run workbench -- DIR',
  );
}
if (!existsSync(folder) || !statSync(folder).isDirectory()) fail(`${folder} is not a folder.`);
if (!existsSync(join(root, 'dist', 'extension.js'))) {
  const built = spawnSync(process.execPath, [join(root, 'esbuild.mjs')], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) fail('The extension could not be built; see above.');
}

const desktop = process.env.COVER_WORKBENCH === 'browser' ? undefined : desktopCode();
if (desktop !== undefined) {
  const child = spawn(desktop, [`--extensionDevelopmentPath=${root}`, folder], { stdio: 'inherit' });
  child.on('error', (error) => fail(`${desktop} could not be started: ${error.message}`));
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  const why = obstacle();
  if (why) fail(`\`code\` is not on the PATH. ${why}`);
  await openInBrowser();
}

async function openInBrowser() {
  const tools = installWorkbench(console.log);
  const settings = { ...quietSettings, 'workbench.reduceMotion': 'auto', 'editor.cursorBlinking': 'blink' };
  const server = await startServer(tools, { settings });
  console.log(`\n  VS Code with CoVeR Studio:  ${server.url}/?folder=${encodeURIComponent(folder)}\n`);
  console.log('  Open it in a browser; the CoVeR icon is in the bar on the left. Ctrl+C ends it.');
  const stop = async () => {
    await server.stop();
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
}

/** The program to start; on Windows the one beside `code.cmd`, which only a shell could start. */
function desktopCode() {
  const windows = process.platform === 'win32';
  const found = spawnSync(windows ? 'where' : 'which', ['code'], { encoding: 'utf8' });
  if (found.status !== 0) return undefined;
  if (!windows) return 'code';
  const program = join(dirname(dirname(found.stdout.split(/\r?\n/)[0])), 'Code.exe');
  return existsSync(program) ? program : undefined;
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
