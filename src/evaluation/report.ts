// From the records of an evaluation to its report.
import { protocolOf, type ResolvedDataset, type ResolvedExperiment } from '../config/resolved.ts';
import type { HeadResult } from '../protocol/events.ts';
import type { PredictionRecord } from '../runs/predictionsFile.ts';
import type { Report } from '../runs/report.ts';
import { assessHead } from './assessHead.ts';
import { type Judged, topK } from './metrics.ts';

/** Every head's figures on its own dataset. A dataset without held-out samples has none, which its zero samples tell. */
export function reportOf(run: string, experiment: ResolvedExperiment, records: readonly PredictionRecord[]): Report {
  const heads = experiment.datasets.map((dataset) => {
    const own = records.filter(({ sample }) => sample.dataset === dataset.name);
    const judged = judgedOf(own, dataset.name);
    const evaluation = assessHead(judged, {
      run,
      head: dataset.name,
      dataset: dataset.name,
      split: dataset.heldOut ?? 'none',
      protocol: `${protocolOf(experiment, dataset.kind)}${choice(experiment)}`,
      classes: dataset.classes,
      missing: own.length - judged.length,
      seed: experiment.seed,
    });
    return [dataset.name, evaluation] as const;
  });
  return { protocol: protocolLine(experiment), heads: Object.fromEntries(heads) };
}

/** What a progress line tells of one head: cheap, where `reportOf` makes matrices and intervals. */
export function headResult({ name, classes }: ResolvedDataset, records: readonly PredictionRecord[]): HeadResult {
  const own = records.filter(({ sample }) => sample.dataset === name);
  const judged = judgedOf(own, name);
  return {
    top1: topK(judged, 1, classes.length),
    top5: topK(judged, 5, classes.length),
    samples: judged.length,
    missing: own.length - judged.length,
    classes: classes.length,
  };
}

/** The records of a head's own samples that were read, as figures are made of them. */
export function judgedOf(own: readonly PredictionRecord[], head: string): Judged[] {
  return own.flatMap((record) => {
    if ('missing' in record) return [];
    const { truth, truthProbability, probabilities, heads } = record;
    const { top, probabilities: best } = heads[head]!;
    return [{ truth, ranked: top, confidence: best[0] ?? null, truthProbability, probabilities }];
  });
}

/** How videos and images were looked at, in one line. */
export function protocolLine(experiment: ResolvedExperiment): string {
  const kinds = [...new Set(experiment.datasets.map(({ kind }) => kind))].sort().reverse();
  if (kinds.length === 1) return `${protocolOf(experiment, kinds[0]!)}${choice(experiment)}`;
  return `${kinds.map((kind) => `${kind}s: ${protocolOf(experiment, kind)}`).join('; ')}${choice(experiment)}`;
}

/** Weights that were chosen by the very samples they are judged on look better than they are: said beside the accuracy. */
function choice({ stages }: ResolvedExperiment): string {
  return stages.some(({ earlyStopping }) => earlyStopping) ? ', best epoch chosen on these samples' : '';
}
