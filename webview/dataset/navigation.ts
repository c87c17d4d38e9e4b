// Where the person is on the dataset page: what the page remembers of itself, and how filters are changed.
import { z } from 'zod';
import { shown } from '../../src/base/shownText.ts';
import { predictionsOfSchema, type SampleFilters, sampleFiltersSchema } from '../../src/protocol/datasetQueries.ts';
import type { DatasetSnapshot } from '../../src/protocol/datasetView.ts';

/** Selected samples that are remembered. */
const mostRemembered = 2000;

export const navigationSchema = z.object({
  dataset: z.string(),
  filters: sampleFiltersSchema,
  predictions: predictionsOfSchema.optional(),
  /** Place of the first sample in view. */
  first: z.number().int().min(0),
  /** Place that the keyboard is at. */
  current: z.number().int().min(0),
  /** Ids. */
  selected: z.array(z.string()),
  /** Whether the plots are shown; absent: where there is room. */
  plots: z.boolean().optional(),
  /** Whether the classes show how they are split instead of how many there are. */
  shares: z.boolean(),
  /** What the host asked the page to begin with, done already: after a reload it asks again. */
  asked: z.string().optional(),
});
export type Navigation = z.infer<typeof navigationSchema>;

/**
 * Where to begin: where the person was, unless it was another dataset, or the host asks for something else that was not done
 * yet. `isGoal`: it is asked for just now, done before or not.
 */
export function startAt(snapshot: DatasetSnapshot, before?: Navigation, isGoal = false): Navigation {
  const { dataset, filters, predictions, choices } = snapshot;
  const start = { dataset: dataset.name, filters: {}, first: 0, current: 0, selected: [] };
  const fresh: Navigation = { ...start, shares: false, ...before };
  if (before && before.dataset !== dataset.name) Object.assign(fresh, start);
  const asked = JSON.stringify([dataset.name, filters, predictions]);
  const isAsked = (filters !== undefined || predictions !== undefined) && (isGoal || asked !== before?.asked);
  if (isAsked) Object.assign(fresh, { ...start, filters: filters ?? {}, ...(!isGoal && { asked }) });
  const chosen = (isAsked ? predictions : undefined) ?? fresh.predictions;
  const known = choices.some(({ run, heads }) => run === chosen?.run && heads.includes(chosen.head));
  const { predictions: _, ...rest } = fresh;
  return known && chosen ? { ...rest, predictions: chosen } : { ...rest, filters: withoutPredictions(rest.filters) };
}

export function toRemember(navigation: Navigation): Navigation {
  return { ...navigation, selected: navigation.selected.slice(0, mostRemembered) };
}

/** With one value of a list switched; `alone` makes it the only one, or none where it was that. */
export function toggled<T>(list: readonly T[] | undefined, value: T, alone: boolean): T[] | undefined {
  const same = (one: T) => JSON.stringify(one) === JSON.stringify(value);
  const has = list?.some(same) ?? false;
  if (alone) return has && list?.length === 1 ? undefined : [value];
  const next = has ? list!.filter((one) => !same(one)) : [...(list ?? []), value];
  return next.length > 0 ? next : undefined;
}

/** With one filter set, or lifted by undefined. */
export function withFilter<K extends keyof SampleFilters>(
  filters: SampleFilters,
  name: K,
  value: SampleFilters[K] | undefined,
): SampleFilters {
  const { [name]: _, ...others } = filters;
  return value === undefined ? (others as SampleFilters) : { ...filters, [name]: value };
}

export function withoutPredictions({
  predicted: _,
  correctness: __,
  confidence: ___,
  ...rest
}: SampleFilters): SampleFilters {
  return rest;
}

export interface Chip {
  name: keyof SampleFilters;
  text: string;
}

/** What stands beside the search field, each with a cross that lifts it. The text has its own field. */
export function chipsOf(filters: SampleFilters): Chip[] {
  const chips: Chip[] = [];
  const add = (name: Chip['name'], text: string | undefined) => text !== undefined && chips.push({ name, text });
  const { splits, labels, predicted, correctness, confidence, excluded, tags, findings, sizes, seconds } = filters;
  add('splits', splits && `split: ${listed(splits)}`);
  add('labels', labels && `class: ${listed(labels)}`);
  add('correctness', correctness && { correct: 'correct', wrong: 'wrong', none: 'not judged' }[correctness]);
  add('predicted', predicted && `predicted: ${listed(predicted)}`);
  add('confidence', confidence && `confidence: ${share(confidence[0])}–${share(confidence[1])} %`);
  add('excluded', excluded === undefined ? undefined : excluded ? 'excluded' : 'not excluded');
  add('tags', tags && `tag: ${shown(listed(tags))}`);
  add('findings', findings && listed(findings));
  add('sizes', sizes && `size: ${listed(sizes.map(([width, height]) => `${width} × ${height}`))}`);
  add('seconds', seconds && `length: ${seconds[0]}${seconds[1] === null ? ' s and more' : `–${seconds[1]} s`}`);
  return chips;
}

function share(value: number): string {
  return String(Math.round(value * 100));
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 2).join(', ');
  return names.length > 2 ? `${shown} +${names.length - 2}` : shown;
}
