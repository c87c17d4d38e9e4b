// A Vision Transformer in Hugging Face's names: the files of every release so far, and the names that the model itself has
// since transformers 5 (which still writes the older ones; both observed with 5.18). q, k and v are apart in both.
import { grey, type WeightLayout } from './layout.ts';

const common = {
  prefixes: ['vit.', ''],
  written: 'vit.',
  tensors: [
    ['cls_token', 'embeddings.cls_token'],
    ['pos_embed', 'embeddings.position_embeddings'],
  ],
  head: { name: 'classifier', bare: true },
  // ViTImageProcessor's and ViTConfig's defaults.
  implied: { mean: grey(0.5), std: grey(0.5), layerNormEpsilon: 1e-12 },
} as const;

const qkv = (pattern: (part: string) => string, parts: readonly [string, string, string]) =>
  [pattern(parts[0]), pattern(parts[1]), pattern(parts[2])] as const;

export const vitHuggingFace: WeightLayout = {
  ...common,
  id: 'vit-huggingface',
  title: 'ViT (Hugging Face names)',
  recognises: (has) => has('encoder.layer.0.attention.attention.query.weight'),
  modules: [
    ['patch_embed.proj', 'embeddings.patch_embeddings.projection'],
    ['blocks.*.norm1', 'encoder.layer.*.layernorm_before'],
    ['blocks.*.attn.qkv', qkv((part) => `encoder.layer.*.attention.attention.${part}`, ['query', 'key', 'value'])],
    ['blocks.*.attn.proj', 'encoder.layer.*.attention.output.dense'],
    ['blocks.*.norm2', 'encoder.layer.*.layernorm_after'],
    ['blocks.*.mlp.fc1', 'encoder.layer.*.intermediate.dense'],
    ['blocks.*.mlp.fc2', 'encoder.layer.*.output.dense'],
    ['norm', 'layernorm'],
  ],
};

export const vitHuggingFace5: WeightLayout = {
  ...common,
  id: 'vit-huggingface-5',
  title: 'ViT (Hugging Face names since transformers 5)',
  recognises: (has) => has('layers.0.attention.q_proj.weight'),
  modules: [
    ['patch_embed.proj', 'embeddings.patch_embeddings.projection'],
    ['blocks.*.norm1', 'layers.*.layernorm_before'],
    ['blocks.*.attn.qkv', qkv((part) => `layers.*.attention.${part}_proj`, ['q', 'k', 'v'])],
    ['blocks.*.attn.proj', 'layers.*.attention.o_proj'],
    ['blocks.*.norm2', 'layers.*.layernorm_after'],
    ['blocks.*.mlp.fc1', 'layers.*.mlp.fc1'],
    ['blocks.*.mlp.fc2', 'layers.*.mlp.fc2'],
    ['norm', 'layernorm'],
  ],
};
