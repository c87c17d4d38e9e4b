// A stage's optimizer as the update graph wants it.
import type { ResolvedStage } from '../config/resolved.ts';
import { type Optimizer, stateNames } from '../model/updateGraph.ts';
import type { StateVectors } from './checkpoint.ts';

export function optimizerOf({ optimizer }: Pick<ResolvedStage, 'optimizer'>): Optimizer {
  const { name, betas, epsilon, momentum, weightDecay, clipNorm } = optimizer;
  return name === 'adamw'
    ? { name, betas, epsilon, weightDecay, clipNorm }
    : { name, momentum, nesterov: true, weightDecay, clipNorm };
}

export function stateVectorsOf(stage: Pick<ResolvedStage, 'optimizer' | 'averageDecay'>): StateVectors {
  return { optimizer: stateNames(optimizerOf(stage)), average: stage.averageDecay > 0 };
}
