// A Vision Transformer in timm's names, which TimeSformer took over and which are ours.
import { grey, type WeightLayout } from './layout.ts';

export const vitTimm: WeightLayout = {
  id: 'vit-timm',
  title: 'ViT (timm names)',
  recognises: (has) => has('blocks.0.attn.qkv.weight'),
  prefixes: ['', 'model.'],
  written: '',
  tensors: [
    ['cls_token', 'cls_token'],
    ['pos_embed', 'pos_embed'],
  ],
  modules: [
    ['patch_embed.proj', 'patch_embed.proj'],
    ['blocks.*.norm1', 'blocks.*.norm1'],
    ['blocks.*.attn.qkv', 'blocks.*.attn.qkv'],
    ['blocks.*.attn.proj', 'blocks.*.attn.proj'],
    ['blocks.*.norm2', 'blocks.*.norm2'],
    ['blocks.*.mlp.fc1', 'blocks.*.mlp.fc1'],
    ['blocks.*.mlp.fc2', 'blocks.*.mlp.fc2'],
    ['norm', 'norm'],
  ],
  head: { name: 'head', bare: false },
  // timm's defaults for its ViTs.
  implied: { mean: grey(0.5), std: grey(0.5), layerNormEpsilon: 1e-6 },
};
