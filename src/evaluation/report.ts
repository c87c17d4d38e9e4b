// From the records of an evaluation to its report.
import { protocolOf, type ResolvedExperiment } from '../config/resolved.ts';
import type { PredictionRecord } from '../runs/predictionsFile.ts';
import type { Report } from '../runs/report.ts';
import { assessHead, type Judged } from './metrics.ts';

/** Every head's figures on its own dataset. A dataset without held-out samples has none, which its zero samples tell. */
export function reportOf(run: string, experiment: ResolvedExperiment, records: readonly PredictionRecord[]): Report {
  const heads = experiment.datasets.map((dataset) => {
    const own = records.filter(({ sample }) => sample.dataset === dataset.name);
    const judged: Judged[] = own.flatMap((record) =>
      'missing' in record ? [] : [{ truth: record.truth, ranked: record.heads[dataset.name]!.top }],
    );
    const evaluation = assessHead(judged, {
      run,
      head: dataset.name,
      dataset: dataset.name,
      split: dataset.heldOut ?? 'none',
      protocol: protocolOf(experiment.model, dataset.kind),
      classes: dataset.classes,
      missing: own.length - judged.length,
      seed: experiment.seed,
    });
    return [dataset.name, evaluation] as const;
  });
  return { protocol: protocolLine(experiment), heads: Object.fromEntries(heads) };
}

/** How videos and images were looked at, in one line. */
export function protocolLine({ datasets, model }: ResolvedExperiment): string {
  const kinds = [...new Set(datasets.map(({ kind }) => kind))].sort().reverse();
  if (kinds.length === 1) return protocolOf(model, kinds[0]!);
  return kinds.map((kind) => `${kind}s: ${protocolOf(model, kind)}`).join('; ');
}
