// What the experiments of runs say differently, setting by setting: the frozen ones, where every choice is made.
import { z } from 'zod';
import type { RunFolder } from '../runs/runFolder.ts';

export interface DifferentSetting {
  /** Its keys joined with dots; of a list's element that has a name, the name: `stages.coTraining.epochs`. */
  setting: string;
  /** One for each run, as JSON; null where a run has no such setting. */
  values: (string | null)[];
}

/** Of what was trained: an imported evaluation has no experiment, and is told from runs by that (`none`). */
export async function compareSettings(
  runs: readonly RunFolder[],
): Promise<{ settings: DifferentSetting[]; none: string[] }> {
  const read = await Promise.all(
    runs.map(async (run) => ({ id: run.id, experiment: await run.readExperiment(z.record(z.string(), z.unknown())) })),
  );
  const none = read.filter(({ experiment }) => 'evaluationOf' in experiment).map(({ id }) => id);
  return { settings: differences(read.map(({ experiment }) => experiment)), none };
}

/** Settings in the order in which the first experiment has them; the name of the experiment is not one. */
export function differences(experiments: readonly Readonly<Record<string, unknown>>[]): DifferentSetting[] {
  const flat = experiments.map(({ name: _, ...settings }) => new Map(leaves(settings, '')));
  const all = new Set(flat.flatMap((settings) => [...settings.keys()]));
  return [...all].flatMap((setting) => {
    const values = flat.map((settings) => settings.get(setting) ?? null);
    return values.every((value) => value === values[0]) ? [] : [{ setting, values }];
  });
}

function* leaves(value: unknown, path: string): Generator<[string, string]> {
  const below = (key: string) => (path === '' ? key : `${path}.${key}`);
  if (Array.isArray(value) && value.length > 0 && value.every(isNamed))
    for (const { name, ...rest } of value) yield* leaves(rest, below(name));
  // What a list holds otherwise belongs together: class names, a pair of betas.
  else if (typeof value === 'object' && value !== null && !Array.isArray(value))
    for (const [key, inner] of Object.entries(value)) yield* leaves(inner, below(key));
  else yield [path, JSON.stringify(value)];
}

function isNamed(value: unknown): value is { name: string } {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}
