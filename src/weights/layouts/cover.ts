// Our own checkpoints and exports: TimeSformer's names, and a head for each dataset, `heads.<dataset>`. A checkpoint with a
// moving average of the weights holds them twice: the averaged ones are those that were evaluated, and are taken.
import type { WeightLayout } from './layout.ts';
import { timesformer } from './timesformer.ts';

const { head: _, ...body } = timesformer;

export const cover: WeightLayout = {
  ...body,
  id: 'cover',
  title: 'CoVeR checkpoint',
  recognises: (has) => has('blocks.0.attn.qkv.weight') && has('heads.*'),
  prefixes: ['average.', ''],
  beside: /^(optimizer|average)\./,
};
