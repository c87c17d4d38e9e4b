// "Import Model or Predictions…": an ONNX classifier is looked at, its preprocessing shown as it was found or guessed and changed where
// that is wrong, and judged on a dataset or on what a run of ours held out; a file of predictions becomes an evaluation. Both are
// opened beside ours.
import { basename, extname } from 'node:path';
import { EventEmitter, type QuickPickItem, QuickPickItemKind, type Uri, window } from 'vscode';
import { CancelledError, messageOf, UserError } from '../base/errors.ts';
import { percent, plural } from '../base/format.ts';
import type { InspectedModel, ModelInputChoice } from '../protocol/imports.ts';
import { copyCli } from './copyCli.ts';
import type { EvaluationSubject } from './evaluationPanel.ts';
import { type InputField, inputArguments, inputRows, layouts, withTyped } from './importRows.ts';
import type { Messages } from './messages.ts';
import { notifiedJob } from './notifiedJob.ts';
import type { Runners } from './runners.ts';
import { isTraining } from './runRows.ts';

const filters = {
  'Models and predictions': ['onnx', 'csv', 'tsv', 'txt', 'parquet', 'json'],
  'ONNX models': ['onnx'],
  'Tables and scores': ['csv', 'tsv', 'txt', 'parquet', 'json'],
};

/** On which samples: of a dataset's held-out split, or just those that a run held out. */
interface Target {
  dataset?: string;
  split?: string;
  against?: string;
}

export class ImportCommand {
  private readonly importedEmitter = new EventEmitter<string>();
  /** With the new evaluation's name. */
  readonly onImported = this.importedEmitter.event;

  constructor(
    private readonly runners: Runners,
    private readonly messages: Messages,
    private readonly show: (subject: EvaluationSubject) => Promise<void>,
  ) {}

  async run(workspace: string, given?: Uri): Promise<void> {
    const picked = given ? [given] : await window.showOpenDialog({ title: 'Import', filters, openLabel: 'Import' });
    const file = picked?.[0]?.fsPath;
    if (file === undefined) return;
    if (extname(file).toLowerCase() === '.onnx') await this.model(workspace, file);
    else await this.predictions(workspace, file);
  }

  /** A run of ours on another split, or on another dataset that it has a head for. */
  async elsewhere(workspace: string, run: string): Promise<void> {
    const { summary } = await this.runners.ask('runs/get', { workspace, run });
    const heads = Object.keys(summary.heads);
    const target = await this.target(workspace, `Judge ${run} on`, true, heads);
    if (target?.dataset === undefined) return;
    const { dataset, ...where } = { ...target, dataset: target.dataset };
    const title = `Evaluating ${run} on ${dataset}`;
    const params = { workspace, run, dataset, ...where, input: {} };
    const judged = await notifiedJob(this.runners, { title, name: 'evaluation' }, ({ endpoint }, signal) =>
      endpoint.request('evaluate/model', params, signal),
    );
    await this.done(workspace, judged.run, judged.told, judged.heads, undefined);
  }

  dispose(): void {
    this.importedEmitter.dispose();
  }

  private async model(workspace: string, file: string): Promise<void> {
    const target = await this.target(workspace, `Judge ${basename(file)} on`, true);
    if (target?.dataset === undefined) return;
    const chosen = await this.input(file, [
      ...['evaluate', '--model', file, '--dataset', target.dataset],
      ...(target.split === undefined ? [] : ['--split', target.split]),
      ...(target.against === undefined ? [] : ['--against', target.against]),
    ]);
    if (!chosen) return;
    const { dataset, ...where } = { ...target, dataset: target.dataset };
    const title = `Evaluating ${basename(file)} on ${dataset}`;
    const params = { workspace, model: file, dataset, ...where, ...chosen };
    const { run, heads, told } = await notifiedJob(
      this.runners,
      { title, name: 'evaluation' },
      ({ endpoint }, signal) => endpoint.request('evaluate/model', params, signal),
    );
    await this.done(workspace, run, told, heads, target.against);
  }

