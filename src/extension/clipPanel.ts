// The clip view's host: one file, what its dataset says of it, and what a run says of it.
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { commands, Uri, workspace as vscodeWorkspace, type WebviewPanel } from 'vscode';
import type { ClipSample, ClipSnapshot } from '../protocol/clipView.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { SampleOfFile } from '../protocol/predictions.ts';
import type { RunSummary } from '../protocol/runs.ts';
import { clipFrames } from './clipFrames.ts';
import { copyCli } from './copyCli.ts';
import type { Curation } from './curation.ts';
import { timeRange } from './datasetNodes.ts';
import type { Jobs } from './jobs.ts';
import { fileKind } from './mediaFiles.ts';
import { pageHandlers } from './pageServices.ts';
import type { Runners } from './runners.ts';
import { isTraining, runRow } from './runRows.ts';
import { type PanelKind, servePanel } from './webviewPanel.ts';

export interface ClipSubject {
  workspace: string;
  file: string;
  /** What the index says of the file, where it was opened from there. */
  sample?: Sample;
  /** The run asked; absent: the newest finished one. */
  run?: string;
}

export interface ClipServices {
  runners: Runners;
  jobs: Jobs;
  curation: Curation;
}

export function clipPanelKind(services: ClipServices): PanelKind<ClipSubject> {
  return {
    viewType: 'cover.clip',
    icon: 'clip.svg',
    // One file may hold many samples, be one of two datasets, or be opened as a whole.
    identity: ({ workspace, file, sample, run }) => [workspace, sample?.id ?? file, run],
    // The folder tells apart files of one name, which datasets have many of.
    title: ({ file, sample, run }) =>
      withRun(
        [`${basename(dirname(file))}/${basename(file)}`, sample && timeRange(sample)].filter(Boolean).join(' '),
        run,
      ),
    fullTitle: ({ file, sample, run }) =>
      withRun(sample?.id ?? vscodeWorkspace.asRelativePath(Uri.file(file), false), run),
    roots: async (subject) => [folderOf(subject)],
    fill: (panel, subject, become) => fill(panel, subject, services, become),
  };
}

async function fill(
  panel: WebviewPanel,
  subject: ClipSubject,
  { runners, jobs, curation }: ClipServices,
  become: ((next: ClipSubject) => void) | undefined,
): Promise<() => void> {
  const { clipHostSurface } = await import('../protocol/clipView.ts');
  const { workspace } = subject;
  /** What to ask the runner about the file as it is shown now. */
  const asked = (run: string | undefined) => {
    const { file, sample } = subject;
    const chosen = run ?? subject.run;
    return {
      workspace,
      file,
      ...(sample && { sample: partOf(sample) }),
      ...(chosen !== undefined && { run: chosen }),
    };
  };
  const known = async (signal?: AbortSignal): Promise<SampleOfFile | null> => {
    const { file, sample } = subject;
    const found = await runners.ask('predict/sample', { workspace, file, ...(sample && { id: sample.id }) }, signal);
    // Of a file that holds several samples, opened as a whole, no one label is the truth.
    return found && !sample && (found.sample.start !== null || found.sample.end !== null) ? null : found;
  };
  const endpoint = servePanel(panel, clipHostSurface, {
    'clipView/ready': () => snapshot(panel, subject),
    'clipView/sample': async (_, signal) => toView(await known(signal)),
    'clipView/predict': ({ topK, run }, signal) => runners.ask('predict/file', { ...asked(run), topK }, signal),
    'clipView/seen': ({ run }, signal) => runners.ask('predict/seen', asked(run), signal),
    'clipView/attention': ({ run }, signal) => runners.ask('predict/attention', asked(run), signal),
    'clipView/timeline': ({ run, from, window }, signal) =>
      runners.ask('predict/timeline', { ...asked(run), from, ...(window !== undefined && { window }) }, signal),
    'clipView/runs': async () => {
      const runs = await runners.ask('runs/list', { workspace });
      return runs.filter(hasModel).map((each) => ({ run: each.run, detail: runRow(each).description }));
    },
    'clipView/train': async () => {
      await commands.executeCommand('cover.train');
      return {};
    },
    'clipView/step': async ({ by }) => {
      const found = await known();
      const next = by < 0 ? found?.previous : found?.next;
      if (!next) return {};
      const { run } = subject;
      if (!become) {
        await commands.executeCommand('cover.showPredictions', { type: 'sample', sample: next, run });
        return {};
      }
      Object.assign(subject, { file: next.file, sample: next });
      become({ ...subject });
      if (!allow(panel, folderOf(subject))) endpoint.notify('clipView/changed', {});
      return {};
    },
    'clipView/edit': async ({ edit }) => {
      const found = await known();
      if (!found) return {};
      await curation[edit](workspace, [found.sample.id]);
      return {};
    },
    'clipView/copyCli': async ({ run, top }) => {
      const chosen = run ?? subject.run;
      await copyCli([
        'predict',
        subject.file,
        '--top',
        String(top),
        ...(chosen === undefined ? [] : ['--run', chosen]),
      ]);
      return {};
    },
    ...pageHandlers(),
  });
  const changed = () => endpoint.notify('clipView/changed', {});
  const edited = curation.onEdited(({ folder }) => {
    if (folder === workspace) changed();
  });
  const ended = jobs.onEnd(({ outcome }) => {
    if (subject.run === undefined && outcome.state === 'done') changed();
  });
  return () => {
    edited.dispose();
    ended.dispose();
  };
}

