// Shows where a file lies, wherever the person sits: beside this machine, at another one, or in a browser.
import { commands, env, UIKind, type Uri, window, workspace } from 'vscode';
import { asMessage } from '../base/shownText.ts';

/**
 * In the Explorer where the workspace has it; else in the system's file manager where that is beside the person; else it is said
 * where it lies, since neither can show it. `manager`: the file manager comes first.
 */
export async function reveal(file: Uri, { manager = false } = {}): Promise<void> {
  const beside = env.uiKind === UIKind.Desktop && env.remoteName === undefined;
  const inWorkspace = workspace.getWorkspaceFolder(file) !== undefined;
  if (beside && (manager || !inWorkspace)) return void (await commands.executeCommand('revealFileInOS', file));
  if (inWorkspace) return void (await commands.executeCommand('revealInExplorer', file));
  const copy = 'Copy Path';
  const told = asMessage(`It lies outside this window's folders: ${file.fsPath}`);
  if ((await window.showInformationMessage(told, copy)) === copy) await env.clipboard.writeText(file.fsPath);
}
