// The run view's host: serves the snapshot and the live events of one run, and does what its buttons ask.
import { commands, Position, Range, Uri, type WebviewPanel, window } from 'vscode';
import type { EvaluateCommand } from './evaluateCommand.ts';
import type { Jobs } from './jobs.ts';
import type { Messages } from './messages.ts';
import { pageHandlers } from './pageServices.ts';
import { RunFeed } from './runFeed.ts';
import type { Runners } from './runners.ts';
import { type PanelKind, servePanel } from './webviewPanel.ts';

export interface RunSubject {
  workspace: string;
  run: string;
}

export interface RunPanelNeeds {
  runners: Runners;
  jobs: Jobs;
  evaluate: EvaluateCommand;
  messages: Messages;
}

export function runPanelKind(needs: RunPanelNeeds): PanelKind<RunSubject> {
  return {
    viewType: 'cover.run',
    icon: 'run.svg',
    title: ({ run }) => run,
    roots: async () => [],
    fill: (panel, subject) => fill(panel, subject, needs),
  };
}

async function fill(
  panel: WebviewPanel,
  { workspace, run }: RunSubject,
  { runners, jobs, evaluate, messages }: RunPanelNeeds,
): Promise<() => void> {
  const { runHostSurface } = await import('../protocol/runView.ts');
  const feed = new RunFeed(
    {
      read: (signal) => runners.ask('runs/get', { workspace, run }, signal),
      live: () => jobs.ofRun(run)?.events,
    },
    {
      event: (params) => endpoint.notify('runView/event', params),
      summary: (params) => endpoint.notify('runView/summary', params),
      failed: (error) => messages.log.warn(`Reading ${run} again failed: ${error}`),
    },
  );
  const endpoint = servePanel(panel, runHostSurface, {
    ...pageHandlers(),
    'runView/ready': () => feed.snapshot(),
    'runView/stop': async () => {
      jobs.ofRun(run)?.cancel();
      return {};
    },
    'runView/openEvaluation': async ({ head }) => {
      await commands.executeCommand('cover.openEvaluation', { run }, head);
      return {};
    },
    'runView/openLog': async () => {
      messages.log.show(true);
      return {};
    },
    'runView/openFile': async ({ file, line }) => {
      await openFile(file, line);
      return {};
    },
  });
  const subscriptions = [
    jobs.onEvent(({ job }) => {
      if (job.run === run) feed.heard();
    }),
    jobs.onEnd(({ job }) => {
      if (job.run === run) void feed.changed();
    }),
    evaluate.onJudged((name) => {
      if (name === run) void feed.changed();
    }),
  ];
  return () => {
    feed.dispose();
    for (const subscription of subscriptions) subscription.dispose();
  };
}

/** Opens a file at a 1-based line; a media file, which has no lines, in whatever editor shows it. */
async function openFile(file: string, line: number | undefined): Promise<void> {
  if (line === undefined) {
    await commands.executeCommand('vscode.open', Uri.file(file));
    return;
  }
  const at = new Position(Math.max(0, line - 1), 0);
  await window.showTextDocument(Uri.file(file), { selection: new Range(at, at) });
}
