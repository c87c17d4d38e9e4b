// A draft as the words of `cover train`, where options can say all of it. Pure.
import type { Draft, TrainPlan } from '../protocol/trainPlan.ts';

/** As after `cover`; undefined where the draft has settings that no option names, so that it must be saved first. */
export function trainArguments(draft: Draft, plan: Pick<TrainPlan, 'name' | 'file'>): string[] | undefined {
  if (draft.template !== undefined || Object.keys(draft.flips).length > 0) return undefined;
  const words = ['train', ...(plan.file === null ? [] : ['--experiment', plan.name])];
  let device = draft.device;
  for (const { path, value } of draft.edits) {
    const key = path.join('.');
    const text = typeof value === 'string' ? value : undefined;
    if (key === 'datasets' && isNames(value)) words.push('--datasets', value.join(','));
    else if (key === 'model.preset' && text !== undefined) words.push('--preset', text);
    else if (key === 'model.weights' && text !== undefined) words.push('--weights', text);
    else if (key === 'device' && text !== undefined) device ??= text;
    else return undefined;
  }
  return [...words, ...(device === undefined ? [] : ['--device', device])];
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');
}
