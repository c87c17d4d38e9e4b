// Samples put together pair by pair.

/** Union-find over 0 … n − 1. */
export class Groups {
  private readonly parent: Uint32Array;

  constructor(n: number) {
    this.parent = Uint32Array.from({ length: n }, (_, i) => i);
  }

  join(a: number, b: number): void {
    this.parent[this.root(a)] = this.root(b);
  }

  root(a: number): number {
    let at = a;
    while (this.parent[at] !== at) {
      this.parent[at] = this.parent[this.parent[at]!]!;
      at = this.parent[at]!;
    }
    return at;
  }
}

/** Groups of two and more. `linked` tells of two items whether they belong together; chains do too. */
export function linkedGroups<T>(items: readonly T[], linked: (a: T, b: T) => boolean): T[][] {
  const groups = new Groups(items.length);
  for (let b = 1; b < items.length; b++)
    for (let a = 0; a < b; a++)
      if (groups.root(a) !== groups.root(b) && linked(items[a]!, items[b]!)) groups.join(a, b);
  return [...groupBy(items.keys(), (i) => groups.root(i)).values()]
    .filter((group) => group.length > 1)
    .map((group) => group.map((i) => items[i]!));
}

export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K | undefined): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
