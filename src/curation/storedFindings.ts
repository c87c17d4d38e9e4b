// The findings of the last comparison of all datasets, kept for warnings: in the Problems panel, in the index's report, and
// before a training. A sample that was removed, excluded, or whose file changed since is left out;
// of one that could not be compared the last time, since its disk was away, what was found before stays.
import { plural } from '../base/format.ts';
import { readSamples } from '../data/datasetIndex.ts';
import { stateOf } from '../data/fileState.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { Evidence } from '../protocol/duplicates.ts';
import type { Problem } from '../protocol/events.ts';
import { inOrder, isConflict, isLeak, leakedSamples, type Together } from './findings.ts';
import { readFingerprints, writeFingerprints } from './fingerprintFile.ts';
import { groupBy } from './groups.ts';

/** `absent` are samples of the index that could not be compared: the earlier findings that they are in are kept. */
export function storeFindings(
  workspace: string,
  found: readonly Together[],
  absent: readonly Sample[] = [],
): Promise<void> {
  return writeFingerprints(workspace, async (database) => {
    const before = absent.length === 0 ? [] : await database.all<Row>(allRows);
    const kept = findingsWith(absent, before);
    const fresh = notAmong(kept, found).map((one) => one.samples.map((sample) => rowOf(one, sample)));
    const rows = [...fresh, ...kept].flatMap((own, finding) => own.map((row) => ({ ...row, finding })));
    await database.run('DELETE FROM findings');
    await database.append('findings', {
      finding: rows.map(({ finding }) => finding),
      evidence: rows.map(({ evidence }) => evidence),
      distance: rows.map(({ distance }) => distance),
      detail: rows.map(({ detail }) => detail),
      id: rows.map(({ id }) => id),
      dataset: rows.map(({ dataset }) => dataset),
      split: rows.map(({ split }) => split),
      label: rows.map(({ label }) => label),
      file: rows.map(({ file }) => file),
      size: rows.map(({ size }) => size),
      mtime: rows.map(({ mtime }) => mtime),
    });
  });
}

const allRows = 'SELECT * FROM findings ORDER BY finding, rowid';

interface Row {
  finding: number;
  evidence: Evidence;
  distance: number | null;
  detail: string;
  id: string;
  dataset: string;
  split: string;
  label: string;
  file: string;
  size: number | null;
  mtime: number | null;
}

function rowOf({ evidence, distance, detail }: Together, sample: Sample): Omit<Row, 'finding'> {
  const { id, dataset, split, label, file } = sample;
  const { size = null, mtime = null } = stateOf(sample) ?? {};
  return { evidence, distance, detail, id, dataset, split, label, file, size, mtime };
}

/** One file may be listed in several splits. */
function keyOf({ id, split, label }: Pick<Sample, 'id' | 'split' | 'label'>): string {
  return `${id}\0${split}\0${label}`;
}

function findingsWith(samples: readonly Sample[], rows: readonly Row[]): Row[][] {
  const wanted = new Set(samples.map(keyOf));
  return [...groupBy(rows, ({ finding }) => finding).values()].filter((own) =>
    own.some((row) => wanted.has(keyOf(row))),
  );
}

/** Without what says, by the same evidence, nothing but a part of what a kept finding says. */
function notAmong(kept: readonly Row[][], found: readonly Together[]): readonly Together[] {
  const known = groupBy(kept.flat(), (row) => `${row.evidence}\0${keyOf(row)}`);
  return found.filter(({ evidence, samples }) => {
    const [first, ...others] = samples.map((sample) => {
      const rows = known.get(`${evidence}\0${keyOf(sample)}`) ?? [];
      return new Set(rows.map(({ finding }) => finding));
    });
    return ![...first!].some((finding) => others.every((findings) => findings.has(finding)));
  });
}

