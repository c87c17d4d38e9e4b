// The stages in their order: which there are, how long each is, and what it then comes to.
import { count, percent, plural } from '../../src/base/format.ts';
import type { PlannedStage } from '../../src/protocol/trainPlan.ts';
import { problemAt, settingOf, withoutEdit, withSetting } from './draft.ts';
import { NumberField, Problem, Select } from './fields.tsx';
import { type Form, type StageName, stageNames, stageTitles } from './form.ts';

const units = ['epochs', 'steps', 'samples', 'minutes'] as const;
type Unit = (typeof units)[number];

const meant: Record<StageName, string> = {
  imagePretraining: 'the non-temporal weights, on the images',
  coTraining: 'all weights, on batches mixed from every dataset',
  fineTuning: 'a last stage, for example of the heads alone',
};

export function StagesPart({ form }: { form: Form }) {
  return (
    <section class="panel part" aria-labelledby="part-stages">
      <div class="part-head">
        <h2 id="part-stages">3 Stages</h2>
        <span class="dim clip-text">{summary(form.plan.stages)}</span>
      </div>
      <div class="scroll-x">
        <table class="stages-table" data-testid="stages">
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">Length</th>
              <th scope="col">Batch</th>
              <th scope="col">Learning rate</th>
              <th scope="col">Trains</th>
              <th scope="col" class="number">
                Steps
              </th>
              <th scope="col" class="number">
                Samples
              </th>
            </tr>
          </thead>
          <tbody>
            {stageNames.map((name) => (
              <StageRow key={name} form={form} name={name} />
            ))}
          </tbody>
        </table>
      </div>
      {stageNames.map((name) => (
        <Problem key={name} problem={problemAt(form.plan.problems, [name])} />
      ))}
    </section>
  );
}

function StageRow({ form, name }: { form: Form; name: StageName }) {
  const { draft, plan } = form;
  const written = settingOf(draft, plan.base, [name]);
  const planned = plan.stages.find((stage) => stage.name === name);
  const wanted = name === 'fineTuning' ? written !== undefined : written !== false;
  // Stage 1 prepares stage 2, so it takes images and videos; where something must be mended, nobody knows yet.
  const needless = wanted && !planned && plan.needs !== null && name === 'imagePretraining';
  const on = wanted && !needless;
  const toggle = () => {
    // Switched back, it is as it was written.
    if (draft.edits.some(({ path }) => path.length === 1 && path[0] === name)) form.change(withoutEdit(draft, [name]));
    else form.set([name], on ? (name === 'fineTuning' ? undefined : false) : {});
  };
  return (
    <tr class={on ? '' : 'off'} data-testid={`stage-${name}`}>
      <td>
        <label class="check" title={needless ? 'Needs images beside the videos.' : meant[name]}>
          <input type="checkbox" checked={on} disabled={needless} onChange={toggle} />
          {stageTitles[name]}
        </label>
      </td>
      {on ? (
        <>
          <td>
            <Length form={form} name={name} />
          </td>
          <td>
            <NumberField form={form} path={[name, 'batchSize']} label={`Batch size of ${stageTitles[name]}`} quiet />
          </td>
          <td>
            <NumberField
              form={form}
              path={[name, 'optimizer', 'learningRate']}
              label={`Learning rate of ${stageTitles[name]}`}
              quiet
            />
          </td>
          <td>
            <TrainSelect form={form} name={name} />
          </td>
          <td class="number">{planned ? stepsText(planned) : '–'}</td>
          <td class="number" title={planned && sharesText(planned)}>
            {planned && planned.minutes === undefined ? count(planned.samples) : '–'}
          </td>
        </>
      ) : (
        <td colSpan={6} class="dim">
          {needless ? 'needs images beside the videos' : meant[name]}
        </td>
      )}
    </tr>
  );
}

function TrainSelect({ form, name }: { form: Form; name: StageName }) {
  const value = String(settingOf(form.draft, form.plan.base, [name, 'train']) ?? 'all');
  const options = [
    { value: 'all', text: name === 'imagePretraining' ? 'non-temporal' : 'all weights' },
    { value: 'heads', text: 'heads alone' },
  ];
  return (
    <Select
      testId={`train-${name}`}
      label={`What ${stageTitles[name]} trains`}
      value={value}
      options={options}
      onChange={(next) => form.set([name, 'train'], next === 'all' ? undefined : next)}
    />
  );
}

/** A number in one of three units: choosing another unit takes the old one away. */
function Length({ form, name }: { form: Form; name: StageName }) {
  const { draft, plan } = form;
  const unit = units.find((each) => settingOf(draft, plan.base, [name, each]) !== undefined) ?? 'epochs';
  const planned = plan.stages.find((stage) => stage.name === name);
  const change = (next: string) => {
    let changed = draft;
    for (const each of units)
      if (settingOf(draft, plan.base, [name, each]) !== undefined)
        changed = withSetting(changed, [name, each], undefined);
    const { epochs, steps, samples } = planned ?? {};
    const value = { epochs, steps, samples, minutes: planned && 10 }[next as Unit];
    form.change(value === undefined ? changed : withSetting(changed, [name, next], value));
  };
  return (
    <span class="with-unit">
      <NumberField
        key={unit}
        form={form}
        path={[name, unit]}
        label={`Length of ${stageTitles[name]} in ${unit}`}
        quiet
      />
      <Select
        testId={`unit-${name}`}
        label={`Unit of the length of ${stageTitles[name]}`}
        value={unit}
        options={units.map((value) => ({ value, text: value }))}
        onChange={change}
      />
    </span>
  );
}

/** Of a stage in minutes it is measured when it starts. */
function stepsText({ steps, minutes }: PlannedStage): string {
  return minutes === undefined ? count(steps) : 'as fit';
}

function summary(stages: readonly PlannedStage[]): string {
  if (stages.length === 0) return '';
  const steps = stages.reduce((sum, stage) => sum + stage.steps, 0);
  const order = stages.map(({ name }) => stageTitles[name as StageName].toLowerCase()).join(' → ');
  return stages.some(({ minutes }) => minutes !== undefined) ? order : `${order} · ${plural(steps, 'step')}`;
}

function sharesText({ samples, shares }: PlannedStage): string {
  return Object.entries(shares)
    .map(([name, share]) => `${name}: ${percent(share)}, about ${count(samples * share)}`)
    .join('\n');
}
