// npm start [-- DIR]: builds, makes the sample workspace (or takes DIR), finds its datasets, trains, evaluates, prints the
// table, and says how to open the result.
import { relative, resolve } from 'node:path';
import { inProject, root, runNode } from './steps.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 10)) {
  console.error(`CoVeR Studio needs Node 20.10 or later; this is ${process.version}.`);
  process.exit(1);
}

const [given, ...more] = process.argv.slice(2);
if (more.length > 0 || given?.startsWith('-')) {
  console.error('Usage: npm start [-- DIR]');
  process.exit(2);
}
// npm runs this in the project's folder; INIT_CWD is where the person stands.
const workspace = given === undefined ? inProject('.cover-sample') : resolve(process.env.INIT_CWD ?? '.', given);
const cli = inProject('dist', 'cli.js');

await step([inProject('esbuild.mjs')]);
if (given === undefined) await step([cli, 'sample', workspace]);
await step([cli, 'init', '--workspace', workspace]);
await step([cli, 'train', '--workspace', workspace]);

const shown = relative(process.env.INIT_CWD ?? root, workspace) || '.';
const quoted = /^[\w./\\:-]+$/.test(shown) ? shown : JSON.stringify(shown);
console.log(`
Open the result in VS Code:
  npm run workbench${given === undefined ? '' : ` -- ${quoted}`}
or, with the extension installed:
  code ${quoted}`);

async function step(args) {
  const code = await runNode(args);
  if (code !== 0) process.exit(code);
}
