// What a runner answers about models and predictions that were not made here, and about reports as files.
import { basename } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { UserError } from '../base/errors.ts';
import { evaluateModel } from '../evaluation/evaluateModel.ts';
import { type InputChoice, type Layout, layouts } from '../evaluation/foreignInput.ts';
import { importPredictions } from '../evaluation/importPredictions.ts';
import { inspectModel } from '../evaluation/inspectModel.ts';
import { makeReport } from '../evaluation/makeReport.ts';
import { reportHtml } from '../evaluation/reportHtml.ts';
import { reportMarkdown } from '../evaluation/reportMarkdown.ts';
import { runAsModel } from '../evaluation/runAsModel.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { importRequests, ModelInputChoice } from '../protocol/imports.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import type { RunnerOptions } from './handlers.ts';
import type { Alone } from './oneAtATime.ts';

export function importHandlers(
  { ffmpeg, notify: onEvent }: RunnerOptions,
  alone: Alone,
): Pick<Handlers<RunnerSurface>, keyof typeof importRequests> {
  return {
    'model/inspect': async ({ file, input }) => inspectModel(file, inputOf(input)),
    'evaluate/model': ({ workspace, model, run, dataset, output, input, ...choice }, signal) =>
      alone('evaluation', async () => {
        const told: string[] = [];
        const named = model === undefined ? await runAsModel(workspace, run, dataset, output) : { model, output };
        const { run: folder, ...judged } = await evaluateModel({
          ...{ workspace, dataset, ffmpeg, signal, onEvent },
          ...named,
          ...choice,
          ...(choice.name === undefined && 'name' in named && { name: named.name }),
          input: inputOf(input),
          onTold: (lines) => void told.push(...lines),
        });
        return { ...judged, run: basename(folder), told };
      }),
    'import/predictions': (choice, signal) =>
      alone('import', async () => {
        const { run, heads, protocol, notes } = await importPredictions({ ...choice, signal, onEvent });
        return { run: basename(run), heads, protocol, told: notes };
      }),
    'report/save': async ({ workspace, run, file, format }) => {
      const { report, subject } = await makeReport(workspace, run);
      const text = {
        html: () => reportHtml(subject),
        markdown: () => reportMarkdown(subject),
        json: () => `${JSON.stringify(report, undefined, 2)}\n`,
      }[format]();
      await writeFileAtomic(file, [text]);
      return { file };
    },
  };
}

function inputOf({ layout, ...others }: ModelInputChoice): InputChoice {
  const known = layouts.find((each): each is Layout => each === layout);
  if (layout !== undefined && known === undefined)
    throw new UserError('model-input', `There is no layout "${layout}"; it is one of ${layouts.join(', ')}.`);
  return { ...others, ...(known !== undefined && { layout: known }) };
}
