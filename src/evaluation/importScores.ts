// Scores as mmaction2 and its like dump them, as JSON: a list with the scores of each sample, in the order of an annotation
// list ("path label" or "folder frames label" a line); or a list of objects with pred_score(s), gt_label(s) and a file name;
// or one object from sample to scores.
import { extname } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../base/errors.ts';
import { count, plural } from '../base/format.ts';
import { readingFailed } from '../data/entries.ts';
import { readLines, readText } from '../data/lines.ts';
import { badPredictions, type ImportedRow, type ImportedTable, isWhole } from './importedRow.ts';

const scores = z.array(z.number()).min(1);
/** mmaction2 1.x wraps what it dumps: {"item": …}. */
const wrapped = z.union([scores, z.object({ item: scores }).transform(({ item }) => item)]);
const one = z.union([z.number(), z.string()]);
const label = z.union([
  one,
  z.tuple([one]).transform(([value]) => value),
  z.object({ item: z.union([one, z.tuple([one]).transform(([value]) => value)]) }).transform(({ item }) => item),
]);
const dumped = z.object({
  pred_score: wrapped.optional(),
  pred_scores: wrapped.optional(),
  gt_label: label.optional(),
  gt_labels: label.optional(),
  filename: z.string().optional(),
  frame_dir: z.string().optional(),
  img_path: z.string().optional(),
});
const dumpSchema = z.union([z.array(scores), z.array(dumped), z.record(z.string(), scores)]);

interface Annotation {
  sample: string;
  label: string;
}

export async function readScores(file: string, annotations: string | undefined): Promise<ImportedTable> {
  let json: unknown;
  try {
    json = JSON.parse(await readText(file));
  } catch (error) {
    throw badPredictions(file, `it is no JSON (${messageOf(error)})`);
  }
  const parsed = dumpSchema.safeParse(json);
  if (!parsed.success)
    throw badPredictions(file, 'it is neither a list of scores, nor of objects with pred_score, nor scores by sample');
  const list = annotations === undefined ? undefined : await readAnnotations(annotations);
  const dump = parsed.data;
  if (list && Array.isArray(dump) && list.length !== dump.length)
    throw badPredictions(
      file,
      `it has the scores of ${plural(dump.length, 'sample')}, and ${annotations} names ${count(list.length)}`,
      'Give the list that the scores were made with.',
    );
  const labels = new Map(list?.map(({ sample, label }) => [sample, label]));
  const rows = Array.isArray(dump)
    ? dump.map((each, i) => rowOf(file, each, i, list?.[i]))
    : Object.entries(dump).map(([sample, each], i): ImportedRow => {
        return { sample, line: i + 1, truth: labels.get(sample), scores: Float32Array.from(each) };
      });
  return { rows, problems: [] };
}

function rowOf(
  file: string,
  each: z.infer<typeof scores> | z.infer<typeof dumped>,
  index: number,
  annotation: Annotation | undefined,
): ImportedRow {
  const line = index + 1;
  const object = Array.isArray(each) ? undefined : each;
  const values = Array.isArray(each) ? each : (each.pred_scores ?? each.pred_score);
  const sample = object?.filename ?? object?.frame_dir ?? object?.img_path ?? annotation?.sample;
  if (values === undefined) throw badPredictions(file, `entry ${line} has no pred_score`);
  if (sample === undefined)
    throw badPredictions(
      file,
      `entry ${line} does not name its sample`,
      'Give the annotation list that the scores were made with: --annotations LIST.txt.',
    );
  const truth = object?.gt_labels ?? object?.gt_label ?? annotation?.label;
  return { sample, line, truth, scores: Float32Array.from(values) };
}

/** Lines "path label" and "folder frames label"; paths may have spaces. */
async function readAnnotations(file: string): Promise<Annotation[]> {
  const found: Annotation[] = [];
  try {
    for await (const { number, text } of readLines(file)) {
      const [rest, label] = lastWord(text);
      if (label === '') continue;
      if (rest === '' || !isWhole(label)) throw badPredictions(file, `line ${number} is not "path label"`);
      // The number of frames, where what stands before it is a folder.
      const [folder, frames] = lastWord(rest);
      found.push({ sample: folder !== '' && isWhole(frames) && extname(folder) === '' ? folder : rest, label });
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const wanted = 'Name the list that the scores were made with, "path label" a line.';
    throw new UserError('bad-predictions', `${file} could not be read: ${readingFailed(error)}. ${wanted}`, file);
  }
  return found;
}

/** What stands before the last word of a line, and that word. */
function lastWord(text: string): [string, string] {
  const words = text.trim();
  const at = Math.max(words.lastIndexOf(' '), words.lastIndexOf('\t'));
  return [words.slice(0, Math.max(at, 0)).trim(), words.slice(at + 1)];
}
