// How fast each parameter learns beside the others: a factor of the learning rate. Heads may learn faster than the body, and
// lower blocks slower than upper ones (layer-wise decay; Clark et al. 2020, section 3.2; numbered as in BEiT: embeddings 0,
// block i at i + 1, last norm and heads on top).
import type { ResolvedStage } from '../config/resolved.ts';
import type { Parameter } from '../model/parameters.ts';

type Rates = Pick<ResolvedStage['optimizer'], 'headLearningRate' | 'layerDecay'>;

/** Of a model with so many blocks. */
export function rateScale({ name }: Pick<Parameter, 'name'>, depth: number, { headLearningRate, layerDecay }: Rates) {
  const head = name.startsWith('heads.') ? headLearningRate : 1;
  return head * layerDecay ** (depth + 1 - layerOf(name, depth));
}

/** 0 for embeddings, i + 1 for block i, depth + 1 for what comes after the blocks. */
function layerOf(name: string, depth: number): number {
  const block = /^blocks\.(\d+)\./.exec(name)?.[1];
  if (block !== undefined) return Number(block) + 1;
  return name.startsWith('heads.') || name.startsWith('norm.') ? depth + 1 : 0;
}
