// "Run Study…": asks which study, says what it comes to, and trains it in a runner of its own as a training is: a notification with
// its progress and Cancel, and a page that follows. It outlives the window where trainings do; a later window finds the run under way as
// it finds every training, stops the study with it, and goes on from the study's page.
import { EventEmitter, InputBoxValidationSeverity, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { CancelledError, messageOf, UserError } from '../base/errors.ts';
import { asLabel, asMessage } from '../base/shownText.ts';
import type { NewStudy, StudyChoices } from '../protocol/studies.ts';
import { copyCli } from './copyCli.ts';
import type { Jobs } from './jobs.ts';
import type { Messages } from './messages.ts';
import { notifiedJob } from './notifiedJob.ts';
import type { Runners } from './runners.ts';
import { StudyProgress } from './studyProgress.ts';
import { nameOf, planLine, type StudyRow, seedsOf, studyArguments, studyRows } from './studyRows.ts';
import { goOnBesideOthers } from './trainCommand.ts';
import { requireWorkspace } from './workspaceFolder.ts';

const title = 'Run Study';

export interface StudyServices {
  runners: Runners;
  jobs: Jobs;
  messages: Messages;
  /** Whether a job begun now goes on when the window closes. */
  keeps(): boolean;
}

interface StudyChoice {
  workspace: string;
  name: string;
  /** What cover.json does not have. */
  study?: NewStudy;
}

export class StudyCommand {
  private readonly running = new Map<string, AbortController>();
  private readonly changed = new EventEmitter<void>();
  /** A study of this window began, came to its next run, was asked to stop, or ended. */
  readonly onChanged = this.changed.event;

  constructor(
    private readonly services: StudyServices,
    private readonly open: (workspace: string, name: string) => Promise<void>,
  ) {}

  /** Resolves once a study is started, or nothing was chosen. */
  async run(): Promise<void> {
    const workspace = requireWorkspace();
    const choices = await this.services.runners.ask('studies/choices', { workspace });
    const rows = studyRows(choices, (name) => this.isRunning(workspace, name));
    const row = await window.showQuickPick(withHeadings(rows), { title, matchOnDescription: true });
    if (row?.pick === undefined) return;
    const { pick } = row;
    if (pick.does === 'open') return this.open(workspace, pick.name);
    const choice = pick.does === 'new' ? await this.compose(workspace, choices) : { workspace, name: pick.name };
    if (choice && (await this.confirmed(choice, pick.does === 'goOn'))) await this.start(choice);
  }

  /** Trains it, or what is left of it. Resolves once it is started, or the person thought better of it. */
  async start(choice: StudyChoice): Promise<void> {
    const { workspace, name } = choice;
    if (this.isRunning(workspace, name)) return this.open(workspace, name);
    if (await goOnBesideOthers(this.services.jobs)) void this.services.messages.guard(() => this.follow(choice));
  }

  isRunning(workspace: string, name: string): boolean {
    return this.running.has(keyOf(workspace, name));
  }

  isStopping(workspace: string, name: string): boolean {
    return this.running.get(keyOf(workspace, name))?.signal.aborted ?? false;
  }

  /** Stops it after the current step; false where this window does not run it. */
  stop(workspace: string, name: string): boolean {
    const study = this.running.get(keyOf(workspace, name));
    study?.abort();
    this.changed.fire();
    return study !== undefined;
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async compose(workspace: string, choices: StudyChoices): Promise<StudyChoice | undefined> {
    const { comparisons, experiments, usual } = choices;
    const items = comparisons.map((each) => ({
      label: each.title,
      description: each.name,
      picked: usual.compare.includes(each.name),
      comparison: each.name,
    }));
    const placeHolder = 'Several may be chosen; what they have in common is trained once';
    const options = {
      title: `${title}: what to compare`,
      placeHolder,
      canPickMany: true,
      ignoreFocusOut: true,
    } as const;
    const picked = await window.showQuickPick(items, options);
    if (!picked) return undefined;
    if (picked.length === 0)
      throw new UserError('bad-study', 'A study needs something to compare. Choose at least one.');
    const compare = picked.map(({ comparison }) => comparison);
    const experiment =
      experiments.length > 1
        ? await window.showQuickPick(experiments, { title: `${title}: of which experiment`, ignoreFocusOut: true })
        : experiments[0];
    if (experiment === undefined && experiments.length > 1) return undefined;
    const name = nameOf(compare, choices);
    const of = (seeds: number[]) => ({
      workspace,
      name,
      study: { compare, seeds, ...(experiment !== undefined && { experiment }) },
    });
    // What cannot be compared is told now, and not as a fault of its seeds.
    const plan = await this.services.runners.ask('studies/plan', of(usual.seeds));
    const text = await window.showInputBox({
      title: `${title}: seeds`,
      // Until something is typed, nothing is checked and said.
      prompt: `${planLine(plan)}: everything once with each seed. Results are means and deviations over them`,
      value: usual.seeds.join(', '),
      ignoreFocusOut: true,
      validateInput: (typed) => this.comesTo(typed, of),
    });
    const seeds = text === undefined ? undefined : seedsOf(text);
    return Array.isArray(seeds) ? of(seeds) : undefined;
  }

  /** What the seeds would come to while they are typed, or what is wrong with them. */
  private async comesTo(typed: string, of: (seeds: number[]) => StudyChoice) {
    const seeds = seedsOf(typed);
    if (!Array.isArray(seeds)) return seeds;
    try {
      const message = planLine(await this.services.runners.ask('studies/plan', of(seeds)));
      return { message, severity: InputBoxValidationSeverity.Info };
    } catch (error) {
      return messageOf(error);
    }
  }

  /** Says how many runs it comes to, before the first. */
  private async confirmed({ workspace, name, study }: StudyChoice, begun: boolean): Promise<boolean> {
    const plan = await this.services.runners.ask('studies/plan', { workspace, name, ...(study && { study }) });
    for (;;) {
      const picked = await window.showQuickPick(
        [
          {
            label: begun ? '$(debug-continue) Go On' : '$(play) Start',
            description: planLine(plan),
            detail: 'It can be stopped at any time and gone on with: what is trained is kept.',
            starts: true,
          },
          { label: '$(clippy) Copy as CLI Command', description: 'the same in a terminal', starts: false },
        ],
        { title: asLabel(`Study ${name}`), ignoreFocusOut: true },
      );
      if (!picked || picked.starts) return picked !== undefined;
      await copyCli(studyArguments(name, study));
    }
  }

  private async follow(choice: StudyChoice): Promise<void> {
    const { workspace, name } = choice;
    const { messages } = this.services;
    const [openStudy, goOn] = ['Open Study', 'Go On'];
    let picked: string | undefined;
    try {
      await this.train(choice);
      picked = await window.showInformationMessage(asMessage(`The study "${name}" is finished.`), openStudy);
    } catch (error) {
      if (error instanceof UserError && error.code === 'closed') throw error; // with the window
      if (error instanceof CancelledError) {
        const { finished, runs } = await this.services.runners.ask('studies/plan', choice);
        const text = asMessage(`The study "${name}" was stopped with ${finished} of ${runs} runs finished.`);
        picked = await window.showInformationMessage(text, goOn, openStudy);
      } else picked = await messages.failed(error, goOn, openStudy);
    }
    if (picked === openStudy) await this.open(workspace, name);
    else if (picked === goOn) await this.start(choice);
  }

  private async train(choice: StudyChoice): Promise<void> {
    const { runners, jobs, messages, keeps } = this.services;
    const { workspace, name } = choice;
    const key = keyOf(workspace, name);
    const controller = new AbortController();
    const progress = new StudyProgress(workspace, name, jobs);
    controller.signal.addEventListener('abort', () => progress.stopping());
    let opened = false;
    this.running.set(key, controller);
    this.changed.fire();
    try {
      await notifiedJob(
        runners,
        {
          title: `Study ${name}`,
          name: 'study',
          trainsIn: workspace,
          line: (event) => {
            const line = progress.hear(event);
            // The page opens with the first run, and follows.
            if (event.event === 'arm' && !opened) void messages.guard(() => this.open(workspace, name));
            opened ||= event.event === 'arm';
            if (event.event === 'arm' || event.event === 'started') this.changed.fire();
            return controller.signal.aborted ? 'stopping after this step …' : line;
          },
        },
        (runner, cancelled) => {
          cancelled.addEventListener('abort', () => this.stop(workspace, name));
          const keep = keeps() && runner.isKept; // without a log nobody would learn how it ended
          return runner.endpoint.request('studies/run', { ...choice, keep }, controller.signal);
        },
      );
      progress.ended();
    } catch (error) {
      progress.ended(error);
      throw error;
    } finally {
      this.running.delete(key);
      this.changed.fire();
    }
  }
}

function keyOf(workspace: string, name: string): string {
  return JSON.stringify([workspace, name]);
}

function withHeadings(rows: readonly StudyRow[]): (QuickPickItem & Partial<StudyRow>)[] {
  return rows.flatMap((row, i) => [
    ...(row.group === rows[i - 1]?.group ? [] : [{ label: row.group, kind: QuickPickItemKind.Separator }]),
    row,
  ]);
}
