// What a runner answers about two evaluations side by side.
import { changedSamples, compareHeads, differingSamples } from '../evaluation/compareHeads.ts';
import type { comparisonRequests } from '../protocol/comparisons.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';

export function comparisonHandlers(): Pick<Handlers<RunnerSurface>, keyof typeof comparisonRequests> {
  return {
    'evaluation/compare': (pair) => compareHeads(pair),
    'evaluation/changed': ({ kind, label, offset, limit, ...pair }) =>
      changedSamples(pair, { kind, label, offset, limit }),
    'evaluation/differing': ({ truth, predicted, offset, limit, ...pair }) =>
      differingSamples(pair, { truth, predicted, offset, limit }),
  };
}
