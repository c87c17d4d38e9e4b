// From "these belong together" to what is told: the leaks first, then copies with two labels, then the rest.

import type { Sample } from '../protocol/datasets.ts';
import type { DuplicatesReport, Evidence, Finding } from '../protocol/duplicates.ts';

/** Samples that are copies of one another, or of one source. */
export interface Together {
  readonly evidence: Evidence;
  readonly distance: number | null;
  readonly detail: string;
  readonly samples: readonly Sample[];
}

export const evidences: readonly Evidence[] = ['bytes', 'video', 'look', 'source'];
/** Findings that a report lists, and samples that a finding lists. */
const mostListed = 2000;
const mostSamples = 20;

export function isLeak({ samples }: Pick<Together, 'samples'>): boolean {
  return samples.some(({ split }) => split === 'train') && samples.some(({ split }) => split !== 'train');
}

/** Other parts of one video rightly have other labels. */
export function isConflict({ evidence, samples }: Pick<Together, 'evidence' | 'samples'>): boolean {
  if (evidence === 'source') return false;
  const labels = new Map<string, string>();
  return samples.some(({ dataset, label }) => {
    const known = labels.get(dataset);
    labels.set(dataset, label);
    return known !== undefined && known !== label;
  });
}

/** One file that two datasets name in the same split (verbs and nouns of the same clips) is meant so. */
export function isByDesign({ samples }: Pick<Together, 'samples'>): boolean {
  const [first] = samples;
  const once = new Set(samples.map(({ dataset }) => dataset)).size === samples.length;
  return once && samples.every(({ file, split }) => file === first?.file && split === first.split);
}

/** Leaks first, weaker evidence later, then conflicts, then the rest; otherwise as they come. */
export function inOrder(found: readonly Together[]): Together[] {
  const rank = (one: Together) =>
    (isLeak(one) ? 0 : isConflict(one) ? 1 : 2) * evidences.length + evidences.indexOf(one.evidence);
  const ranked = found.map((one) => ({ one, rank: rank(one) }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ one }) => one);
}

/** A training sample as `leakedSamples` has it: one file may be listed in several splits. */
export function leakKey({ id, label }: Pick<Sample, 'id' | 'label'>): string {
  return `${id}\0${label}`;
}

/** Training samples that are also held out, with the strongest evidence. Other parts of one video are none. */
export function leakedSamples(found: readonly Together[]): Map<string, { dataset: string; evidence: Evidence }> {
  const leaked = new Map<string, { dataset: string; evidence: Evidence }>();
  for (const evidence of evidences) {
    if (evidence === 'source') continue;
    for (const one of found) {
      if (one.evidence !== evidence || !isLeak(one)) continue;
      for (const sample of one.samples)
        if (sample.split === 'train' && !leaked.has(leakKey(sample)))
          leaked.set(leakKey(sample), { dataset: sample.dataset, evidence });
    }
  }
  return leaked;
}

export function reportOf(
  found: readonly Together[],
  counts: { compared: number; unreadable: number },
): DuplicatesReport {
  const ordered = inOrder(found);
  const leaking: DuplicatesReport['leaking'] = {};
  for (const { dataset, evidence } of leakedSamples(ordered).values()) {
    const own = leaking[dataset] ?? {};
    leaking[dataset] = own;
    own[evidence] = (own[evidence] ?? 0) + 1;
  }
  return {
    ...counts,
    leaking,
    pairs: pairsOf(ordered),
    total: ordered.length,
    conflicts: ordered.filter(isConflict).length,
    findings: ordered.slice(0, mostListed).map(findingOf),
  };
}

export function findingOf(one: Together): Finding {
  const { evidence, distance, detail, samples } = one;
  const listed = samples.slice(0, mostSamples).map(({ id, dataset, split, label, file }) => {
    return { id, dataset, split, label, file };
  });
  return {
    ...{ evidence, distance, detail, leak: isLeak(one), conflict: isConflict(one) },
    ...{ size: samples.length, samples: listed },
  };
}

function pairsOf(found: readonly Together[]): DuplicatesReport['pairs'] {
  const pairs = new Map<string, DuplicatesReport['pairs'][number]>();
  for (const { evidence, samples } of found) {
    const splits = [...new Set(samples.map(({ dataset, split }) => `${dataset} ${split}`))];
    const combinations = splits.flatMap((from, i) => splits.slice(i + 1).map((to) => [from, to] as const));
    for (const [one, other] of combinations.length > 0 ? combinations : [[splits[0]!, splits[0]!] as const]) {
      const leak = one.endsWith(' train') !== other.endsWith(' train');
      // Training first; otherwise by name.
      const [from, to] = other.endsWith(' train') && leak ? [other, one] : [one, other];
      const key = `${evidence}\0${from}\0${to}`;
      const pair = pairs.get(key) ?? { leak, evidence, from, to, findings: 0 };
      pairs.set(key, pair);
      pair.findings++;
    }
  }
  return [...pairs.values()].sort((a, b) => Number(b.leak) - Number(a.leak) || b.findings - a.findings);
}
