// The study page's host, and "Open Study…".
import { commands, type Disposable, type ExtensionContext, window } from 'vscode';
import { UserError } from '../base/errors.ts';
import { plural } from '../base/format.ts';
import { copyCli } from './copyCli.ts';
import type { Jobs } from './jobs.ts';
import type { Messages } from './messages.ts';
import { pageHandlers } from './pageServices.ts';
import type { Runners } from './runners.ts';
import { type PanelKind, Panels, servePanel } from './webviewPanel.ts';
import { requireWorkspace } from './workspaceFolder.ts';

interface StudySubject {
  workspace: string;
  name: string;
}

export interface StudyServices {
  runners: Runners;
  jobs: Jobs;
  messages: Messages;
}

export function registerStudies(context: ExtensionContext, services: StudyServices): Disposable {
  const { runners, messages } = services;
  const panels = new Panels(context, studyPanelKind(services), (error) => void messages.failed(error));
  const open = async (given: unknown) => {
    const workspace = requireWorkspace();
    const name = typeof given === 'string' ? given : await pick(runners, workspace);
    if (name !== undefined) await panels.show({ workspace, name });
  };
  return commands.registerCommand('cover.openStudy', (given: unknown) => messages.guard(() => open(given)));
}

async function pick(runners: Runners, workspace: string): Promise<string | undefined> {
  const studies = await runners.ask('studies/list', { workspace });
  if (studies.length === 0)
    throw new UserError('no-study', 'There is no study yet. "cover study --compare coTraining transfer" makes one.');
  if (studies.length === 1) return studies[0]?.name;
  const items = studies.map(({ name, experiment, compare, finished, runs }) => ({
    label: name,
    description: `${experiment}: ${compare.join(', ')}`,
    detail: `${finished} of ${plural(runs, 'run')} finished`,
  }));
  return (await window.showQuickPick(items, { title: 'Study', matchOnDescription: true }))?.label;
}

export function studyPanelKind({ runners, jobs }: StudyServices): PanelKind<StudySubject> {
  return {
    viewType: 'cover.study',
    icon: 'evaluation.svg',
    title: ({ name }) => `${name}: study`,
    roots: async () => [],
    fill: async (panel, { workspace, name }) => {
      const { studyHostSurface } = await import('../protocol/studyView.ts');
      const endpoint = servePanel(panel, studyHostSurface, {
        ...pageHandlers(),
        'studyView/ready': (_, signal) => runners.ask('studies/get', { workspace, name }, signal),
        'studyView/openRun': async ({ run, head }) => {
          await commands.executeCommand('cover.openEvaluation', { run }, head);
          return {};
        },
        'studyView/copyCli': async () => {
          await copyCli(['study', name]);
          return {};
        },
      });
      const ended = jobs.onEnd(() => endpoint.notify('studyView/changed', {}));
      return () => ended.dispose();
    },
  };
}