  private async predictions(workspace: string, file: string): Promise<void> {
    const target = await this.target(workspace, `The predictions of ${basename(file)} are of`, false);
    if (!target) return;
    const { against: _, ...where } = target;
    const protocol = await this.protocol(file, [
      ...['import', file],
      ...(where.dataset === undefined ? [] : ['--dataset', where.dataset]),
      ...(where.split === undefined ? [] : ['--split', where.split]),
    ]);
    if (protocol === undefined) return;
    const params = { workspace, file, ...where, ...(protocol !== '' && { protocol }) };
    const title = `Importing ${basename(file)}`;
    const { run, heads, told } = await notifiedJob(this.runners, { title, name: 'import' }, ({ endpoint }, signal) =>
      endpoint.request('import/predictions', params, signal),
    );
    await this.done(workspace, run, told, heads, undefined);
  }

  /** What stands beside every accuracy; '' where it is not stated, undefined where the person gave up. */
  private async protocol(file: string, command: string[]): Promise<string | undefined> {
    let protocol = '';
    const title = `Import ${basename(file)}`;
    for (;;) {
      const picked = await window.showQuickPick(
        [
          { label: '$(play) Import', action: 'go' as const },
          { label: '$(edit) Protocol', description: protocol || 'not stated', action: 'protocol' as const },
          { label: '$(clippy) Copy as CLI Command', description: 'the same in a terminal', action: 'copy' as const },
        ],
        { title, placeHolder: 'The protocol stands beside every accuracy', ignoreFocusOut: true },
      );
      if (!picked) return undefined;
      if (picked.action === 'go') return protocol;
      if (picked.action === 'copy') await copyCli([...command, ...(protocol === '' ? [] : ['--protocol', protocol])]);
      else {
        const prompt = 'How clips were taken, for example "10 clips × 3 crops, 16 frames"';
        protocol = (await window.showInputBox({ title, prompt, value: protocol }))?.trim() ?? protocol;
      }
    }
  }

  private async done(
    workspace: string,
    run: string,
    told: readonly string[],
    heads: Readonly<Record<string, { top1: number | null; missing: number }>>,
    other: string | undefined,
  ): Promise<void> {
    const { log } = this.messages;
    for (const [head, { top1, missing }] of Object.entries(heads))
      log.info(`${run}: ${head} top-1 ${percent(top1)}, ${missing} missing`);
    for (const line of told) (line.startsWith('Warning') ? log.warn : log.info).call(log, `${run}: ${line}`);
    this.importedEmitter.fire(run);
    await this.show({ workspace, run, ...(other !== undefined && { other }) });
  }

  private async target(
    workspace: string,
    title: string,
    needsDataset: boolean,
    /** Only splits of these datasets. */
    only?: readonly string[],
  ): Promise<Target | undefined> {
    const datasets = await this.runners.ask('index/datasets', { workspace });
    const runs = await this.runners.ask('runs/list', { workspace });
    type Item = QuickPickItem & { target?: Target };
    const separator = (label: string): Item => ({ label, kind: QuickPickItemKind.Separator });
    const ofRuns = runs
      .filter((run) => needsDataset && !only && isTraining(run) && Object.keys(run.heads).length > 0)
      .flatMap(({ run, heads }) =>
        Object.entries(heads).map(([dataset, { top1, samples }]): Item => {
          const description = `${plural(samples, 'sample')}, there top-1 ${percent(top1)}`;
          return { label: `${dataset} of ${run}`, description, target: { dataset, against: run } };
        }),
      );
    const ofSplits = datasets.flatMap(({ name, splits }) =>
      only && !only.includes(name)
        ? []
        : splits
            .filter((split) => split.samples > 0)
            .sort((a, b) => Number(a.name === 'train') - Number(b.name === 'train'))
            .map((split): Item => {
              const description = `${plural(split.samples, 'sample')}, ${plural(split.classes, 'class', 'classes')}`;
              return { label: `${name} · ${split.name}`, description, target: { dataset: name, split: split.name } };
            }),
    );
    const items: Item[] = [
      ...(ofRuns.length > 0 ? [separator('The samples that a run held out: compared with it'), ...ofRuns] : []),
      ...(ofSplits.length > 0 ? [separator('A split of a dataset'), ...ofSplits] : []),
      ...(needsDataset
        ? []
        : [
            separator('No dataset here'),
            { label: 'Only what the file says', description: 'it has to name the true classes', target: {} },
          ]),
    ];
    if (items.every((item) => item.target === undefined))
      throw new UserError('no-dataset', 'There is no dataset to judge a model on yet. Add one first.');
    return (await window.showQuickPick(items, { title, matchOnDescription: true }))?.target;
  }