/**
 * Lets the page load files of this folder in place of the one before, which loads the page anew; false where it may already. It
 * shows one file at a time, so its own bundle and this folder are all it needs.
 */
function allow(panel: WebviewPanel, folder: string): boolean {
  const { options } = panel.webview;
  const [bundle, shown] = options.localResourceRoots ?? [];
  const next = Uri.file(folder);
  if (shown?.fsPath === next.fsPath) return false;
  panel.webview.options = { ...options, localResourceRoots: bundle ? [bundle, next] : [next] };
  return true;
}

async function snapshot(panel: WebviewPanel, { file, sample, run }: ClipSubject): Promise<ClipSnapshot> {
  const found = await stat(file).catch(() => undefined);
  return {
    file,
    path: vscodeWorkspace.asRelativePath(Uri.file(file), false),
    url: panel.webview.asWebviewUri(Uri.file(file)).toString(),
    kind: sample?.kind ?? fileKind(file) ?? 'video',
    size: found && !sample?.frames ? found.size : null,
    truth: sample ? truthOf(sample) : null,
    start: sample?.start ?? null,
    end: sample?.end ?? null,
    run: run ?? null,
    ...(sample?.frames && { frames: await clipFrames(file, sample.frames) }),
  };
}

/** What the page may load files from: a folder of frames, else the one that the file lies in. */
function folderOf({ file, sample }: Pick<ClipSubject, 'file' | 'sample'>): string {
  return sample?.frames ? file : dirname(file);
}

function toView(found: SampleOfFile | null): ClipSample | null {
  if (!found) return null;
  const { sample, excluded, tags, position, samples, previous, next } = found;
  return {
    truth: truthOf(sample),
    ...{ excluded, tags, position, samples, hasPrevious: previous !== null, hasNext: next !== null },
  };
}

const truthOf = ({ dataset, label, split }: Sample) => ({ dataset, label, split });

function withRun(title: string, run: string | undefined): string {
  return run === undefined ? title : `${title} (${run})`;
}

/** Of an evaluation of something that was not trained here there is no model to ask. */
function hasModel(run: RunSummary): boolean {
  return run.state === 'done' && isTraining(run);
}

function partOf({ kind, start, end, frames }: Sample) {
  return { kind, start, end, ...(frames && { frames }) };
}
