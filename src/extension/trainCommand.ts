// "Train CoVeR": asks for datasets, preset and device, remembering the last answers, starts the job, shows its progress
// with Cancel, opens the run view, and says how it ended; where it failed, tries again as the person wants. The Train page starts here too.
import { commands, type Memento, ProgressLocation, type QuickPickItem, ThemeIcon, window } from 'vscode';
import { CancelledError, UserError } from '../base/errors.ts';
import { dotted } from '../base/format.ts';
import { asLabel, asMessage } from '../base/shownText.ts';
import type { DatasetSummary } from '../protocol/datasets.ts';
import type { Draft } from '../protocol/trainPlan.ts';
import type { AddDataset } from './addDataset.ts';
import type { Indexing } from './indexing.ts';
import type { Jobs } from './jobs.ts';
import type { Messages } from './messages.ts';
import { draftOf, ranOutOfMemory, smallerDraft } from './retry.ts';
import type { RunnerResult, Runners } from './runners.ts';
import { headLine, progressLine } from './runRows.ts';
import { type Choice, datasetChoices, mixture, presetChoices } from './trainChoices.ts';
import type { TrainingJob, TrainParams } from './trainingJob.ts';
import { requireWorkspace } from './workspaceFolder.ts';

const memory = 'cover.train';
/** What was chosen for each run of this workspace's last jobs, so that a failed one can be tried again. */
const chosen = 'cover.chosenOfRuns';
const mostChosen = 50;
const title = 'Train CoVeR';
const stoppingLine = 'stopping after this step …';

/** What the quick picks were answered with last. */
export function lastAnswers(state: Memento): Answers {
  return state.get<Answers>(memory, {});
}

interface Answers {
  datasets?: string[];
  preset?: string;
  device?: string;
}

export interface Opener {
  run(workspace: string, run: string): Promise<void>;
  /** The Train page, with a draft in place of what it shows. */
  train(workspace: string, draft?: Draft): Promise<void>;
  /** The devices were looked for. */
  devices(devices: RunnerResult<'devices/list'>): void;
  evaluation(workspace: string, run: string): Promise<void>;
}

export class TrainCommand {
  constructor(
    private readonly runners: Runners,
    private readonly jobs: Jobs,
    private readonly indexing: Indexing,
    private readonly addDataset: AddDataset,
    private readonly state: Memento,
    private readonly opener: Opener,
    private readonly messages: Messages,
  ) {}

  /** Resolves once the job is started, or nothing was chosen. */
  async run(): Promise<void> {
    const workspace = requireWorkspace();
    const datasets = await this.someDatasets();
    if (datasets.length === 0 || !(await goOnBesideOthers(this.jobs))) return;
    const answers = await this.ask(datasets);
    if (!answers) return;
    void this.state.update(memory, answers);
    this.follow(this.jobs.start({ workspace, ...answers }), workspace);
  }

  /** Starts what was chosen elsewhere; false where the person thought better of it. */
  async start(params: TrainParams): Promise<boolean> {
    if (!(await goOnBesideOthers(this.jobs))) return false;
    this.follow(this.jobs.start(params), params.workspace);
    return true;
  }

  /** Trains again what a failed run was to be, `smaller` in less memory; where no way is known to, the Train page opens with it. */
  async retry(workspace: string, run: string, experiment: string, smaller: boolean): Promise<void> {
    const params = this.state.get<Record<string, Omit<TrainParams, 'workspace'>>>(chosen, {})[run];
    await this.again({ workspace, ...(params ?? { experiment }) }, smaller);
  }

  /** Goes on with a stopped run. Resolves once the job is started, or the person thought better of it. */
  async resume(workspace: string, run: string): Promise<void> {
    if (this.jobs.ofRun(run) || !(await goOnBesideOthers(this.jobs))) return;
    this.follow(this.jobs.start({ workspace, resume: run }), workspace);
  }

  private async someDatasets(): Promise<DatasetSummary[]> {
    const datasets = await this.indexing.datasets();
    if (datasets.length > 0) return datasets;
    const add = 'Add Dataset…';
    if ((await window.showInformationMessage('There is no dataset to train on yet.', add)) !== add) return [];
    await this.addDataset.run();
    return this.indexing.datasets();
  }

  private async ask(datasets: DatasetSummary[]): Promise<Required<Answers> | undefined> {
    const last = lastAnswers(this.state);
    const names = await pickDatasets(datasets, last.datasets);
    if (!names) return undefined;
    const preset = await pickOne('model size', 2, presetChoices, (choice) => choice.preset === (last.preset ?? 'nano'));
    if (!preset) return undefined;
    const all = await this.runners.ask('devices/list', {});
    this.opener.devices(all);
    const devices = all.filter((device) => device.available);
    const choices = devices.map(({ id, name, detail }) => ({ id, label: name, description: dotted(id, detail) }));
    const device = await pickOne('device', 3, choices, (choice) => choice.id === last.device);
    return device && { datasets: names, preset: preset.preset, device: device.id };
  }