/** What still holds of the last findings, leaks first; none where nothing was compared yet. */
export async function knownFindings(workspace: string): Promise<Together[]> {
  const rows = (await readFingerprints(workspace, (database) => database.all<Row>(allRows))) ?? [];
  const samples = new Map<string, Sample>();
  for (const dataset of new Set(rows.map((row) => row.dataset)))
    for (const sample of await readSamples(workspace, dataset)) samples.set(keyOf(sample), sample);
  const found = new Map<number, Omit<Together, 'samples'> & { samples: Sample[] }>();
  for (const row of rows) {
    const sample = samples.get(keyOf(row));
    const state = sample && stateOf(sample);
    if (!state || state.size !== row.size || state.mtime !== row.mtime) continue;
    const { evidence, distance, detail } = row;
    const one = found.get(row.finding) ?? { evidence, distance, detail, samples: [] };
    found.set(row.finding, one);
    one.samples.push(sample);
  }
  return inOrder([...found.values()].filter((one) => one.samples.length > 1));
}

/** More findings of a dataset than this are told as a number. */
const mostTold = 500;

/** Warnings for the Problems panel: every leak and every conflict of labels, and how many other copies there are. */
export async function duplicateProblems(workspace: string): Promise<Problem[]> {
  const found = await knownFindings(workspace);
  const problems: Problem[] = [];
  const told = new Map<string, number>();
  const more = new Map<string, { file: string; findings: number }>();
  for (const one of found) {
    const { file, dataset } = about(one);
    const number = told.get(dataset) ?? 0;
    const worthTelling = (isLeak(one) && one.evidence !== 'source') || isConflict(one);
    if (worthTelling && number < mostTold) {
      told.set(dataset, number + 1);
      problems.push({ severity: 'warning', file, dataset, message: messageOf(one) });
    } else {
      const rest = more.get(dataset) ?? { file, findings: 0 };
      more.set(dataset, { ...rest, findings: rest.findings + 1 });
    }
  }
  for (const [dataset, { file, findings }] of more) {
    const message = `${plural(findings, 'further group')} of copies or of parts of one video with samples of "${dataset}": "cover duplicates" lists them.`;
    problems.push({ severity: 'warning', file, dataset, message });
  }
  return problems;
}

/** The sample to mend: a training one, since the others are what results are compared by. */
function about({ samples }: Together): Sample {
  return samples.find(({ split }) => split === 'train') ?? samples[0]!;
}

function messageOf(one: Together): string {
  const own = about(one);
  const others = one.samples.filter((sample) => sample !== own);
  const leaks = isLeak(one);
  const other =
    (leaks ? others.find(({ split }) => split !== 'train') : undefined) ??
    others.find(({ dataset, label }) => dataset === own.dataset && label !== own.label) ??
    others[0]!;
  const rest = others.length > 1 ? ` and ${plural(others.length - 1, 'more sample')}` : '';
  const labels = isConflict(one)
    ? ` Their labels differ: ${[...new Set(one.samples.map(({ label }) => `"${label}"`))].join(', ')}.`
    : '';
  const what = `"${own.id}" (${own.split}) ${relation(one)} "${other.id}" (${other.split})${rest}.${labels}`;
  return leaks
    ? `Leak: ${what} Exclude one in cover.json, or set "leaks": "drop" in the experiment.`
    : `Duplicate: ${what} Exclude all but one in cover.json.`;
}

function relation({ evidence, distance, detail }: Together): string {
  if (evidence === 'bytes') return 'has the same bytes as';
  if (evidence === 'video') return `is the same part of ${detail} as`;
  if (evidence === 'source') return `is of ${detail}, as is`;
  const how = detail === '' ? '' : `, ${detail}`;
  return `looks the same (distance ${(distance ?? 0).toFixed(3)}${how}) as`;
}

/** One warning per dataset of `names` with training samples that are held out somewhere, as far as is known. */
export async function leakWarnings(workspace: string, file: string, names: readonly string[]): Promise<Problem[]> {
  const found = (await knownFindings(workspace)).map((one) => ({
    ...one,
    samples: one.samples.filter(({ dataset }) => names.includes(dataset)),
  }));
  const counts = new Map<string, number>();
  for (const { dataset } of leakedSamples(found).values()) counts.set(dataset, (counts.get(dataset) ?? 0) + 1);
  return [...counts].map(([dataset, number]) => ({
    severity: 'warning',
    file,
    dataset,
    message: `Also held out: ${plural(number, 'training sample')} of "${dataset}", so accuracies come out too high. "cover duplicates --only leaks" lists them; "leaks": "drop" in the experiment leaves them out.`,
  }));
}
