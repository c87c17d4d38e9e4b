// The clip view's host: one file, what its dataset says of it, and what every head of a run says of it.
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { commands, Uri, workspace as vscodeWorkspace, type WebviewPanel } from 'vscode';
import type { ClipSnapshot } from '../protocol/clipView.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { Jobs } from './jobs.ts';
import { fileKind } from './mediaFiles.ts';
import type { Runners } from './runners.ts';
import { type PanelKind, servePanel } from './webviewPanel.ts';

export interface ClipSubject {
  workspace: string;
  file: string;
  /** What the index says of the file, where it was opened from there. */
  sample?: Sample;
  /** The run asked; absent: the newest finished one. */
  run?: string;
}

export function clipPanelKind(runners: Runners, jobs: Jobs): PanelKind<ClipSubject> {
  return {
    viewType: 'cover.clip',
    icon: 'clip.svg',
    // The folder tells apart files of one name, which datasets have many of.
    title: ({ file, run }) => `${basename(dirname(file))}/${basename(file)}${run === undefined ? '' : ` (${run})`}`,
    roots: async ({ file }) => [dirname(file)],
    fill: (panel, subject) => fill(panel, subject, runners, jobs),
  };
}

async function fill(panel: WebviewPanel, subject: ClipSubject, runners: Runners, jobs: Jobs): Promise<() => void> {
  const { clipHostSurface } = await import('../protocol/clipView.ts');
  const { workspace, file, run, sample } = subject;
  const endpoint = servePanel(panel, clipHostSurface, {
    'clipView/ready': () => snapshot(panel, subject),
    'clipView/predict': ({ topK }, signal) =>
      runners.ask(
        'predict/file',
        { workspace, file, topK, ...(sample && { sample: partOf(sample) }), ...(run !== undefined && { run }) },
        signal,
      ),
    'clipView/train': async () => {
      await commands.executeCommand('cover.train');
      return {};
    },
  });
  const ended = jobs.onEnd(({ outcome }) => {
    if (run === undefined && outcome.state === 'done') endpoint.notify('clipView/changed', {});
  });
  return () => ended.dispose();
}

async function snapshot(panel: WebviewPanel, { file, sample }: ClipSubject): Promise<ClipSnapshot> {
  const found = await stat(file).catch(() => undefined);
  return {
    file,
    path: vscodeWorkspace.asRelativePath(Uri.file(file), false),
    url: panel.webview.asWebviewUri(Uri.file(file)).toString(),
    kind: sample?.kind ?? fileKind(file) ?? 'video',
    size: found?.size ?? null,
    truth: sample ? { dataset: sample.dataset, label: sample.label, split: sample.split } : null,
    start: sample?.start ?? null,
    end: sample?.end ?? null,
  };
}

function partOf({ kind, start, end, frames }: Sample) {
  return { kind, start, end, ...(frames && { frames }) };
}
