// The order of a graph's nodes in the model file. onnxruntime does not run them in that order: it walks backwards from the
// results, depth first, and of several inputs takes the one made by the later node first (its Graph::ReverseDFSFrom, seen
// in the profile). A gradient graph left as it was built would so run the whole chain back to the pixels first and every
// weight's gradient after it, with all activations kept until then. Here is what makes it run them as soon as they can.
import type { Graph, GraphNode, Value } from './graph.ts';

/** The nodes that some output needs, in their order. */
export function liveNodes(graph: Graph): GraphNode[] {
  const live = new Set<GraphNode>();
  const pending = graph.outputs.flatMap(({ value }) => value.producer ?? []);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    for (const { producer } of node.inputs) if (producer && !live.has(producer)) pending.push(producer);
  }
  return graph.nodes.filter((node) => live.has(node));
}

/**
 * Reorders the nodes so that each of `results` is computed as soon as what it is made of exists, where `results` are listed
 * in the reverse of the order in which they become computable (parameters from the input's side to the output's, for
 * gradients). Nodes that serve one result alone go to the end, the first result's first.
 */
export function computeEarly(graph: Graph, results: readonly Value[]): void {
  const shared = Symbol('shared');
  const owner = new Map<GraphNode, Value | typeof shared>();
  const consumers = new Map<GraphNode, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const { producer } of node.inputs) {
      if (!producer) continue;
      const list = consumers.get(producer);
      if (list) list.push(node);
      else consumers.set(producer, [node]);
    }
  }
  const wanted = new Map(results.flatMap((value) => (value.producer ? [[value.producer, value] as const] : [])));
  const given = new Set(graph.outputs.map(({ value }) => value.producer));
  for (const node of [...graph.nodes].reverse()) {
    const owners = new Set((consumers.get(node) ?? []).flatMap((consumer) => owner.get(consumer) ?? []));
    const own = wanted.get(node);
    if (own) owners.add(own);
    if (given.has(node) && !own) owners.add(shared);
    const [only] = owners;
    if (only !== undefined) owner.set(node, owners.size === 1 ? only : shared);
  }
  const groups = new Map(results.map((value) => [value, [] as GraphNode[]]));
  const rest: GraphNode[] = [];
  const after: GraphNode[] = [];
  for (const node of graph.nodes) {
    const whose = owner.get(node);
    if (whose === undefined) after.push(node);
    else if (whose === shared) rest.push(node);
    else groups.get(whose)!.push(node);
  }
  graph.nodes.splice(0, graph.nodes.length, ...rest, ...[...groups.values()].flat(), ...after);
}
