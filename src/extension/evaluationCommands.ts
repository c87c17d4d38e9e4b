// Everything around evaluations but their page: importing models and predictions, the Models tree, comparing from the palette, and
// reports as files.
import { extname, join } from 'node:path';
import { commands, type Disposable, type ExtensionContext, type TreeView, Uri, window } from 'vscode';
import { UserError } from '../base/errors.ts';
import { asLabel, asMessage } from '../base/shownText.ts';
import type { RunSummary } from '../protocol/runs.ts';
import { copyCli } from './copyCli.ts';
import type { EvaluateCommand } from './evaluateCommand.ts';
import type { EvaluationSubject } from './evaluationPanel.ts';
import { ImportCommand } from './importCommand.ts';
import type { Messages } from './messages.ts';
import { ModelsTree } from './modelsTree.ts';
import { registerRowCommand } from './rowCommand.ts';
import type { Runners } from './runners.ts';
import { isTraining, runRow } from './runRows.ts';
import type { Panels } from './webviewPanel.ts';
import { findWorkspace, requireWorkspace } from './workspaceFolder.ts';

export interface EvaluationFeatures {
  runners: Runners;
  evaluate: EvaluateCommand;
  messages: Messages;
  panels: Panels<EvaluationSubject>;
  /** The runs changed: there is one more. */
  runsChanged(): void;
}

type RunArgument = Pick<RunSummary, 'run'> | undefined;

const formats = { html: 'html', md: 'markdown', json: 'json' } as const;

export function registerEvaluations(context: ExtensionContext, features: EvaluationFeatures): Disposable[] {
  const { runners, evaluate, messages, panels, runsChanged } = features;
  const models = new ModelsTree(
    runners,
    () => view.visible,
    (line) => {
      view.message = line;
    },
  );
  const view: TreeView<unknown> = window.createTreeView('cover.models', { treeDataProvider: models });
  const imports = new ImportCommand(runners, messages, (subject) => panels.show(subject));

  const judged = (run: RunSummary) => Object.keys(run.heads).length > 0;
  const pick = async (workspace: string, title: string, suits: (run: RunSummary) => boolean) => {
    const runs = (await runners.ask('runs/list', { workspace })).filter((run) => judged(run) && suits(run));
    if (runs.length === 0) throw new UserError('no-run', 'There is no such evaluation yet.');
    const items = runs.map((run) => ({
      run: run.run,
      label: asLabel(run.run),
      description: asLabel(runRow(run).description),
    }));
    return (await window.showQuickPick(items, { title, matchOnDescription: true }))?.run;
  };

  const handlers: Record<string, (argument: never) => Promise<unknown>> = {
    'cover.import': (file: unknown) => imports.run(requireWorkspace(), file instanceof Uri ? file : undefined),
    'cover.evaluateElsewhere': async (argument: RunArgument) => {
      const workspace = requireWorkspace();
      const run = argument?.run ?? (await pick(workspace, 'Judge', isTraining));
      if (run !== undefined) await imports.elsewhere(workspace, run);
    },
    'cover.compareRuns': async (argument: RunArgument) => {
      const workspace = requireWorkspace();
      const run = argument?.run ?? (await pick(workspace, 'Compare', () => true));
      if (run === undefined) return;
      const other = await pick(workspace, `Compare ${run} with`, (each) => each.run !== run);
      if (other !== undefined) await panels.show({ workspace, run, other });
    },
    'cover.saveReport': async (argument: RunArgument) => {
      const workspace = requireWorkspace();
      const run = argument?.run ?? (await pick(workspace, 'Report of', () => true));
      if (run === undefined) return;
      const target = await window.showSaveDialog({
        title: `Report of ${run}`,
        defaultUri: Uri.file(join(workspace, `${run}.html`)),
        filters: { 'One HTML page': ['html'], Markdown: ['md'], 'JSON, every figure': ['json'] },
      });
      if (!target) return;
      const ending = extname(target.fsPath).slice(1).toLowerCase();
      const format = Object.hasOwn(formats, ending) ? formats[ending as keyof typeof formats] : undefined;
      if (!format) throw new UserError('usage', `${target.fsPath} must end in .html, .md or .json.`, target.fsPath);
      await runners.ask('report/save', { workspace, run, file: target.fsPath, format });
      const open = 'Open';
      if ((await window.showInformationMessage(asMessage(`The report of ${run} is saved.`), open)) !== open) return;
      await (format === 'html'
        ? commands.executeCommand('vscode.open', target)
        : window.showTextDocument(target, { preview: true }));
    },
  };
  const stale = () => {
    models.refresh();
    runsChanged();
  };
  context.subscriptions.push(view, models, imports);
  return [
    ...Object.entries(handlers).map(([id, handler]) =>
      commands.registerCommand(id, (argument: never) => messages.guard(() => handler(argument))),
    ),
    registerRowCommand('cover.copyReportCommand', messages, ({ run }) => copyCli(['report', run])),
    imports.onImported(stale),
    evaluate.onJudged(() => models.refresh()),
    commands.registerCommand('cover.refreshModels', () => {
      if (findWorkspace() !== undefined) models.refresh();
    }),
  ];
}