  private follow(job: TrainingJob, workspace: string): void {
    const options = { location: ProgressLocation.Notification, title: 'CoVeR', cancellable: true };
    void window.withProgress(options, async (progress, token) => {
      token.onCancellationRequested(() => job.cancel());
      progress.report({ message: 'starting …' });
      let percent = 0;
      let opened = false;
      const stopping = this.jobs.onStopping((from) => {
        if (from === job) progress.report({ message: dotted(job.run, stoppingLine) });
      });
      const subscription = this.jobs.onEvent(({ job: from, event }) => {
        if (from !== job) return;
        const { run } = job;
        if (event.event === 'started' && run !== undefined && !opened) {
          opened = true; // a resumed run tells again how often it was started
          void this.messages.guard(() => this.opener.run(workspace, run));
          this.rememberChoice(run, job.params);
        }
        const message = job.cancelling ? stoppingLine : progressLine(event);
        if (message === undefined) return;
        const now = event.event === 'step' ? (100 * event.step) / event.steps : percent;
        progress.report({
          message: dotted(run, message),
          increment: now - percent,
        });
        percent = now;
      });
      await job.ended;
      stopping.dispose();
      subscription.dispose();
    });
    void job.ended.then(async (outcome) => {
      const openRun = 'Open Run';
      const openEvaluation = 'Open Evaluation';
      if (outcome.state === 'failed') {
        const again = outcome.run === undefined || job.params.resume === undefined ? ['Retry'] : [];
        // Its process was killed: what it had reached is there.
        const resume = outcome.code === 'closed' && outcome.run !== undefined ? ['Resume'] : [];
        const smaller = again.length > 0 && ranOutOfMemory(outcome) ? ['Retry Smaller'] : [];
        const picked = await this.messages.failed(
          new UserError('training-failed', outcome.message),
          ...resume,
          ...smaller,
          ...again,
          ...(outcome.run ? [openRun] : []),
        );
        const { run } = outcome;
        if (run !== undefined && picked !== undefined && resume.includes(picked))
          await this.messages.guard(() => this.resume(workspace, run));
        else if (run !== undefined && picked === openRun) await this.opener.run(workspace, run);
        else if (picked !== undefined && [...again, ...smaller].includes(picked))
          await this.messages.guard(() => this.again(job.params, picked === smaller[0]));
      } else if (outcome.state === 'done') {
        const text = asMessage(`${outcome.run} is trained. Top-1: ${headLine(outcome.heads)}.`);
        if ((await window.showInformationMessage(text, openEvaluation)) === openEvaluation)
          await this.opener.evaluation(workspace, outcome.run);
      } else if (outcome.run !== undefined) {
        window.setStatusBarMessage(
          `$(circle-slash) ${asLabel(outcome.run)} was cancelled; what it learned is kept.`,
          8000,
        );
      }
    });
  }

  private async again(params: TrainParams, smaller: boolean): Promise<void> {
    const { workspace, ...named } = params;
    const draft = draftOf(named);
    if (!smaller) {
      await this.start({ workspace, draft });
      return;
    }
    const less = await smallerDraft(this.runners, workspace, draft);
    if (less) await this.start({ workspace, draft: less });
    else await this.opener.train(workspace, draft);
  }

  private rememberChoice(run: string, { workspace: _, resume, ...named }: TrainParams): void {
    if (resume !== undefined) return;
    const { [run]: __, ...others } = this.state.get<Record<string, object>>(chosen, {});
    const newest = Object.entries(others).slice(1 - mostChosen);
    void this.state.update(chosen, { ...Object.fromEntries(newest), [run]: named });
  }
}

/** Asks where a run is training already. */
export async function goOnBesideOthers(jobs: Jobs): Promise<boolean> {
  if (jobs.running.length === 0) return true;
  const go = 'Train Another';
  return (await window.showWarningMessage('A run is training already; two at once slow each other.', go)) === go;
}

/** Several of the datasets, with the mixture of what is picked shown as it changes; undefined where nothing was chosen. */
function pickDatasets(datasets: DatasetSummary[], last: readonly string[] | undefined): Promise<string[] | undefined> {
  return new Promise((resolve) => {
    const pick = window.createQuickPick<QuickPickItem & { dataset: DatasetSummary }>();
    pick.items = datasetChoices(datasets);
    pick.title = `${title}: datasets`;
    pick.canSelectMany = true;
    pick.ignoreFocusOut = true;
    pick.matchOnDescription = true;
    pick.step = 1;
    pick.totalSteps = 3;
    pick.buttons = [{ iconPath: new ThemeIcon('settings'), tooltip: 'Open the Train page…' }];
    pick.onDidTriggerButton(() => {
      pick.hide();
      void commands.executeCommand('cover.openTrain');
    });
    const known = pick.items.filter((item) => last === undefined || last.includes(item.dataset.name));
    pick.selectedItems = known.length > 0 ? known : pick.items;
    const describe = () => {
      const mixed = mixture(pick.selectedItems.map((item) => item.dataset));
      pick.placeholder = mixed === '' ? 'Pick at least one dataset' : `Each batch draws ${mixed}`;
    };
    describe();
    pick.onDidChangeSelection(describe);
    pick.onDidAccept(() => {
      if (pick.selectedItems.length === 0) return;
      resolve(pick.selectedItems.map((item) => item.dataset.name));
      pick.dispose();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

/** One of the choices, the preferred one marked and active; the only one without asking. */
function pickOne<C extends Choice>(
  what: string,
  step: number,
  choices: readonly C[],
  preferred: (choice: C) => boolean,
): Promise<C | undefined> {
  return new Promise((resolve, reject) => {
    if (choices.length === 0) return reject(new CancelledError(title));
    const pick = window.createQuickPick<C>();
    pick.items = choices;
    pick.ignoreFocusOut = true;
    pick.title = `${title}: ${what}`;
    pick.step = step;
    pick.totalSteps = 3;
    const active = choices.find(preferred);
    if (active) pick.activeItems = [active];
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.dispose();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
