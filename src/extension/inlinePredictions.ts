// Inline predictions: what a model says of the clips that annotation files name, beside their lines. Composes what finds it out
// (inlineWork.ts), what shows it (inlineHints.ts), and what can be done where label and model differ (inlineFixes.ts).
import {
  ConfigurationTarget,
  commands,
  Disposable,
  type ExtensionContext,
  languages,
  type QuickPickItem,
  type TextEditor,
  Uri,
  window,
  workspace,
} from 'vscode';
import { messageOf, UserError } from '../base/errors.ts';
import { asLabel } from '../base/shownText.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { Curation } from './curation.ts';
import type { Indexing } from './indexing.ts';
import { documentSelector, namedIn, toLine } from './inlineDocuments.ts';
import { acceptCommand, excludeCommand, InlineFixes, openCommand } from './inlineFixes.ts';
import { InlineHints, type InlineMode } from './inlineHints.ts';
import { InlineRunner } from './inlineRunner.ts';
import { InlineWork, type Wanted } from './inlineWork.ts';
import type { Jobs } from './jobs.ts';
import type { Messages } from './messages.ts';
import type { Runners } from './runners.ts';
import { isTraining, runRow } from './runRows.ts';
import { findWorkspace, hasConfig, requireWorkspace } from './workspaceFolder.ts';

export interface InlineServices {
  runners: Runners;
  jobs: Jobs;
  indexing: Indexing;
  curation: Curation;
  messages: Messages;
}

const setting = 'inlinePredictions';
/** Workspace state: the run that is asked; absent: the newest finished one. */
const chosenRun = 'cover.inlineModel';
/** Drawing more often than this tells nobody more. */
const drawMs = 150;
/** A line that is scrolled past is not looked up. */
const restMs = 80;
/** After a failure, so that one that comes back each time costs little. */
const retryMs = 60_000;

export function registerInlinePredictions(context: ExtensionContext, services: InlineServices): Disposable {
  const inline = new InlinePredictions(context, services);
  return inline;
}

