// TimeSformer written down slowly and directly, for tests: every attention is one matrix over all 1 + t·n tokens of a clip in
// which most entries are zero, and the roll-out is the product of those matrices. Nothing is shared with src/model.
import type { ModelSpec } from '../../src/model/modelSpec.ts';
import type { ParameterLayout } from '../../src/model/parameters.ts';

export type Matrix = number[][];

const zeros = (rows: number, columns: number): Matrix => Array.from({ length: rows }, () => Array(columns).fill(0));
export const product = (a: Matrix, b: Matrix): Matrix => {
  const result = zeros(a.length, b[0]!.length);
  a.forEach((row, i) => {
    row.forEach((value, k) => {
      if (value !== 0) for (let j = 0; j < b[0]!.length; j++) result[i]![j]! += value * b[k]![j]!;
    });
  });
  return result;
};
const sum = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((value, j) => value + b[i]![j]!));
const identity = (size: number): Matrix => zeros(size, size).map((row, i) => row.map((_, j) => (i === j ? 1 : 0)));
const halfWithIdentity = (a: Matrix): Matrix =>
  a.map((row, i) => row.map((value, j) => (value + (i === j ? 1 : 0)) / 2));

export interface Direct {
  /** Of the first head. */
  logits: number[];
  /** The roll-out over all tokens: rows and columns [class token, frame 0's patches, frame 1's …]. */
  rollout: Matrix;
}

