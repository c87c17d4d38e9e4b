// The update of a training step as a graph of its own: it does not depend on the batch, so one serves every mix of
// samples. Parameters, gradients and optimizer state are flat vectors: an update is some twenty kernels, whatever the
// number of parameters.
import { Graph, type Value } from '../graph/graph.ts';
import * as op from '../graph/operators.ts';

export interface AdamW {
  readonly name: 'adamw';
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Gradients are scaled down to this global norm; 0: not at all. */
  readonly clipNorm: number;
}

export interface Sgd {
  readonly name: 'sgd';
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  readonly clipNorm: number;
}

export type Optimizer = AdamW | Sgd;

/** The names of the flat state vectors an optimizer keeps, beside the parameters. */
export function stateNames(optimizer: Optimizer): readonly string[] {
  return optimizer.name === 'adamw' ? ['m', 'v'] : ['momentum'];
}

/**
 * Inputs: `parameters`, `gradients`, `rate_scale` (1, or 0 where a parameter is frozen), `decay_scale` (1 where weight
 * decay applies) and each of stateNames, all [size]; `rate` [1] the learning rate; AdamW also `correction` [2]:
 * 1 − β₁ᵗ and 1 − β₂ᵗ for step t from 1; SGD also `dampening` [1]: 0 in the first step, which has no momentum yet, then 1.
 * Outputs: `next.parameters`, `next.<state>`, and `gradient_norm` [1], the global norm before clipping.
 * With `averageDecay`: also `average` [size] in and `next.average` out, the moving average of the weights.
 * AdamW: Loshchilov and Hutter 2019, algorithm 2, as torch.optim.AdamW; SGD with (Nesterov) momentum as torch.optim.SGD.
 */
export function updateGraph(size: number, optimizer: Optimizer, averageDecay = 0): Graph {
  const graph = new Graph(`update_${optimizer.name}`);
  const vector = (name: string) => graph.input(name, 'float32', [size]);
  const parameters = vector('parameters');
  const raw = vector('gradients');
  const rateScale = vector('rate_scale');
  const decayScale = vector('decay_scale');
  const rate = graph.input('rate', 'float32', [1]);
  const norm = graph.scope('norm', () => op.Sqrt(op.ReduceSum(op.Mul(raw, raw), [0], true)));
  const clipped = optimizer.clipNorm > 0 ? graph.scope('clip', () => clip(raw, norm, optimizer.clipNorm)) : raw;
  const effectiveRate = op.Mul(rateScale, rate); // [size]
  const flat: Flat = { parameters, gradients: clipped, effectiveRate, decayScale, vector };
  const next = optimizer.name === 'adamw' ? adamW(graph, optimizer, flat) : sgd(graph, optimizer, flat);
  graph.output('next.parameters', next);
  if (averageDecay > 0) {
    const kept = op.Mul(vector('average'), graph.scalar(averageDecay));
    graph.output('next.average', op.Add(kept, op.Mul(next, graph.scalar(1 - averageDecay))));
  }
  graph.output('gradient_norm', norm);
  return graph;
}

/** `sum` [size] = `a` + `b`: the gradients of several micro-batches. */
export function sumGraph(size: number): Graph {
  const graph = new Graph('sum');
  graph.output('sum', op.Add(graph.input('a', 'float32', [size]), graph.input('b', 'float32', [size])));
  return graph;
}

interface Flat {
  readonly parameters: Value;
  readonly gradients: Value;
  readonly effectiveRate: Value;
  readonly decayScale: Value;
  vector(name: string): Value;
}

/** gradients · min(1, clipNorm / norm); a norm of zero divides to infinity and the minimum takes 1. */
function clip(gradients: Value, norm: Value, clipNorm: number): Value {
  const { graph } = gradients;
  const tiny = graph.scalar(1e-12);
  return op.Mul(gradients, op.Min(op.Div(graph.scalar(clipNorm), op.Add(norm, tiny)), graph.scalar(1)));
}

function adamW(graph: Graph, { betas, epsilon, weightDecay }: AdamW, flat: Flat): Value {
  const [m, v] = [flat.vector('m'), flat.vector('v')];
  const [correction1, correction2] = op.Split(graph.input('correction', 'float32', [2]), [1, 1], 0) as [Value, Value];
  const g = flat.gradients;
  const nextM = op.Add(op.Mul(m, graph.scalar(betas[0])), op.Mul(g, graph.scalar(1 - betas[0])));
  const nextV = op.Add(op.Mul(v, graph.scalar(betas[1])), op.Mul(op.Mul(g, g), graph.scalar(1 - betas[1])));
  const denominator = op.Add(op.Sqrt(op.Div(nextV, correction2)), graph.scalar(epsilon));
  const direction = op.Div(op.Div(nextM, correction1), denominator);
  const decay = op.Mul(op.Mul(flat.parameters, flat.decayScale), graph.scalar(weightDecay));
  graph.output('next.m', nextM);
  graph.output('next.v', nextV);
  return op.Sub(flat.parameters, op.Mul(flat.effectiveRate, op.Add(direction, decay)));
}

function sgd(graph: Graph, { momentum, nesterov, weightDecay }: Sgd, flat: Flat): Value {
  const velocity = flat.vector('momentum');
  const dampening = graph.input('dampening', 'float32', [1]);
  const decay = op.Mul(op.Mul(flat.parameters, flat.decayScale), graph.scalar(weightDecay));
  const g = op.Add(flat.gradients, decay);
  const next = op.Add(op.Mul(velocity, op.Mul(dampening, graph.scalar(momentum))), g);
  const step = nesterov ? op.Add(g, op.Mul(next, graph.scalar(momentum))) : next;
  graph.output('next.momentum', next);
  return op.Sub(flat.parameters, op.Mul(flat.effectiveRate, step));
}
