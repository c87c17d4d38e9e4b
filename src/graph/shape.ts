// Shapes with unknowns: a dimension is a whole number, or a multiple of named sizes that are known only when the graph
// runs (the clips of a batch, the frames of a clip). One graph then serves every mix of videos and images.

/** `factor` × the size called `symbol` (or the product of several, "clips·frames"): 196·clips tokens, for example. */
export interface SymbolicDim {
  readonly symbol: string;
  readonly factor: number;
}
export type Dim = number | SymbolicDim;
export type Shape = readonly Dim[];

export function symbolic(symbol: string, factor = 1): SymbolicDim {
  return { symbol, factor };
}

export function sameDim(a: Dim, b: Dim): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  return a.symbol === b.symbol && a.factor === b.factor;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => sameDim(dim, b[i]!));
}

export function multiply(a: Dim, b: Dim): Dim {
  if (typeof a === 'number') return typeof b === 'number' ? a * b : a === 0 ? 0 : symbolic(b.symbol, a * b.factor);
  if (typeof b === 'number') return multiply(b, a);
  const symbols = [...a.symbol.split('·'), ...b.symbol.split('·')].sort();
  return symbolic(symbols.join('·'), a.factor * b.factor);
}

/** Number of elements. */
export function sizeOf(shape: Shape): Dim {
  return shape.reduce<Dim>((size, dim) => multiply(size, dim), 1);
}

/** The sum of two dimensions, for Concat. A sum with two unknown parts is an unknown of its own, named by its parts. */
export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a !== 'number' && typeof b !== 'number' && a.symbol === b.symbol)
    return symbolic(a.symbol, a.factor + b.factor);
  return symbolic(`(${formatDim(a)}+${formatDim(b)})`.replaceAll('·', '*'));
}

/** `size` as a number; throws where it is only known at run time. */
export function known(size: Dim): number {
  if (typeof size === 'number') return size;
  throw new Error(`${formatDim(size)} is known only when the graph runs.`);
}

/** The shape two operands broadcast to (NumPy's rules), or undefined where they do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (sameDim(x, y) || y === 1) shape.push(x);
    else if (x === 1) shape.push(y);
    else return undefined;
  }
  return shape;
}

/**
 * The target of an ONNX Reshape of `from` to `to`: numbers, 0 where an unknown dimension stays at its place, −1 for one
 * other unknown dimension. Undefined where ONNX cannot say it.
 */
export function reshapeTarget(from: Shape, to: Shape): bigint[] | undefined {
  const stays = (dim: Dim, i: number) => from[i] !== undefined && sameDim(dim, from[i]);
  const unknown = to.filter((dim) => typeof dim !== 'number');
  if (unknown.length <= 1) return to.map((dim) => (typeof dim === 'number' ? BigInt(dim) : -1n));
  let moved = 0;
  const target = to.map((dim, i) => {
    if (typeof dim === 'number') return BigInt(dim);
    if (stays(dim, i)) return 0n;
    moved++;
    return -1n;
  });
  return moved <= 1 ? target : undefined;
}

export function formatDim(dim: Dim): string {
  if (typeof dim === 'number') return String(dim);
  return dim.factor === 1 ? dim.symbol : `${dim.factor}·${dim.symbol}`;
}

export function formatShape(shape: Shape): string {
  return `[${shape.map(formatDim).join(', ')}]`;
}