/** One clip [t, 3, size, size]. Space-only attention has a class token a frame: rows [class tokens of all frames, patches …]. */
export function direct(spec: ModelSpec, layout: ParameterLayout, flat: Float32Array, pixels: Float32Array): Direct {
  const kind = spec.attention ?? 'divided';
  const { hiddenSize: d, attentionHeads: h, imageSize, patchSize: p } = spec;
  const side = imageSize / p;
  const n = side * side;
  const t = pixels.length / (3 * imageSize * imageSize);
  const c = kind === 'space' ? t : 1; // class tokens
  const numbers = (name: string) => {
    const { offset, size } = layout.parameters.find((one) => one.name === name)!;
    return Array.from(flat.subarray(offset, offset + size));
  };
  const rowsOf = (name: string, width: number): Matrix => {
    const all = numbers(name);
    return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
  };
  /** x Wᵀ + b for weights [out, in]. */
  const layer = (x: Matrix, name: string, width = d): Matrix => {
    const [weight, bias] = [rowsOf(`${name}.weight`, width), numbers(`${name}.bias`)];
    return x.map((row) => weight.map((w, o) => w.reduce((s, value, i) => s + value * row[i]!, bias[o]!)));
  };
  const norm = (x: Matrix, name: string): Matrix => {
    const [gain, bias] = [numbers(`${name}.weight`), numbers(`${name}.bias`)];
    return x.map((row) => {
      const mean = row.reduce((s, value) => s + value, 0) / d;
      const variance = row.reduce((s, value) => s + (value - mean) ** 2, 0) / d;
      return row.map(
        (value, i) => ((value - mean) / Math.sqrt(variance + spec.layerNormEpsilon)) * gain[i]! + bias[i]!,
      );
    });
  };
  /**
   * Attention among tokens: `groups` are lists of tokens that see each other. The result of a token that is in several groups is
   * the mean of theirs. Gives the mixture before the projection, and the weights' mean over the heads.
   */
  const attention = (x: Matrix, groups: number[][], name: string): { mixed: Matrix; weights: Matrix } => {
    const qkv = layer(x, `${name}.qkv`);
    const e = d / h;
    const [mixed, weights] = [zeros(x.length, d), zeros(x.length, x.length)];
    const times = x.map((_, token) => groups.filter((group) => group.includes(token)).length);
    for (const group of groups) {
      for (const i of group) {
        for (let head = 0; head < h; head++) {
          const scores = group.map((j) => {
            let score = 0;
            for (let k = 0; k < e; k++) score += qkv[i]![head * e + k]! * qkv[j]![d + head * e + k]!;
            return Math.exp(score / Math.sqrt(e));
          });
          const total = scores.reduce((s, value) => s + value, 0);
          group.forEach((j, place) => {
            const weight = scores[place]! / total / times[i]!;
            weights[i]![j]! += weight / h;
            for (let k = 0; k < e; k++) mixed[i]![head * e + k]! += weight * qkv[j]![2 * d + head * e + k]!;
          });
        }
      }
    }
    return { mixed, weights };
  };
  const patch = (f: number, q: number) => c + f * n + q;
  const frames = [...Array(t).keys()];
  const patches = [...Array(n).keys()];

  const [places, cls] = [rowsOf('pos_embed', d), numbers('cls_token')];
  const times = kind === 'space' ? [] : rowsOf('time_embed', d);
  const cut = frames.flatMap((f) =>
    patches.map((q) => {
      const [y0, x0] = [Math.floor(q / side) * p, (q % side) * p];
      const at = (ch: number, y: number, x: number) => ((f * 3 + ch) * imageSize + y0 + y) * imageSize + x0 + x;
      return [0, 1, 2].flatMap((ch) => [...Array(p * p).keys()].map((i) => pixels[at(ch, Math.floor(i / p), i % p)]!));
    }),
  );
  const embedded = layer(cut, 'patch_embed.proj', 3 * p * p).map((row, i) => {
    const time = times[Math.floor((Math.floor(i / n) * times.length) / t)];
    return row.map((value, k) => value + places[1 + (i % n)]![k]! + (time?.[k] ?? 0));
  });
  let x: Matrix = [...Array.from({ length: c }, () => cls.map((value, k) => value + places[0]![k]!)), ...embedded];
  let rolled = identity(x.length);
  const perFrame = frames.map((f) => [kind === 'space' ? f : 0, ...patches.map((q) => patch(f, q))]);
  for (let i = 0; i < spec.depth; i++) {
    const block = `blocks.${i}`;
    if (kind === 'divided' && !(spec.imageTemporal === 'skip' && t === 1)) {
      const groups = patches.map((q) => frames.map((f) => patch(f, q)));
      const { mixed, weights } = attention(norm(x, `${block}.temporal_norm1`), groups, `${block}.temporal_attn`);
      const branch = layer(layer(mixed, `${block}.temporal_attn.proj`), `${block}.temporal_fc`);
      x = x.map((row, token) => (token < c ? row : row.map((value, k) => value + branch[token]![k]!)));
      weights[0]![0] = 1; // the class token stays as it is
      rolled = product(halfWithIdentity(weights), rolled);
    }
    const groups = kind === 'joint' ? [x.map((_, token) => token)] : perFrame;
    const { mixed, weights } = attention(norm(x, `${block}.norm1`), groups, `${block}.attn`);
    x = sum(x, layer(mixed, `${block}.attn.proj`));
    rolled = product(halfWithIdentity(weights), rolled);
    const hidden = layer(norm(x, `${block}.norm2`), `${block}.mlp.fc1`).map((row) => row.map(gelu));
    x = sum(x, layer(hidden, `${block}.mlp.fc2`, spec.mlpRatio * d));
  }
  const classToken = [zeros(1, d)[0]!.map((_, k) => x.slice(0, c).reduce((s, row) => s + row[k]!, 0) / c)];
  return { logits: layer(norm(classToken, 'norm'), `heads.${spec.heads[0]!.name}`)[0]!, rollout: rolled };
}

/** x Φ(x), with Φ by numeric integration: good to about 1e-9. */
function gelu(x: number): number {
  const steps = 400;
  const step = x / steps;
  const density = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  let area = density(0) + density(x);
  for (let i = 1; i < steps; i++) area += (i % 2 === 1 ? 4 : 2) * density(i * step);
  return x * (0.5 + (area * step) / 3);
}
