// What a parameter belongs to follows from where it stands in the model, whatever a dataset and so its head is called.
import { expect, test } from 'vitest';
import { parameterLayout, piecesOf } from '../../src/model/parameters.ts';

test.each(['temporal_stills', 'a.temporal_b', 'qkv', 'my.qkv', 'time_embed', 'blocks.0.temporal_attn.qkv'])(
  'the head of a dataset named %s is a head, whole and not temporal',
  (name) => {
    const layout = parameterLayout({
      imageSize: 8,
      patchSize: 8,
      hiddenSize: 12,
      depth: 1,
      attentionHeads: 3,
      mlpRatio: 4,
      frames: 2,
      layerNormEpsilon: 1e-6,
      imageTemporal: 'keep',
      heads: [{ name, classes: ['a', 'b', 'c'] }],
    });
    const names = [`heads.${name}.weight`, `heads.${name}.bias`];
    expect(layout.parameters.slice(-2)).toMatchObject(names.map((name) => ({ name, temporal: false })));
    expect(layout.parameters.filter(({ head }) => head !== undefined).map((part) => part.name)).toEqual(names);
    const pieces = piecesOf(layout);
    expect(pieces.slice(-2)).toMatchObject([
      { name: names[0], shape: [3, 12] },
      { name: names[1], shape: [3] },
    ]);
    // The body's own are cut and frozen as ever.
    expect(pieces.filter(({ name }) => name.startsWith('blocks.0.temporal_attn.query'))).toHaveLength(2);
    expect(layout.parameters.filter(({ temporal }) => temporal)).toHaveLength(9);
  },
);
