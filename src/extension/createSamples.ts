// "Create Sample Workspace…": a folder is chosen, the samples are drawn into it by a runner of their own, and it is opened.
import { commands, type Disposable, Uri, window, workspace } from 'vscode';
import { asMessage } from '../base/shownText.ts';
import type { Messages } from './messages.ts';
import { notifiedJob } from './notifiedJob.ts';
import type { Runners } from './runners.ts';
import { configName } from './workspaceFolder.ts';

/** The folder that is made where the chosen one is not empty. */
const newFolder = 'cover-samples';

export function registerCreateSamples(runners: Runners, messages: Messages): Disposable {
  return commands.registerCommand('cover.createSampleWorkspace', (given?: Uri) =>
    messages.guard(() => createSamples(runners, given)),
  );
}

async function createSamples(runners: Runners, given: Uri | undefined): Promise<void> {
  const target = given ?? (await pickFolder());
  if (!target) return;
  const options = { title: `Drawing samples into ${target.fsPath}`, name: 'samples' };
  const { folder } = await notifiedJob(runners, options, (runner, signal) =>
    runner.endpoint.request('samples/create', { folder: target.fsPath }, signal),
  );
  const present = workspace.workspaceFolders ?? [];
  if (present.some(({ uri }) => uri.fsPath === folder)) return; // it is open: its files are seen as they come
  const open = 'Open';
  const isEmpty = present.length === 0;
  // An empty window has nothing to lose; else a person says so.
  const answer = isEmpty
    ? open
    : await window.showInformationMessage(
        asMessage(`The sample workspace is in ${folder}.`),
        open,
        'Open in New Window',
      );
  if (answer === undefined) return;
  await commands.executeCommand('vscode.openFolder', Uri.file(folder), { forceNewWindow: answer !== open });
}

/** The chosen folder where it is empty or has samples already, else a new one in it. */
async function pickFolder(): Promise<Uri | undefined> {
  const picked = await window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: 'Create Here',
    title: 'Folder for the sample workspace',
  });
  const [folder] = picked ?? [];
  if (!folder) return undefined;
  const entries = (await workspace.fs.readDirectory(folder)).map(([name]) => name);
  const isOwn = entries.includes('about-these-samples.txt');
  const others = entries.filter((name) => !name.startsWith('.') && name !== configName);
  return isOwn || others.length === 0 ? folder : Uri.joinPath(folder, newFolder);
}
