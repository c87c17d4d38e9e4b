// The findings of the last comparison of all datasets, kept for warnings: in the Problems panel, in the index's report, and
// before a training. A sample that was removed, excluded, or whose file changed since is left out.
import { plural } from '../base/format.ts';
import { readSamples } from '../data/datasetIndex.ts';
import { stateOf } from '../data/fileState.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { Evidence } from '../protocol/duplicates.ts';
import type { Problem } from '../protocol/events.ts';
import { inOrder, isConflict, isLeak, leakedSamples, type Together } from './findings.ts';
import { readFingerprints, writeFingerprints } from './fingerprintFile.ts';

export function storeFindings(workspace: string, found: readonly Together[]): Promise<void> {
  const rows = found.flatMap((one, finding) =>
    one.samples.map((sample) => ({ ...one, finding, sample, ...stateOf(sample) })),
  );
  return writeFingerprints(workspace, async (database) => {
    await database.run('DELETE FROM findings');
    await database.append('findings', {
      finding: rows.map(({ finding }) => finding),
      evidence: rows.map(({ evidence }) => evidence),
      distance: rows.map(({ distance }) => distance),
      detail: rows.map(({ detail }) => detail),
      id: rows.map(({ sample }) => sample.id),
      dataset: rows.map(({ sample }) => sample.dataset),
      split: rows.map(({ sample }) => sample.split),
      label: rows.map(({ sample }) => sample.label),
      file: rows.map(({ sample }) => sample.file),
      size: rows.map(({ size }) => size ?? null),
      mtime: rows.map(({ mtime }) => mtime ?? null),
    });
  });
}

interface Row {
  finding: number;
  evidence: Evidence;
  distance: number | null;
  detail: string;
  id: string;
  dataset: string;
  split: string;
  label: string;
  size: number | null;
  mtime: number | null;
}

/** What still holds of the last findings, leaks first; none where nothing was compared yet. */
export async function knownFindings(workspace: string): Promise<Together[]> {
  const rows =
    (await readFingerprints(workspace, (database) =>
      database.all<Row>('SELECT * EXCLUDE (file) FROM findings ORDER BY finding, rowid'),
    )) ?? [];
  const samples = new Map<string, Sample>();
  const keyOf = ({ id, split, label }: Pick<Sample, 'id' | 'split' | 'label'>) => `${id}\0${split}\0${label}`;
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
