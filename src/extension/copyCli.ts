// "Copy as CLI Command": what was clicked, as the command that does the same in a terminal, put on the clipboard.
import { env, window } from 'vscode';
import { commandLine } from '../base/commandLine.ts';
import { asLabel } from '../base/shownText.ts';
import { requireWorkspace } from './workspaceFolder.ts';

/** `args` as after `cover`: ['train', '--preset', 'tiny']. The workspace's folder is added, unless they name one. */
export async function copyCli(args: readonly string[]): Promise<void> {
  const [command = '', ...others] = args;
  const workspace = args.includes('--workspace') ? [] : ['--workspace', requireWorkspace()];
  const line = commandLine(['cover', command, ...workspace, ...others]);
  await env.clipboard.writeText(line);
  const shown = line.length > 80 ? `${line.slice(0, 79)}…` : line;
  window.setStatusBarMessage(`$(clippy) Copied: ${asLabel(shown)}`, 5000);
}
