// How fast each weight learns beside the others: a factor of the learning rate per element of the flat vector. Heads may
// learn faster than the body, and lower blocks slower than upper ones (layer-wise decay; Clark et al. 2020, section 3.2;
// numbered as in BEiT: embeddings 0, block i at i + 1, last norm and heads on top).
import type { ResolvedStage } from '../config/resolved.ts';
import type { ParameterLayout } from '../model/parameters.ts';

type Rates = Pick<ResolvedStage['optimizer'], 'headLearningRate' | 'layerDecay'>;

/** [layout.size], or undefined where every factor is 1. `depth` is the number of blocks. */
export function rateScale(
  layout: ParameterLayout,
  depth: number,
  { headLearningRate, layerDecay }: Rates,
): Float32Array | undefined {
  if (headLearningRate === 1 && layerDecay === 1) return undefined;
  const scale = new Float32Array(layout.size);
  for (const { name, offset, size } of layout.parameters) {
    const head = name.startsWith('heads.') ? headLearningRate : 1;
    scale.fill(head * layerDecay ** (depth + 1 - layerOf(name, depth)), offset, offset + size);
  }
  return scale;
}

/** 0 for embeddings, i + 1 for block i, depth + 1 for what comes after the blocks. */
function layerOf(name: string, depth: number): number {
  const block = /^blocks\.(\d+)\./.exec(name)?.[1];
  if (block !== undefined) return Number(block) + 1;
  return name.startsWith('heads.') || name.startsWith('norm.') ? depth + 1 : 0;
}
