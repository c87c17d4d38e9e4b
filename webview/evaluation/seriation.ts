// An order of classes in which those that are confused with each other stand side by side: average-linkage clustering of the
// symmetrised confusions, and the tree's leaves turned so that neighbours are as alike as can be. Deterministic; about n² work.

interface Tree {
  leaves: number[];
  /** The two that it was joined from; absent for a leaf. */
  parts?: readonly [Tree, Tree];
  /** All mistakes between its classes and with others. */
  mistakes: number;
}

/** Place → class, for a row-major matrix of `n` × `n` counts. Clusters with more mistakes come first; classes without any last. */
export function similarOrder(values: ArrayLike<number>, n: number): number[] {
  const alike = similarities(values, n);
  const roots = joined(alike, n);
  const mistakes = (tree: Tree) => tree.mistakes;
  roots.sort((a, b) => mistakes(b) - mistakes(a) || a.leaves[0]! - b.leaves[0]!);
  return roots.flatMap((tree) => turned(tree, alike, n));
}

/**
 * How much two classes are taken for each other, both ways: the shares of either's samples that were called the other.
 * Shares, so that a class of many samples does not draw all others to it.
 */
function similarities(values: ArrayLike<number>, n: number): Float32Array {
  const alike = new Float32Array(n * n);
  for (let a = 0; a < n; a++) {
    let sum = 0;
    for (let b = 0; b < n; b++) sum += Math.abs(values[a * n + b]!);
    if (sum === 0) continue;
    for (let b = 0; b < n; b++) {
      const times = Math.abs(values[a * n + b]!);
      if (times === 0 || a === b) continue;
      alike[a * n + b]! += times / sum;
      alike[b * n + a]! += times / sum;
    }
  }
  return alike;
}

/** Follows chains of nearest neighbours and joins those that are each other's nearest, until no two clusters are confused. */
function joined(alike: Float32Array, n: number): Tree[] {
  const between = alike.slice();
  const trees: (Tree | undefined)[] = Array.from({ length: n }, (_, leaf) => {
    let mistakes = 0;
    for (let b = 0; b < n; b++) mistakes += alike[leaf * n + b]!;
    return { leaves: [leaf], mistakes };
  });
  const done: Tree[] = [];
  const active = [...trees.keys()]; // a list, since it is walked for every join: a set takes twice the time
  const leave = (tree: number) => active.splice(active.indexOf(tree), 1);
  const chain: number[] = [];
  while (active.length > 0) {
    if (chain.length === 0) chain.push(active[0]!);
    const last = chain.at(-1)!;
    const before = chain.at(-2);
    // On a tie the one before stays nearest, so that chains end.
    let [next, best] = before === undefined ? [-1, 0] : [before, between[last * n + before]!];
    for (const other of active) {
      const value = between[last * n + other]!;
      if (other !== last && value > best) [next, best] = [other, value];
    }
    if (next < 0) {
      // Nothing left that it is confused with: it is whole.
      done.push(trees[last]!);
      leave(last);
      chain.pop();
      continue;
    }
    if (next !== before) {
      chain.push(next);
      continue;
    }
    chain.length -= 2;
    const [one, two] = [trees[Math.min(last, next)]!, trees[Math.max(last, next)]!];
    const [keep, gone] = [Math.min(last, next), Math.max(last, next)];
    const [w, v] = [one.leaves.length, two.leaves.length];
    for (const other of active) {
      if (other === keep || other === gone) continue;
      const mean = (w * between[keep * n + other]! + v * between[gone * n + other]!) / (w + v);
      between[keep * n + other] = mean;
      between[other * n + keep] = mean;
    }
    trees[keep] = { leaves: one.leaves.concat(two.leaves), parts: [one, two], mistakes: one.mistakes + two.mistakes };
    leave(gone);
  }
  return done;
}

/** The leaves in a good order: the parts of each join turned so that what meets is alike, from the leaves up. */
function turned(tree: Tree, alike: Float32Array, n: number): number[] {
  // A stack of its own: a chain of joins may be as deep as there are classes.
  const orders = new Map<Tree, number[]>();
  const stack: Tree[] = [tree];
  while (stack.length > 0) {
    const here = stack.at(-1)!;
    if (!here.parts) {
      orders.set(here, here.leaves);
      stack.pop();
      continue;
    }
    const waiting = here.parts.filter((part) => !orders.has(part));
    if (waiting.length > 0) {
      stack.push(...waiting);
      continue;
    }
    stack.pop();
    const [one, two] = here.parts.map((part) => orders.get(part)!) as [number[], number[]];
    for (const part of here.parts) orders.delete(part);
    orders.set(here, met(one, two, alike, n));
  }
  return orders.get(tree)!;
}

/** How far from where two parts meet their classes still count. */
const reach = 4;

function met(one: readonly number[], two: readonly number[], alike: Float32Array, n: number): number[] {
  let best: { value: number; order: number[] } | undefined;
  const [back, forth] = [one.toReversed(), two.toReversed()];
  for (const left of [one, back]) {
    for (const right of [two, forth]) {
      const value = touch(left, right, alike, n);
      if (!best || value > best.value + 1e-9) best = { value, order: [...left, ...right] };
    }
  }
  return best!.order;
}

/** How alike the end of one part is to the beginning of the other; what is nearer counts more. */
function touch(left: readonly number[], right: readonly number[], alike: Float32Array, n: number): number {
  let value = 0;
  for (let i = 0; i < Math.min(reach, left.length); i++) {
    for (let j = 0; j < Math.min(reach, right.length); j++)
      value += alike[left[left.length - 1 - i]! * n + right[j]!]! / (i + j + 1);
  }
  return value;
}
