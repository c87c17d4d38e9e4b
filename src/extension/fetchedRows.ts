// The rows of the Datasets tree as they were fetched at one time: what the editor is answered with, and what newer ones are compared
// with. Pure: it knows no editor.
import type { IndexedSample } from '../protocol/datasets.ts';
import { type Node, nodeId } from './datasetNodes.ts';

/** Problems of samples' files. */
export interface Marks {
  /** By file: what is wrong. */
  files: Map<string, string>;
  /** By dataset, split and class: how many. */
  classes: Map<string, number>;
}

export class FetchedRows {
  /** By the id of the row above them; the empty one: the datasets. */
  readonly children = new Map<string, Node[]>();
  /** Ids whose children the editor asked for. */
  readonly asked = new Set<string>();
  /** Samples of a class, page after page, by its id. */
  samples = new Map<string, IndexedSample[]>();
  marks: Promise<Marks> | undefined;
  /** What was asked for rows that are not shown any more is not waited for. */
  readonly asking = new AbortController();

  /** Whether they say what those before them say. */
  isLike(before: FetchedRows): boolean {
    for (const [id, children] of this.children)
      if (JSON.stringify(children) !== JSON.stringify(before.children.get(id))) return false;
    return true;
  }

  /** These stay, since `newer` ones are like them; what is fetched from now on goes with those. */
  goOnWith({ samples, marks }: FetchedRows): void {
    this.samples = samples;
    this.marks = marks;
  }

  /** Rows that were open once are not fetched for ever. */
  forgetAllBut(asked: ReadonlySet<string>): void {
    for (const id of this.children.keys()) {
      if (asked.has(id)) continue;
      this.children.delete(id);
      this.samples.delete(id);
    }
  }

  /** A row's children are others now. */
  forget(id: string): void {
    for (const child of this.children.get(id) ?? []) this.children.delete(nodeId(child));
    this.children.delete(id);
  }
}
