// cover.edits.jsonl beside cover.json: what people changed of single samples, one JSON line a sample, sorted by id, so that Git
// shows and merges edits one by one. Annotation files are never touched. A line that cannot be read is a problem, and stays.
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { whileChanged, withClaim } from '../base/claim.ts';
import { systemCode, UserError } from '../base/errors.ts';
import { asTag, mostTags, sortedTags, wrongTag } from '../base/tags.ts';
import type { Problem } from '../protocol/events.ts';
import { failure, quoted, readingFailed } from './entries.ts';
import { byCodeUnit } from './folders.ts';
import { makeCoverFolder } from './indexFile.ts';
import { readLines } from './lines.ts';

/** What is changed of one sample. */
export interface SampleEdit {
  /** In no split. */
  excluded: boolean;
  /** Its class in place of the dataset's own; null: as the dataset says. */
  label: string | null;
  /** Words to find it by, each once, sorted. They change nothing of a training. */
  tags: readonly string[];
  /** Where it stands in the file; 0 for one that is not written yet. */
  line: number;
}

export interface Edits {
  /** Absolute. */
  file: string;
  /** By sample id, `<dataset>/<path inside it>`. */
  samples: Map<string, SampleEdit>;
  problems: Problem[];
}

const unwritableCode = 'edits-unwritable';

export const editsName = 'cover.edits.jsonl';

export function editsFile(workspace: string): string {
  return join(resolve(workspace), editsName);
}

const lineSchema = z.strictObject({
  id: z.string().regex(/^[^/]+\/./s, 'should be "<dataset>/<path>"'),
  excluded: z.literal(true).optional(),
  label: z.string().min(1).optional(),
  tags: z.array(z.string()).optional(),
});

/** The edits of a workspace; none where there is no such file. Throws UserError `edits-unreadable`. */
export async function readEdits(workspace: string, signal?: AbortSignal): Promise<Edits> {
  const { file, samples, problems } = await read(workspace, signal);
  return { file, samples, problems };
}

/**
 * Reads the file, has `change` change the edits in place, and writes them back, sorted: one process at a time, so that no edit
 * is lost. Lines that could not be read stay behind the one that they stood behind. An edit that says nothing is dropped, and
 * a file without a line removed. Throws UserError `edits-busy`, `edits-unreadable`, `edits-unwritable`.
 */
export async function changeEdits(
  workspace: string,
  change: (samples: Map<string, SampleEdit>) => Promise<void> | void,
): Promise<void> {
  const file = editsFile(workspace);
  const taken = () =>
    new UserError(
      'edits-busy',
      `Another process has been writing ${file} for long. Wait for it, and edit again.`,
      file,
    );
  const claim = { file: join(await makeCoverFolder(workspace), 'edits.claim'), taken, ...whileChanged };
  await withClaim({ ...claim, unwritableCode }, () => rewrite(workspace, change));
}

async function rewrite(
  workspace: string,
  change: (samples: Map<string, SampleEdit>) => Promise<void> | void,
): Promise<void> {
  const { file, samples, bad } = await read(workspace);
  await change(samples);
  const lines = [...(bad.get('') ?? [])];
  for (const id of [...new Set([...samples.keys(), ...bad.keys()])].sort(byCodeUnit)) {
    const edit = samples.get(id);
    if (edit && (edit.excluded || edit.label !== null || edit.tags.length > 0)) lines.push(lineOf(id, edit));
    if (id !== '') for (const line of bad.get(id) ?? []) lines.push(line);
  }
  if (lines.length === 0) await rm(file, { force: true });
  else await writeFileAtomic(file, pieces(lines), unwritableCode);
}

async function read(workspace: string, signal?: AbortSignal): Promise<Edits & { bad: Map<string, string[]> }> {
  const file = editsFile(workspace);
  const samples = new Map<string, SampleEdit>();
  const problems: Problem[] = [];
  /** Lines that cannot be read, by the id of the line before. */
  const bad = new Map<string, string[]>();
  let before = '';
  try {
    for await (const { number: line, text } of readLines(file, signal)) {
      if (text.trim() === '') continue;
      const found = parse(text, samples);
      if (typeof found === 'string') {
        problems.push(failure(file, `${found} This line is left out; mend it, or delete it.`, line).problem);
        const known = bad.get(before) ?? [];
        bad.set(before, [...known, text]);
      } else {
        const { excluded = false, label = null, tags = [] } = found;
        samples.set(found.id, { excluded, label, tags, line });
        before = found.id;
      }
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    if (systemCode(error) !== 'ENOENT')
      throw new UserError('edits-unreadable', `${file} could not be read: ${readingFailed(error)}. Mend it.`, file);
  }
  return { file, samples, problems, bad };
}

/** A line's edit, or a sentence that tells what is wrong with it. */
function parse(text: string, known: ReadonlyMap<string, SampleEdit>): z.infer<typeof lineSchema> | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `${quoted(text)} is no JSON object such as {"id":"clips/a.mp4","excluded":true}.`;
  }
  const { success, data, error } = lineSchema.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    const key = issue?.path.join('.');
    return `${key ? `"${key}": ` : ''}${issue?.message ?? 'it is no edit'}.`;
  }
  const label = data.label?.normalize('NFC').trim();
  if (label === '') return '"label" is empty.';
  const tags = sortedTags((data.tags ?? []).map(asTag));
  const wrong = tags.map(wrongTag).find((told) => told !== undefined);
  if (wrong !== undefined) return `"tags": ${wrong}`;
  if (tags.length > mostTags) return `"tags": A sample has at most ${mostTags} tags; here are ${tags.length}.`;
  if (!data.excluded && label === undefined && tags.length === 0)
    return `${quoted(data.id)}: none of "excluded", "label" and "tags" stands here.`;
  const earlier = known.get(data.id);
  if (earlier) return `${quoted(data.id)} stands in line ${earlier.line} already.`;
  return { ...data, ...(label !== undefined && { label }), tags };
}

function lineOf(id: string, { excluded, label, tags }: SampleEdit): string {
  return JSON.stringify({
    id,
    ...(excluded && { excluded }),
    ...(label !== null && { label }),
    ...(tags.length > 0 && { tags }),
  });
}

function* pieces(lines: readonly string[]): Generator<string> {
  for (let start = 0; start < lines.length; start += 4096) yield `${lines.slice(start, start + 4096).join('\n')}\n`;
}
