// The page's fields: native controls in the editor's colours, each labelled, with what is wrong beneath it as one sentence.
import { useEffect, useId, useState } from 'preact/hooks';
import type { SettingPath, SettingProblem } from '../../src/protocol/trainPlan.ts';
import { isWithin, numberIn, problemAt, settingOf, valueAt } from './draft.ts';
import type { Form } from './form.ts';

interface FieldProps {
  form: Form;
  path: SettingPath;
  label: string;
  /** The label is for screen readers alone: a column's title says it. */
  quiet?: boolean;
}

/** What is wrong with a setting. */
export function Problem({ problem, id }: { problem: SettingProblem | undefined; id?: string }) {
  if (!problem) return null;
  return (
    <p class={`field-problem ${problem.severity === 'error' ? 'wrong' : 'warned'}`} id={id} role="status">
      {problem.message}
    </p>
  );
}

interface ShellProps extends FieldProps {
  children: (control: { id: string; title: string; 'aria-invalid'?: 'true'; 'aria-describedby'?: string }) => unknown;
  problem?: SettingProblem | undefined;
}

function Shell({ form, path, label, quiet = false, problem, children }: ShellProps) {
  const id = useId();
  const hint = form.plan.hints[path.join('.')] ?? '';
  const told = problem ?? problemAt(form.plan.problems, path);
  const wrong = told && ({ 'aria-invalid': 'true', 'aria-describedby': `${id}-problem` } as const);
  return (
    <div class="field">
      <label class={quiet ? 'sr-only' : 'field-label'} for={id} title={hint}>
        {label}
      </label>
      {children({ id, title: hint, ...wrong }) as never}
      <Problem problem={told} id={`${id}-problem`} />
    </div>
  );
}

/** What is typed stays as typed ("0.", "1e", a space at its end), while the draft has what it means. */
export function useTyped(value: unknown, meaning: (text: string) => unknown) {
  const [text, setText] = useState(textOf(value));
  useEffect(() => {
    if (meaning(text) !== value) setText(textOf(value));
  }, [value]);
  return [text, setText] as const;
}

/** A number; empty: the default, which shows in its place. */
export function NumberField(props: FieldProps & { unit?: string; deep?: boolean }) {
  const { form, path, unit, label } = props;
  const value = settingOf(form.draft, form.plan.base, path);
  const usual = valueAt(form.plan.settings, path);
  const [text, setText] = useTyped(value, numberIn);
  return (
    <Shell {...props}>
      {(control) => (
        <span class="with-unit">
          <input
            {...control}
            class="number-input"
            type="text"
            inputMode="decimal"
            data-testid={`field-${path.join('.')}`}
            value={text}
            placeholder={textOf(usual)}
            onInput={({ currentTarget }) => {
              setText(currentTarget.value);
              form.set(path, numberIn(currentTarget.value));
            }}
          />
          {unit && (
            <span class="dim" aria-hidden="true" title={label}>
              {unit}
            </span>
          )}
        </span>
      )}
    </Shell>
  );
}

function textOf(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

interface Option {
  value: string;
  text: string;
  title?: string;
}

export function SelectField(props: FieldProps & { options: readonly Option[] }) {
  const { form, path, options } = props;
  const written = settingOf(form.draft, form.plan.base, path);
  const value = String(written ?? valueAt(form.plan.settings, path) ?? options[0]?.value);
  return (
    <Shell {...props}>
      {(control) => (
        <Select
          {...control}
          testId={`field-${path.join('.')}`}
          value={value}
          options={options}
          onChange={(chosen) => form.set(path, chosen)}
        />
      )}
    </Shell>
  );
}

interface SelectProps {
  id?: string;
  title?: string;
  label?: string;
  testId: string;
  value: string;
  options: readonly (Option & { group?: string; disabled?: boolean })[];
  onChange: (value: string) => void;
}

/** One of a few, in groups where they have some. A value that is none of them shows as it is. */
export function Select({ options, value, onChange, testId, label, ...control }: SelectProps) {
  const all = options.some((option) => option.value === value) ? options : [{ value, text: value }, ...options];
  const groups = [...new Set(all.map(({ group }) => group))];
  const rows = (group: string | undefined) =>
    all
      .filter((option) => option.group === group)
      .map((option) => (
        <option key={option.value} value={option.value} disabled={option.disabled} title={option.title}>
          {option.text}
        </option>
      ));
  return (
    <select
      {...control}
      aria-label={label}
      data-testid={testId}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      {groups.map((group) =>
        group === undefined ? (
          rows(undefined)
        ) : (
          <optgroup key={group} label={group}>
            {rows(group)}
          </optgroup>
        ),
      )}
    </select>
  );
}

export function CheckField(props: FieldProps) {
  const { form, path, label } = props;
  const value = settingOf(form.draft, form.plan.base, path) ?? valueAt(form.plan.settings, path) ?? false;
  const problem = problemAt(form.plan.problems, path);
  return (
    <div class="field">
      <label class="check" title={form.plan.hints[path.join('.')]}>
        <input
          type="checkbox"
          data-testid={`field-${path.join('.')}`}
          checked={value === true}
          onChange={({ currentTarget }) => form.set(path, currentTarget.checked)}
        />
        {label}
      </label>
      <Problem problem={problem} />
    </div>
  );
}

/** The problems that no field on the page shows. */
export function unshown(problems: readonly SettingProblem[], shown: readonly SettingPath[]): SettingProblem[] {
  const deep: SettingPath[] = [['datasets'], ['datasetSampling']];
  return problems.filter(
    ({ path }) =>
      !shown.some((each) => each.length === path.length && isWithin(path, each)) &&
      !deep.some((each) => isWithin(path, each)),
  );
}
