// The findings of the last comparison as marks on the samples of one dataset, by kind: "leak: same bytes". Read as they are
// stored: whether a sample is still there, the index tells that they are joined with.
import type { Mark } from '../data/sampleTable.ts';
import { stampOf } from '../data/sampleTable.ts';
import type { Evidence } from '../protocol/duplicates.ts';
import { isConflict, isLeak } from './findings.ts';
import { fingerprintFile, readFingerprints } from './fingerprintFile.ts';

interface Row {
  finding: number;
  evidence: Evidence;
  id: string;
  dataset: string;
  split: string;
  label: string;
}

const words: Record<Evidence, string> = {
  bytes: 'same bytes',
  video: 'same part of a video',
  look: 'looks the same',
  source: 'another part of the same video',
};

/** What `Joined.marks` of the dataset page's table wants; undefined where nothing was compared yet. */
export function findingMarks(
  workspace: string,
  dataset: string,
): { stamp: string; read: () => Promise<readonly Mark[] | undefined> } {
  return { stamp: stampOf(fingerprintFile(workspace)), read: () => readMarks(workspace, dataset) };
}

async function readMarks(workspace: string, dataset: string): Promise<Mark[] | undefined> {
  const rows = await readFingerprints(workspace, (database) =>
    database.all<Row>(
      `SELECT finding, evidence, id, dataset, split, label FROM findings
       WHERE finding IN (SELECT finding FROM findings WHERE dataset = $dataset) ORDER BY finding, rowid`,
      { dataset },
    ),
  );
  if (!rows) return undefined;
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.finding) ?? [];
    groups.set(row.finding, group);
    group.push(row);
  }
  return [...groups.values()].flatMap((group) => {
    // Leaks and conflicts are told by split and label alone, which the rows have.
    const samples = group.map(({ id, split, label, dataset: name }) => ({
      ...{ id, split, label, dataset: name },
      ...{ file: '', kind: 'video' as const, start: null, end: null },
    }));
    const { evidence } = group[0]!;
    const kinds = [`${isLeak({ samples }) ? 'Leak' : 'Copy'}: ${words[evidence]}`];
    if (isConflict({ evidence, samples })) kinds.push('Copies with different labels');
    return group
      .filter((row) => row.dataset === dataset)
      .flatMap(({ id, split, label }) => kinds.map((kind) => ({ id, split, label, kind })));
  });
}
