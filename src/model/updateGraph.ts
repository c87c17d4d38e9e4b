// The update of a training step as graphs of its own: they do not depend on the batch, so they serve every mix of samples.
// Parameters, gradients and optimizer state are flat vectors, or pieces of them: an update is some fifteen kernels,
// whatever the number of parameters.
import { Graph, type Value } from '../graph/graph.ts';
import * as op from '../graph/operators.ts';
import { type Dim, type Shape, symbolic } from '../graph/shape.ts';

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

export interface UpdateOptions {
  /** Whether `rate_scale` and `decay_scale` are one number each for all elements, [1], or one per element, [n]. */
  readonly uniform: boolean;
  /** Decay of a moving average of the parameters; 0: none is kept. */
  readonly averageDecay?: number | undefined;
}

/**
 * Inputs: `parameters`, `gradients` and each of stateNames, [n]; `rate_scale` (factor of the learning rate; 0 freezes) and
 * `decay_scale` (1 where weight decay applies); the numbers of updateNumbers, [1] each. With an averageDecay also `average`.
 * Outputs: `next.<input>` for parameters, states and average. Every use of such an input lies before its output, element by
 * element, so that the output may be written over it.
 * AdamW: Loshchilov and Hutter 2019, algorithm 2, as torch.optim.AdamW; SGD with (Nesterov) momentum as torch.optim.SGD.
 */
export function updateGraph(optimizer: Optimizer, { uniform, averageDecay = 0 }: UpdateOptions): Graph {
  const graph = new Graph(`update_${optimizer.name}`);
  const size = symbolic('n');
  const vector = (name: string, shape: Shape = [size]) => graph.input(name, 'float32', shape);
  const number = (name: string) => graph.input(name, 'float32', [1]);
  const parameters = vector('parameters');
  const scaleShape: Shape = [uniform ? 1 : size];
  const rate = op.Mul(vector('rate_scale', scaleShape), number('rate')); // [1] or [n]
  const decay = op.Mul(vector('decay_scale', scaleShape), graph.scalar(optimizer.weightDecay)); // [1] or [n]
  const flat: Flat = { parameters, gradients: vector('gradients'), rate, decay, vector, number };
  const next = optimizer.name === 'adamw' ? adamW(graph, optimizer, flat) : sgd(graph, optimizer, flat);
  graph.output('next.parameters', next);
  if (averageDecay > 0) {
    // In this form rounding moves no weight that stands still: of two shares that do not quite sum to 1 it would lose a little.
    const average = vector('average');
    graph.output('next.average', op.Add(average, op.Mul(op.Sub(next, average), graph.scalar(1 - averageDecay))));
  }
  return graph;
}

/**
 * The numbers that one step's update takes beside the vectors. `step` counts from 1; gradients count times
 * `gradientScale`, which clips them and undoes a loss scale.
 */
export function updateNumbers(
  optimizer: Optimizer,
  { step, rate, gradientScale }: { step: number; rate: number; gradientScale: number },
): Readonly<Record<string, number>> {
  // SGD's first step has no momentum yet.
  if (optimizer.name === 'sgd') return { rate, gradient_gain: gradientScale, momentum_gain: step === 1 ? 0 : 1 };
  const [beta1, beta2] = optimizer.betas;
  return {
    rate,
    m_gain: (1 - beta1) * gradientScale,
    v_gain: (1 - beta2) * gradientScale ** 2,
    m_correction: 1 / (1 - beta1 ** step),
    v_correction: 1 / Math.sqrt(1 - beta2 ** step),
  };
}

/** What gradients of the global norm `norm` are multiplied with to be clipped. */
export function clipFactor({ clipNorm }: Optimizer, norm: number): number {
  return clipNorm > 0 ? Math.min(1, clipNorm / (norm + 1e-12)) : 1;
}

interface Flat {
  readonly parameters: Value;
  readonly gradients: Value;
  /** The learning rate, and the weight decay, times their scales. */
  readonly rate: Value;
  readonly decay: Value;
  vector(name: string): Value;
  number(name: string): Value;
}

function adamW(graph: Graph, { betas, epsilon }: AdamW, { parameters, gradients: g, ...flat }: Flat): Value {
  const nextM = op.Add(op.Mul(flat.vector('m'), graph.scalar(betas[0])), op.Mul(g, flat.number('m_gain')));
  const squares = op.Mul(op.Mul(g, g), flat.number('v_gain'));
  const nextV = op.Add(op.Mul(flat.vector('v'), graph.scalar(betas[1])), squares);
  const denominator = op.Add(op.Mul(op.Sqrt(nextV), flat.number('v_correction')), graph.scalar(epsilon));
  graph.output('next.m', nextM);
  graph.output('next.v', nextV);
  const decayed = op.Mul(parameters, op.Sub(graph.scalar(1), op.Mul(flat.rate, flat.decay)));
  const length = op.Mul(flat.rate, flat.number('m_correction'));
  return op.Sub(decayed, op.Mul(op.Div(nextM, denominator), length));
}

function sgd(graph: Graph, { momentum, nesterov }: Sgd, { parameters, gradients, ...flat }: Flat): Value {
  const g = op.Add(op.Mul(gradients, flat.number('gradient_gain')), op.Mul(parameters, flat.decay));
  const kept = op.Mul(flat.number('momentum_gain'), graph.scalar(momentum)); // [1]
  const next = op.Add(op.Mul(flat.vector('momentum'), kept), g);
  graph.output('next.momentum', next);
  const direction = nesterov ? op.Add(g, op.Mul(next, graph.scalar(momentum))) : next;
  return op.Sub(parameters, op.Mul(direction, flat.rate));
}

/** `sum` [n] = `a` + `b`; may be written over either. With `squares` also the sum of its squares, `squares` [1]. */
export function sumGraph({ squares = false } = {}): Graph {
  const graph = new Graph('sum');
  const shape = [symbolic('n')];
  const sum = op.Add(graph.input('a', 'float32', shape), graph.input('b', 'float32', shape));
  graph.output('sum', sum);
  if (squares) graph.output('squares', sumOfSquares(sum));
  return graph;
}

/**
 * `squares` [1], the sum of the squares of `x` [size]. Of a large known size it is summed in stages of rows that are
 * independent of each other, since a device sums one row with few of its many threads.
 */
export function squaresGraph(size: Dim): Graph {
  const graph = new Graph('squares');
  const x = graph.input('x', 'float32', [size]);
  graph.output('squares', typeof size === 'number' ? staged(x, size) : sumOfSquares(x));
  return graph;
}

const rows = 256;

function staged(x: Value, size: number): Value {
  const width = Math.floor(size / rows ** 2);
  if (width < 2) return sumOfSquares(x);
  const even = rows ** 2 * width;
  const body = op.Reshape(op.Slice(x, 0, 0, even), [rows, rows, width]);
  const total = op.ReduceSum(op.ReduceSum(op.ReduceSum(op.Mul(body, body), [2]), [1]), [0], true); // [1]
  return even === size ? total : op.Add(total, sumOfSquares(op.Slice(x, 0, even, size)));
}

function sumOfSquares(x: Value): Value {
  return op.ReduceSum(op.Mul(x, x), [0], true);
}
