// TimeSformer in the names of facebookresearch/TimeSformer (observed in its checkpoints, which put "model." before them).
// They are the names we use ourselves, but for the head.
import { grey, type WeightLayout } from './layout.ts';
import { vitTimm } from './vitTimm.ts';

export const timesformer: WeightLayout = {
  id: 'timesformer',
  title: 'TimeSformer (Facebook names)',
  recognises: (has) =>
    has('blocks.0.attn.qkv.weight') && (has('time_embed') || has('blocks.0.temporal_attn.qkv.weight')),
  prefixes: ['', 'model.'],
  written: '',
  tensors: [...vitTimm.tensors, ['time_embed', 'time_embed']],
  modules: [
    ...vitTimm.modules,
    ['blocks.*.temporal_norm1', 'blocks.*.temporal_norm1'],
    ['blocks.*.temporal_attn.qkv', 'blocks.*.temporal_attn.qkv'],
    ['blocks.*.temporal_attn.proj', 'blocks.*.temporal_attn.proj'],
    ['blocks.*.temporal_fc', 'blocks.*.temporal_fc'],
  ],
  head: { name: 'head', bare: false },
  // Its Kinetics configurations; the LayerNorm of its model.
  implied: { mean: grey(0.45), std: grey(0.225), layerNormEpsilon: 1e-6 },
};
