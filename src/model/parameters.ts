// The model's parameters: their names and shapes (timm's and TimeSformer's names, so that weights travel), and where each
// lies in the one flat vector that a training step reads and an update writes.
import { type ModelSpec, patchesOf } from './modelSpec.ts';

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of a head: the dataset whose it is. A dataset's name may look like that of a layer. */
  readonly head: string | undefined;
  /** Belongs to the temporal branch: image pre-training leaves it alone. */
  readonly temporal: boolean;
  /** Weight decay applies: matrices of the body and heads, not biases, norms, the class token and embeddings. */
  readonly decays: boolean;
  /** Where it starts in the flat vector, in elements. */
  readonly offset: number;
  readonly size: number;
}

export interface ParameterLayout {
  readonly parameters: readonly Parameter[];
  /** Elements of the flat vector. */
  readonly size: number;
}

/** Every parameter of a model in a fixed order. Shapes as in PyTorch: a linear layer's weight is [out, in]. */
export function parameterLayout(spec: ModelSpec): ParameterLayout {
  const { hiddenSize: width, patchSize, depth, mlpRatio, attention = 'divided' } = spec;
  const shapes: [name: string, shape: number[], head?: string][] = [
    ['cls_token', [1, 1, width]],
    ['pos_embed', [1, 1 + patchesOf(spec), width]],
  ];
  if (attention !== 'space') shapes.push(['time_embed', [1, spec.frames, width]]);
  shapes.push(['patch_embed.proj.weight', [width, 3, patchSize, patchSize]], ['patch_embed.proj.bias', [width]]);
  const linear = (name: string, out: number, from: number) =>
    shapes.push([`${name}.weight`, [out, from]], [`${name}.bias`, [out]]);
  const norm = (name: string) => shapes.push([`${name}.weight`, [width]], [`${name}.bias`, [width]]);
  for (let i = 0; i < depth; i++) {
    const block = `blocks.${i}`;
    if (attention === 'divided') {
      norm(`${block}.temporal_norm1`);
      linear(`${block}.temporal_attn.qkv`, 3 * width, width);
      linear(`${block}.temporal_attn.proj`, width, width);
      linear(`${block}.temporal_fc`, width, width);
    }
    norm(`${block}.norm1`);
    linear(`${block}.attn.qkv`, 3 * width, width);
    linear(`${block}.attn.proj`, width, width);
    norm(`${block}.norm2`);
    linear(`${block}.mlp.fc1`, mlpRatio * width, width);
    linear(`${block}.mlp.fc2`, width, mlpRatio * width);
  }
  norm('norm');
  for (const { name, classes } of spec.heads)
    shapes.push(
      [`heads.${name}.weight`, [classes.length, width], name],
      [`heads.${name}.bias`, [classes.length], name],
    );
  let offset = 0;
  const parameters = shapes.map(([name, shape, head]) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    const parameter = {
      name,
      shape,
      size,
      offset,
      head,
      temporal: head === undefined && isTemporal(name),
      decays: shape.length > 1 && !isEmbedding(name),
    };
    offset += size;
    return parameter;
  });
  return { parameters, size: offset };
}

function isTemporal(name: string): boolean {
  return name === 'time_embed' || name.includes('.temporal_');
}

function isEmbedding(name: string): boolean {
  return name === 'cls_token' || name === 'pos_embed' || name === 'time_embed';
}

/** A parameter as the graphs use it: whole, or one of the three that a packed qkv is made of. */
export interface Piece {
  readonly name: string;
  readonly shape: readonly number[];
  /** Where it starts in the flat vector, in elements. */
  readonly offset: number;
  readonly size: number;
}

/**
 * The flat vector as graphs cut it, in order. `X.qkv.weight` [3d, d] is three matrices `X.query.weight`, `X.key.weight`
 * and `X.value.weight` [d, d] one after the other, so that no activation has to be cut in three; biases likewise.
 */
export function piecesOf({ parameters }: ParameterLayout): Piece[] {
  return parameters.flatMap(({ name, shape, offset, size, head }) => {
    const packed = head === undefined && /^(.*)\.qkv\.(weight|bias)$/.exec(name);
    if (!packed) return [{ name, shape, offset, size }];
    const [, layer, kind] = packed;
    const third = size / 3;
    return ['query', 'key', 'value'].map((part, i) => ({
      name: `${layer}.${part}.${kind}`,
      shape: [shape[0]! / 3, ...shape.slice(1)],
      offset: offset + i * third,
      size: third,
    }));
  });
}
