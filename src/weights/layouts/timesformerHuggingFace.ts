// TimeSformer in the names of Hugging Face's TimesformerModel and TimesformerForVideoClassification (transformers 5.18).
import { grey, type WeightLayout } from './layout.ts';

export const timesformerHuggingFace: WeightLayout = {
  id: 'timesformer-huggingface',
  title: 'TimeSformer (Hugging Face names)',
  // Its attention is packed, which tells it from a ViT also where it has no temporal part.
  recognises: (has) => has('encoder.layer.0.attention.attention.qkv.weight'),
  prefixes: ['timesformer.', ''],
  written: 'timesformer.',
  tensors: [
    ['cls_token', 'embeddings.cls_token'],
    ['pos_embed', 'embeddings.position_embeddings'],
    ['time_embed', 'embeddings.time_embeddings'],
  ],
  modules: [
    ['patch_embed.proj', 'embeddings.patch_embeddings.projection'],
    ['blocks.*.norm1', 'encoder.layer.*.layernorm_before'],
    ['blocks.*.attn.qkv', 'encoder.layer.*.attention.attention.qkv'],
    ['blocks.*.attn.proj', 'encoder.layer.*.attention.output.dense'],
    ['blocks.*.norm2', 'encoder.layer.*.layernorm_after'],
    ['blocks.*.mlp.fc1', 'encoder.layer.*.intermediate.dense'],
    ['blocks.*.mlp.fc2', 'encoder.layer.*.output.dense'],
    ['blocks.*.temporal_norm1', 'encoder.layer.*.temporal_layernorm'],
    ['blocks.*.temporal_attn.qkv', 'encoder.layer.*.temporal_attention.attention.qkv'],
    ['blocks.*.temporal_attn.proj', 'encoder.layer.*.temporal_attention.output.dense'],
    ['blocks.*.temporal_fc', 'encoder.layer.*.temporal_dense'],
    ['norm', 'layernorm'],
  ],
  head: { name: 'classifier', bare: true },
  implied: { mean: grey(0.45), std: grey(0.225), layerNormEpsilon: 1e-6 },
};
