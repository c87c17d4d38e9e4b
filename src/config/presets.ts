// Sizes by name. "large" is the paper's model (24 layers, hidden 1024, 16 heads, patch 16, 16 frames of 448 pixels); tiny,
// small and base are ViT's of those names; nano is ours: small enough to learn on two CPU cores in minutes.

export interface Preset {
  readonly hiddenSize: number;
  readonly depth: number;
  readonly attentionHeads: number;
  readonly frames: number;
  readonly imageSize: number;
  readonly patchSize: number;
}

export const presets = {
  nano: { hiddenSize: 96, depth: 3, attentionHeads: 3, frames: 8, imageSize: 32, patchSize: 8 },
  tiny: { hiddenSize: 192, depth: 12, attentionHeads: 3, frames: 8, imageSize: 112, patchSize: 16 },
  small: { hiddenSize: 384, depth: 12, attentionHeads: 6, frames: 8, imageSize: 224, patchSize: 16 },
  base: { hiddenSize: 768, depth: 12, attentionHeads: 12, frames: 8, imageSize: 224, patchSize: 16 },
  large: { hiddenSize: 1024, depth: 24, attentionHeads: 16, frames: 16, imageSize: 448, patchSize: 16 },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

/** Samples a step where an experiment does not say (ours). */
export const batchSizeDefault = 32;
