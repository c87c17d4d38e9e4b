// The run view's host: serves the snapshot and what is added to one run's story, and does what its buttons ask.
import { commands, Position, Range, Uri, type WebviewPanel, window } from 'vscode';
import type { EvaluateCommand } from './evaluateCommand.ts';
import type { Jobs } from './jobs.ts';
import type { Messages } from './messages.ts';
import { pageHandlers } from './pageServices.ts';
import { reveal } from './reveal.ts';
import type { RunActions } from './runActions.ts';
import { RunFeed } from './runFeed.ts';
import type { Runners } from './runners.ts';
import { type PanelEndpoint, type PanelKind, servePanel } from './webviewPanel.ts';

export interface RunSubject {
  workspace: string;
  run: string;
  /** Another run to draw on the same axes, once. */
  compareWith?: string;
}

export interface RunPanelNeeds {
  runners: Runners;
  jobs: Jobs;
  evaluate: EvaluateCommand;
  actions: RunActions;
  messages: Messages;
}

/** About so many steps of a run are drawn, of one that it is compared with fewer: more would not be seen. */
const points = 2000;
const otherPoints = 800;

export function runPanelKind(needs: RunPanelNeeds): PanelKind<RunSubject> {
  const compare = new WeakMap<WebviewPanel, (run: string) => void>();
  return {
    viewType: 'cover.run',
    icon: 'run.svg',
    identity: ({ workspace, run }) => [workspace, run],
    title: ({ run }) => run,
    roots: async () => [],
    fill: (panel, subject, become) => fill(panel, subject, needs, (ready) => compare.set(panel, ready), become),
    again: (panel, { compareWith }) => {
      if (compareWith !== undefined) compare.get(panel)?.(compareWith);
    },
  };
}

async function fill(
  panel: WebviewPanel,
  { workspace, run, compareWith }: RunSubject,
  { runners, jobs, evaluate, actions, messages }: RunPanelNeeds,
  comparable: (compare: (run: string) => void) => void,
  become?: (next: RunSubject) => void,
): Promise<() => void> {
  const { runHostSurface } = await import('../protocol/runView.ts');
  /** Runs to compare with that the page is told once it asked: before that it does not listen. */
  let waiting = compareWith === undefined ? [] : [compareWith];
  let isListening = false;
  const feed = new RunFeed(
    {
      story: (signal) => runners.ask('runs/story', { workspace, run, points }, signal),
      follow: (cursor, signal) => runners.ask('runs/follow', { workspace, run, cursor }, signal),
      stopping: () => jobs.ofRun(run)?.cancelling ?? false,
    },
    {
      events: (params) => endpoint.notify('runView/events', params),
      summary: (params) => endpoint.notify('runView/summary', params),
      failed: (error) => messages.log.warn(`Reading ${run} again failed: ${error}`),
    },
  );
  const summary = async () => (await runners.ask('runs/story', { workspace, run, points: 1 })).summary;
  const endpoint: PanelEndpoint<typeof runHostSurface> = servePanel(panel, runHostSurface, {
    ...pageHandlers(),
    'runView/ready': async () => {
      const snapshot = await feed.snapshot();
      if (snapshot.summary.state === 'running') jobs.consider(workspace, [snapshot.summary]);
      isListening = true;
      for (const other of waiting) endpoint.notify('runView/compareWith', { run: other });
      if (waiting.length > 0) become?.({ workspace, run }); // the page remembers them from now on
      waiting = [];
      return snapshot;
    },
    'runView/do': async ({ action }) => {
      await actions.run(workspace, await summary(), action);
      if (action === 'stop' || action === 'stopNow') void feed.changed();
      return {};
    },
    'runView/checkpoints': () => runners.ask('runs/checkpoints', { workspace, run }),
    'runView/reveal': async ({ checkpoint }) => {
      const found = await runners.ask('runs/checkpoints', { workspace, run });
      const file = found.find(({ name }) => name === checkpoint)?.file;
      if (file !== undefined) await reveal(Uri.file(file), { manager: true });
      return {};
    },
    'runView/log': async () => ({ tail: (await runners.ask('runs/log', { workspace, run })).tail }),
    'runView/pickRuns': async ({ shown }) => {
      const picked = await actions.pick(workspace, `Compare ${run} with`, (other) => !shown.includes(other.run));
      return picked.map((other) => other.run);
    },
    'runView/other': async (asked) => {
      const story = await runners.ask('runs/story', { workspace, run: asked.run, points: otherPoints });
      return { summary: story.summary, events: story.events };
    },
    'runView/openEvaluation': async ({ head }) => {
      await commands.executeCommand('cover.openEvaluation', { run }, head);
      return {};
    },
    'runView/openFile': async ({ file, line }) => {
      await openFile(file, line);
      return {};
    },
  });
  comparable((other) => {
    if (isListening) endpoint.notify('runView/compareWith', { run: other });
    else waiting.push(other);
  });
  const subscriptions = [
    jobs.onEvent(({ job }) => {
      if (job.run === run) feed.heard();
    }),
    jobs.onStopping((job) => {
      if (job.run === run) feed.stoppingChanged();
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