class InlinePredictions extends Disposable {
  private readonly runner: InlineRunner;
  private readonly work: InlineWork;
  private readonly hints: InlineHints;
  private readonly fixes = new InlineFixes();
  private readonly subscriptions: Disposable[];
  private drawTimer: NodeJS.Timeout | undefined;
  private restTimer: NodeJS.Timeout | undefined;
  private retryTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly context: ExtensionContext,
    private readonly services: InlineServices,
  ) {
    super(() => this.end());
    const { runners, jobs, indexing, curation, messages } = services;
    this.runner = new InlineRunner(runners);
    this.work = new InlineWork({
      wanted: () => this.wanted(),
      look: (document, lines, signal) => {
        const run = this.run;
        const params = { workspace: requireWorkspace(), document, lines, ...(run !== undefined && { run }) };
        return timed(`${lines.length} lines of ${document} looked up`, async () => {
          const answer = await runners.ask('inline/lines', params, signal);
          if (run !== undefined && answer.model) this.forgetIfGone(run, answer.model.run);
          return answer;
        });
      },
      predict: (run, clips, signal) =>
        timed(`${clips.length} clips predicted`, () =>
          this.runner.predict({ workspace: requireWorkspace(), run, clips: [...clips] }, signal),
        ),
      changed: () => this.drawSoon(),
      failed: (error) => {
        messages.log.error(`Inline predictions pause: ${messageOf(error)}`);
        clearTimeout(this.retryTimer);
        this.retryTimer = setTimeout(() => this.renew(), retryMs);
      },
    });
    const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      const from = performance.now();
      const result = await work();
      messages.log.debug(`inline: ${what} in ${(performance.now() - from).toFixed(0)} ms`);
      return result;
    };
    this.hints = new InlineHints({ work: this.work, runners, mode: () => this.mode, workspace: findWorkspace });
    this.subscriptions = [
      this.hints,
      this.fixes,
      languages.registerInlayHintsProvider(documentSelector, this.hints),
      languages.registerHoverProvider(documentSelector, this.hints),
      languages.registerCodeActionsProvider(documentSelector, this.fixes, InlineFixes.kinds),
      window.onDidChangeTextEditorVisibleRanges(() => this.pokeSoon()),
      window.onDidChangeVisibleTextEditors(() => this.drawSoon()),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (languages.match(documentSelector, document) > 0) this.drawSoon();
      }),
      workspace.onDidCloseTextDocument(({ uri }) => this.fixes.forget(uri)),
      workspace.onDidGrantWorkspaceTrust(() => this.restart()),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(`cover.${setting}`)) this.restart();
        if (change.affectsConfiguration('cover.ffmpegPath')) void this.runner.stop();
      }),
      jobs.onEnd(({ outcome }) => {
        if (outcome.state === 'done') this.restart();
      }),
      curation.onEdited(() => this.renew()),
      indexing.onUpdated(() => this.renew()),
      ...this.commands(),
    ];
  }

  private end(): void {
    clearTimeout(this.drawTimer);
    clearTimeout(this.restTimer);
    clearTimeout(this.retryTimer);
    for (const each of this.subscriptions) each.dispose();
    this.work.dispose();
    void this.runner.stop();
  }

  private get mode(): InlineMode {
    return workspace.getConfiguration('cover').get<InlineMode>(setting, 'on');
  }

  private get run(): string | undefined {
    return this.context.workspaceState.get<string>(chosenRun);
  }

  /** The chosen run was deleted, or has no model any more: another one answered. */
  private forgetIfGone(chosen: string, answered: string): void {
    if (answered === chosen || this.run !== chosen) return;
    void this.context.workspaceState.update(chosenRun, undefined);
    this.services.messages.log.warn(
      `The model of "${chosen}", chosen for inline predictions, is gone: the newest finished run, "${answered}", is asked.`,
    );
  }

  /** The lines that are visible, those of the active editor first. Nothing where nothing may be asked. */
  private wanted(): Wanted[] {
    const folder = findWorkspace();
    if (!workspace.isTrusted || this.mode === 'off' || folder === undefined || !hasConfig(folder)) return [];
    const wanted = new Map<string, Wanted>();
    // A line that is seen in part counts.
    for (const editor of editors())
      for (const { start, end } of editor.visibleRanges)
        for (const named of namedIn(editor.document, Math.max(0, start.line - 1), end.line + 1)) {
          const document = editor.document.fileName;
          wanted.set(`${document}\n${named.key}`, { document, key: named.key, line: toLine(named) });
        }
    return [...wanted.values()];
  }

  /** Forgets what is known and begins again with what is visible. */
  private restart(): void {
    this.work.clear();
    this.fixes.clear();
    this.drawSoon();
  }

  private renew(): void {
    this.work.renew();
    this.drawSoon();
  }

  private pokeSoon(): void {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => {
      this.work.poke();
      this.drawFixes();
    }, restMs);
  }

  private drawSoon(): void {
    this.drawTimer ??= setTimeout(() => {
      this.drawTimer = undefined;
      this.hints.draw();
      this.drawFixes();
      this.work.poke();
    }, drawMs);
  }

  private drawFixes(): void {
    for (const { document, visibleRanges } of editors()) {
      if (this.mode === 'off') {
        this.fixes.forget(document.uri);
        continue;
      }
      for (const { start, end } of visibleRanges) {
        const all = namedIn(document, start.line, end.line).flatMap((named) => {
          const known = this.work.get(document.fileName, named.key);
          return known ? [{ named, known }] : [];
        });
        this.fixes.mark(document, start.line, end.line, all);
      }
      this.fixes.draw(document);
    }
  }

  private commands(): Disposable[] {
    const { curation, messages } = this.services;
    const handlers: Record<string, (...args: never[]) => Promise<unknown>> = {
      'cover.toggleInlinePredictions': () => this.toggle(),
      'cover.chooseInlineModel': () => this.choose(),
      [acceptCommand]: (id: string, label: string) => curation.relabel(requireWorkspace(), [id], label),
      [excludeCommand]: (id: string) => curation.exclude(requireWorkspace(), [id]),
      [openCommand]: async (sample: Sample | null, file: string) => {
        const run = this.work.model?.run;
        await commands.executeCommand(
          'cover.showPredictions',
          sample ? { sample, ...(run !== undefined && { run }) } : Uri.file(file),
        );
      },
    };
    return Object.entries(handlers).map(([id, handler]) =>
      commands.registerCommand(id, (...args: never[]) => messages.guard(() => handler(...args))),
    );
  }

  private async toggle(): Promise<void> {
    const settings = workspace.getConfiguration('cover');
    const { workspaceValue } = settings.inspect<InlineMode>(setting) ?? {};
    const target = workspaceValue === undefined ? ConfigurationTarget.Global : ConfigurationTarget.Workspace;
    const to: InlineMode = this.mode === 'off' ? 'on' : 'off';
    await settings.update(setting, to, target);
    window.setStatusBarMessage(`Inline predictions are ${to}`, 5000);
  }

  private async choose(): Promise<void> {
    const folder = requireWorkspace();
    const runs = (await this.services.runners.ask('runs/list', { workspace: folder }))
      .filter((run) => run.state === 'done' && isTraining(run))
      .toSorted((a, b) => b.started.localeCompare(a.started));
    if (runs.length === 0) throw new UserError('no-run', 'No run has finished yet. Train CoVeR makes one.');
    const newest: QuickPickItem & { run?: string } = {
      label: 'Newest finished run',
      description: `now ${asLabel(runs[0]!.run)}`,
      ...(this.run === undefined && { detail: 'Used now' }),
    };
    const items = [
      newest,
      ...runs.map((run) => ({
        label: asLabel(run.run),
        description: asLabel(runRow(run).description),
        run: run.run,
        ...(this.run === run.run && { detail: 'Used now' }),
      })),
    ];
    const picked = await window.showQuickPick(items, {
      title: 'Model for Inline Predictions',
      matchOnDescription: true,
    });
    if (!picked) return;
    await this.context.workspaceState.update(chosenRun, picked.run);
    this.restart();
  }
}

/** The active editor first: its lines are wanted most. */
function editors(): TextEditor[] {
  const active = window.activeTextEditor;
  const visible = window.visibleTextEditors;
  return active && visible.includes(active) ? [active, ...visible.filter((each) => each !== active)] : [...visible];
}
