// Puts the edits of a dataset's samples on the classes that a scan finds. A sample that is given another class keeps its split,
// so that an edit never moves samples between training and judging. A class that samples are moved to is held back until
// everything was read, since they may come from any other; all others go on at once, so memory does not grow with a dataset.
import type { Problem } from '../protocol/events.ts';
import type { Edits, SampleEdit } from './editsFile.ts';
import { quoted, type SplitName, warning } from './entries.ts';
import type { Seen } from './look.ts';
import { ProblemList } from './problemList.ts';
import { idPath } from './scannedClass.ts';

/** `path` inside the dataset, as in a sample's id. */
export interface SampleTags {
  path: string;
  tags: readonly string[];
}

export type FoundClass = { split: SplitName; label: string; seen: Seen[] };

/** The edits of one dataset. */
export interface DatasetEdits {
  /** cover.edits.jsonl, absolute. */
  file: string;
  /** By the path inside the dataset. */
  samples: ReadonlyMap<string, SampleEdit>;
}

/** The edits by dataset; those of datasets that are not in cover.json, and lines that cannot be read, are problems. */
export function editsByDataset(
  { file, samples, problems }: Edits,
  datasets: Iterable<string>,
): { edits: Map<string, DatasetEdits>; problems: Problem[] } {
  const own = new Map([...datasets].map((name) => [name, new Map<string, SampleEdit>()]));
  const wrong = new ProblemList();
  for (const problem of problems) wrong.add(problem);
  for (const [id, edit] of samples) {
    const slash = id.indexOf('/');
    const known = own.get(id.slice(0, slash));
    if (known) known.set(id.slice(slash + 1), edit);
    else {
      const told = `${quoted(id)} is edited here, but cover.json has no dataset ${quoted(id.slice(0, slash))}.`;
      wrong.add(warning(file, told, edit.line).problem);
    }
  }
  const edits = new Map([...own].map(([name, samples]) => [name, { file, samples }]));
  return { edits, problems: wrong.problems() };
}

export class AppliedEdits {
  private readonly targets: ReadonlySet<string>;
  private readonly held = new Map<string, FoundClass>();
  private readonly matched = new Set<string>();

  constructor(private readonly edits: DatasetEdits | undefined) {
    const labels = [...(edits?.samples.values() ?? [])].flatMap(({ label }) => (label === null ? [] : [label]));
    this.targets = new Set(labels);
  }

  /** The class as it is edited, if it can go on at once. */
  *apply(found: FoundClass): Generator<FoundClass> {
    const { samples } = this.edits ?? {};
    if (!samples || samples.size === 0) return yield found;
    const { split, label } = found;
    const staying = found.seen.filter((seen) => {
      const path = idPath(seen.sample);
      const edit = samples.get(path);
      if (!edit) return true;
      this.matched.add(path);
      if (edit.excluded) seen.excluded = true;
      if (edit.label === null || edit.label === label) return true;
      seen.was = label;
      this.hold(split, edit.label, [seen]);
      return false;
    });
    if (this.targets.has(label)) this.hold(split, label, staying);
    else if (staying.length > 0) yield { split, label, seen: staying };
  }

  /** The classes that were held back; call it when all have been found. */
  *rest(): Generator<FoundClass> {
    for (const [key, found] of this.held) {
      this.held.delete(key);
      yield found;
    }
  }

  /** Of the samples that were found; tags move none of them. */
  tags(): SampleTags[] {
    const tagged: SampleTags[] = [];
    for (const [path, { tags }] of this.edits?.samples ?? [])
      if (tags.length > 0 && this.matched.has(path)) tagged.push({ path, tags });
    return tagged;
  }

  /** Of edits whose sample was not found. */
  problems(): Problem[] {
    const { file, samples } = this.edits ?? {};
    if (file === undefined || !samples || this.matched.size === samples.size) return [];
    const lost = new ProblemList();
    for (const [path, { line }] of samples)
      if (!this.matched.has(path)) {
        const told = `${quoted(path)} is edited here, but the dataset has no such sample (any more). Delete this line, or bring the sample back.`;
        lost.add(warning(file, told, line).problem);
      }
    return lost.problems();
  }

  private hold(split: SplitName, label: string, seen: readonly Seen[]): void {
    if (seen.length === 0) return;
    const key = `${split}/${label}`;
    const known = this.held.get(key);
    if (!known) this.held.set(key, { split, label, seen: [...seen] });
    else for (const one of seen) known.seen.push(one);
  }
}