  /** Shows how pictures would go into the model until the person says that it is right; undefined where they gave up. */
  private async input(
    file: string,
    command: string[],
  ): Promise<{ input: ModelInputChoice; classes?: string; output?: string } | undefined> {
    let input: ModelInputChoice = {};
    let [classes, output]: (string | undefined)[] = [];
    const title = `How ${basename(file)} takes its pictures`;
    for (;;) {
      const model = await this.inspected(file, input);
      if (!model) {
        const layout = await window.showQuickPick(layouts, {
          title,
          placeHolder: 'Its axes cannot be told: which is it?',
        });
        if (layout === undefined) return undefined;
        input = { ...input, layout };
        continue;
      }
      const rows = inputRows(model, input).map((row) => ({
        label: `$(edit) ${row.label}`,
        description: row.value,
        action: row.field as InputField | 'classes' | 'output' | 'go' | 'copy',
        prompt: row.prompt,
      }));
      const more = [
        {
          label: '$(edit) Class names',
          description: classes ?? 'of the model, else of the dataset',
          action: 'classes' as const,
        },
        ...(model.outputs.length > 1
          ? [{ label: '$(edit) Output', description: output ?? 'chosen by its name', action: 'output' as const }]
          : []),
      ];
      const picked = await window.showQuickPick(
        [
          {
            label: '$(play) Evaluate',
            description: 'as shown below',
            detail: model.told.join(' '),
            action: 'go' as const,
          },
          { label: '$(clippy) Copy as CLI Command', description: 'the same in a terminal', action: 'copy' as const },
          {
            label: 'found, guessed or given: pick one to change it',
            kind: QuickPickItemKind.Separator,
            action: 'go' as const,
          },
          ...rows,
          ...more,
        ],
        { title, matchOnDescription: true, ignoreFocusOut: true },
      );
      if (!picked) return undefined;
      const chosen = { input, ...(classes !== undefined && { classes }), ...(output !== undefined && { output }) };
      if (picked.action === 'go') return chosen;
      if (picked.action === 'copy') {
        const further = [...(classes ? ['--classes', classes] : []), ...(output ? ['--output', output] : [])];
        await copyCli([...command, ...inputArguments(input), ...further]);
      } else if (picked.action === 'classes') {
        const names = await window.showOpenDialog({ title: 'Class names, one a line, in the order of the output' });
        classes = names?.[0]?.fsPath;
      } else if (picked.action === 'output') {
        output = await window.showQuickPick(model.outputs, { title: 'Which output' });
      } else {
        input = await this.typed(input, picked.action, title, 'prompt' in picked ? picked.prompt : '');
      }
    }
  }

  /** Undefined where the axes have to be given first. */
  private async inspected(file: string, input: ModelInputChoice): Promise<InspectedModel | undefined> {
    try {
      return await this.runners.ask('model/inspect', { file, input });
    } catch (error) {
      if (error instanceof UserError && error.code === 'model-input' && input.layout === undefined) return undefined;
      throw error;
    }
  }

  private async typed(
    given: ModelInputChoice,
    field: InputField,
    title: string,
    prompt: string,
  ): Promise<ModelInputChoice> {
    const text = await window.showInputBox({
      title,
      prompt: `${prompt}. Empty: as found or guessed.`,
      validateInput: (value) => {
        try {
          withTyped(given, field, value);
          return undefined;
        } catch (error) {
          return error instanceof CancelledError ? undefined : messageOf(error);
        }
      },
    });
    return text === undefined ? given : withTyped(given, field, text);
  }
}
