// The study page's host, and the commands of studies.
import { commands, Disposable, type ExtensionContext, window } from 'vscode';
import { UserError } from '../base/errors.ts';
import { plural } from '../base/format.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { ShownStudy } from '../protocol/studies.ts';
import type { StudyStep } from '../protocol/studyView.ts';
import { copyCli } from './copyCli.ts';
import { pageHandlers } from './pageServices.ts';
import type { Runners } from './runners.ts';
import { StudyCommand, type StudyServices } from './studyCommand.ts';
import { type PanelKind, Panels, servePanel } from './webviewPanel.ts';
import { requireWorkspace } from './workspaceFolder.ts';

type StepEvent = Extract<JobEvent, { event: 'step' }>;

/** The page is told of steps at most this often. */
const tellMs = 500;

interface StudySubject {
  workspace: string;
  name: string;
}

export function registerStudies(context: ExtensionContext, services: StudyServices): Disposable {
  const { runners, messages } = services;
  const command = new StudyCommand(services, (workspace, name) => panels.show({ workspace, name }));
  const kind = studyPanelKind({ ...services, command });
  const panels = new Panels(context, kind, (error) => void messages.failed(error));
  const open = async (given: unknown) => {
    const workspace = requireWorkspace();
    const name = typeof given === 'string' ? given : await pick(runners, workspace);
    if (name !== undefined) await panels.show({ workspace, name });
  };
  return Disposable.from(
    command,
    commands.registerCommand('cover.openStudy', (given: unknown) => messages.guard(() => open(given))),
    commands.registerCommand('cover.runStudy', () => messages.guard(() => command.run())),
  );
}

async function pick(runners: Runners, workspace: string): Promise<string | undefined> {
  const studies = await runners.ask('studies/list', { workspace });
  if (studies.length === 0) throw new UserError('no-study', 'There is no study yet. CoVeR: Run Study… begins one.');
  if (studies.length === 1) return studies[0]?.name;
  const items = studies.map(({ name, experiment, compare, finished, runs }) => ({
    label: name,
    description: `${experiment}: ${compare.join(', ')}`,
    detail: `${finished} of ${plural(runs, 'run')} finished`,
  }));
  return (await window.showQuickPick(items, { title: 'Study', matchOnDescription: true }))?.label;
}

export function studyPanelKind({
  runners,
  jobs,
  command,
}: StudyServices & { command: StudyCommand }): PanelKind<StudySubject> {
  return {
    viewType: 'cover.study',
    icon: 'evaluation.svg',
    identity: ({ workspace, name }) => [workspace, name],
    title: ({ name }) => `${name}: study`,
    roots: async () => [],
    fill: async (panel, { workspace, name }) => {
      const { studyHostSurface } = await import('../protocol/studyView.ts');
      /** The run under way, as the page was told last. */
      let shown: string | undefined;
      const endpoint = servePanel(panel, studyHostSurface, {
        ...pageHandlers(),
        'studyView/ready': async (_, signal) => {
          const study = await runners.ask('studies/get', { workspace, name }, signal);
          const run = training(study);
          const running = command.isRunning(workspace, name) || run !== undefined;
          shown = run;
          const stopping = command.isStopping(workspace, name) || (run !== undefined && jobs.ofRun(run)?.cancelling);
          const newest = run === undefined ? undefined : jobs.ofRun(run)?.latest('step');
          return {
            ...study,
            ...{ running, stopping: stopping === true },
            ...(run !== undefined && newest && { newest: stepOf(run, newest) }),
          };
        },
        'studyView/openRun': async ({ run, head, training }) => {
          if (training) await commands.executeCommand('cover.openRun', { run });
          else await commands.executeCommand('cover.openEvaluation', { run }, head);
          return {};
        },
        'studyView/goOn': async () => {
          await command.start({ workspace, name });
          return {};
        },
        'studyView/stop': async () => {
          if (command.stop(workspace, name)) return {};
          // Another window's or a terminal's: it stops with its run.
          const run = training(await runners.ask('studies/get', { workspace, name }));
          if (run === undefined) throw new UserError('not-training', `No process trains the study "${name}" now.`);
          const job = jobs.ofRun(run);
          if (job?.cancelling) return {}; // asked again it would end at once
          if (job) job.cancel();
          else await runners.ask('runs/stop', { workspace, run });
          endpoint.notify('studyView/changed', {});
          return {};
        },
        'studyView/copyCli': async () => {
          await copyCli(['study', name]);
          return {};
        },
      });
      const changed = () => endpoint.notify('studyView/changed', {});
      let told = 0;
      const stepped = jobs.onEvent(({ job, event }) => {
        if (event.event !== 'step' || job.run === undefined || job.run !== shown) return;
        if (Date.now() - told < tellMs && event.step < event.steps) return;
        told = Date.now();
        endpoint.notify('studyView/step', stepOf(job.run, event));
      });
      const subscriptions = Disposable.from(
        stepped,
        jobs.onEnd(changed),
        jobs.onStopping(changed),
        command.onChanged(changed),
      );
      return () => subscriptions.dispose();
    },
  };
}

function stepOf(run: string, event: StepEvent): StudyStep {
  const { step, steps, clipsPerSecond, eta } = event;
  return { run, step, steps, clipsPerSecond, eta };
}

/** Its run under way, whoever trains it. Between two runs there is none for a moment. */
function training({ arms }: ShownStudy): string | undefined {
  return arms.find((arm) => arm.training)?.run ?? undefined;
}
