// What is computed again on the way back instead of being kept from the way there: results that cost a pass or two over what
// the gradients read anyway. A value that is kept goes out to memory and comes back, which takes the CPU as long, and the
// products of matrices leave it no more memory to spare. What several gradients need is made once here.
import type { GraphNode, Value } from './graph.ts';
import * as op from './operators.ts';

/** `value` · `factor` is what was asked for; a product of matrices takes the factor for nothing. */
export interface Again {
  readonly value: Value;
  readonly factor: number;
}

const known = new WeakMap<Value, Again>();

/** x once more, where it is (a view of) the result of an operator whose own gradient has most of it; else undefined. */
export function again(x: Value): Again | undefined {
  const origin = x.producer?.op === 'Reshape' ? x.producer.inputs[0]! : x;
  const node = origin.producer;
  if (!node || origin !== node.outputs[0]) return undefined;
  const found = known.get(origin) ?? makers[node.op]?.(node);
  if (!found) return undefined;
  known.set(origin, found);
  return { value: op.Reshape(found.value, x.shape), factor: found.factor };
}

const makers: Readonly<Record<string, (node: GraphNode) => Again>> = {
  LayerNormalization: (node) => {
    const [, scale, bias] = node.inputs as [Value, Value, Value];
    return { value: op.Add(op.Mul(standardised(node), scale), bias), factor: 1 };
  },
  // x Φ(x) = z (1 + erf z)/√2
  Gelu: (node) => {
    const { z, onePlusErf } = geluParts(node.inputs[0]!);
    return { value: op.Mul(z, onePlusErf), factor: Math.SQRT1_2 };
  },
};

const standardisedInputs = new WeakMap<GraphNode, Value>();

/** A layer normalisation's input x less its mean, over its standard deviation. */
export function standardised(node: GraphNode): Value {
  const found = standardisedInputs.get(node);
  if (found) return found;
  const [, mean, inverse] = node.outputs as [Value, Value, Value];
  const made = op.Mul(op.Sub(node.inputs[0]!, mean), inverse);
  standardisedInputs.set(node, made);
  return made;
}

interface GeluParts {
  /** x/√2 */
  readonly z: Value;
  /** 1 + erf z, twice the Φ(x) of the normal distribution. */
  readonly onePlusErf: Value;
}

const geluPartsOf = new WeakMap<Value, GeluParts>();

/** Of a Gelu's operand x. */
export function geluParts(x: Value): GeluParts {
  const found = geluPartsOf.get(x);
  if (found) return found;
  const z = op.Mul(x, op.scalarOf(x, Math.SQRT1_2));
  const made = { z, onePlusErf: op.Add(op.Erf(z), op.scalarOf(x, 1)) };
  geluPartsOf.set(x, made);
  return made;
}
