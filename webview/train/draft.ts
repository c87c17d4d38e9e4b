// Changing a draft: each setting is one edit by its keys, the last one counts. Pure.
import type { Draft, SettingEdit, SettingPath, SettingProblem } from '../../src/protocol/trainPlan.ts';

/** Sets a setting; undefined: as by default. What was set inside or around it before goes. */
export function withSetting(draft: Draft, path: SettingPath, value: unknown): Draft {
  const others = draft.edits.filter((edit) => !isWithin(edit.path, path));
  return { ...draft, edits: [...others, value === undefined ? { path } : { path, value }] };
}

/** As `withSetting`; what is as it is written is no change. */
export function changed(
  draft: Draft,
  base: Readonly<Record<string, unknown>>,
  path: SettingPath,
  value: unknown,
): Draft {
  const without = withoutEdit(draft, path);
  const asWritten = JSON.stringify(settingOf(without, base, path)) === JSON.stringify(value);
  return asWritten ? without : withSetting(draft, path, value);
}

/** As if a setting had never been touched. */
export function withoutEdit(draft: Draft, path: SettingPath): Draft {
  return { ...draft, edits: draft.edits.filter((edit) => !isWithin(edit.path, path)) };
}

export function withEdits(draft: Draft, edits: readonly SettingEdit[]): Draft {
  return edits.reduce((changed, { path, value }) => withSetting(changed, path, value), draft);
}

/** The setting as it would be written: as edited here, else as `base` has it, the experiment as it is written. */
export function settingOf(draft: Draft, base: Readonly<Record<string, unknown>>, path: SettingPath): unknown {
  const edit = draft.edits.findLast((each) => isWithin(path, each.path));
  if (!edit) return valueAt(base, path);
  return valueAt(edit.value, path.slice(edit.path.length));
}

/** What lies at a path of keys. */
export function valueAt(value: unknown, path: SettingPath): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** How many things are not saved. */
export function changesOf(draft: Draft): number {
  return draft.edits.length + Object.keys(draft.flips).length + (draft.device === undefined ? 0 : 1);
}

/** The worst problem of a setting, of what is inside it too where `deep`. */
export function problemAt(
  problems: readonly SettingProblem[],
  path: SettingPath,
  deep = false,
): SettingProblem | undefined {
  const own = problems.filter((problem) => (deep ? isWithin(problem.path, path) : isSame(problem.path, path)));
  return own.find(({ severity }) => severity === 'error') ?? own[0];
}

const inThousands = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/;

/**
 * "12" → 12; "0,5" → 0.5, but "1,000" is a thousand, as the pages print it. What is no number stays text, which is then told to be
 * wrong; nothing is undefined.
 */
export function numberIn(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const value = Number(inThousands.test(trimmed) ? trimmed.replaceAll(',', '') : trimmed.replace(',', '.'));
  return Number.isFinite(value) ? value : trimmed;
}

export function isWithin(path: SettingPath, owner: SettingPath): boolean {
  return owner.length <= path.length && owner.every((key, i) => path[i] === key);
}

function isSame(a: SettingPath, b: SettingPath): boolean {
  return a.length === b.length && isWithin(a, b);
}
