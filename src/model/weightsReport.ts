// What became of every parameter of a model and every tensor of a source when one was loaded from the other: an event of
// the run, a file in its folder, and lines for a person.
import { plural } from '../base/format.ts';

export interface WeightsReport {
  /** The file, folder or Hub id, as it was named. */
  source: string;
  /** The layout's title. */
  layout: string;
  /** Our names. */
  loaded: string[];
  /** Loaded and fitted to other sizes; counted in `loaded` too. */
  resized: { name: string; from: string; to: string; how: string }[];
  /** Parameters the source has no tensor for, with what they start as. */
  initialised: { name: string; how: string }[];
  /** The source's tensors that nothing was made of, with the reason. */
  leftOver: { name: string; why: string }[];
  layerNormEpsilon: number;
  layerNormFrom: string;
  mean: number[];
  std: number[];
  normalisationFrom: string;
}

/** The report in a few lines; parameters of the blocks are told once for all blocks. */
export function weightsLines(report: WeightsReport): string[] {
  const { source, layout, loaded, resized, initialised, leftOver } = report;
  const lines = [`Weights of ${source}: ${layout}, ${plural(loaded.length, 'parameter')} loaded.`];
  for (const { name, from, to, how } of resized) lines.push(`  resized: ${name} from ${from} to ${to} (${how})`);
  for (const [how, names] of grouped(initialised.map(({ name, how }) => [how, name])))
    lines.push(`  newly initialised (${how}): ${listed(names)}`);
  for (const [why, names] of grouped(leftOver.map(({ name, why }) => [why, name])))
    lines.push(`  left over (${why}): ${listed(names)}`);
  lines.push(
    `  normalisation: mean ${numbers(report.mean)}, std ${numbers(report.std)} (${report.normalisationFrom}); ` +
      `layer norm eps ${report.layerNormEpsilon} (${report.layerNormFrom})`,
  );
  return lines;
}

function grouped(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, name] of pairs) groups.set(key, [...(groups.get(key) ?? []), name]);
  return groups;
}

/** "blocks.*.norm1.weight ×12, cls_token": at most eight kinds of names. */
function listed(names: readonly string[]): string {
  const kinds = new Map<string, number>();
  for (const name of names) {
    const kind = name.replace(/\.\d+\./, '.*.');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const told = [...kinds].slice(0, 8).map(([kind, count]) => (count > 1 ? `${kind} ×${count}` : kind));
  return told.join(', ') + (kinds.size > 8 ? `, … (${plural(names.length, 'tensor')} in all)` : '');
}

function numbers(values: readonly number[]): string {
  return values.every((value) => value === values[0]) ? String(values[0]) : values.join(' ');
}
