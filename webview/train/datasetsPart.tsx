// The datasets with what each contributes: the bars are the shares that training draws by.
import { count, percent, plural } from '../../src/base/format.ts';
import type { PlannedDataset } from '../../src/protocol/trainPlan.ts';
import { seriesColor } from '../base/theme.ts';
import { Button } from '../base/toolkit.tsx';
import { numberIn, problemAt, settingOf, valueAt } from './draft.ts';
import { NumberField, Problem, Select, useTyped } from './fields.tsx';
import type { Form } from './form.ts';

const schemes = [
  { value: 'proportional', text: 'by size' },
  { value: 'uniform', text: 'all alike' },
  { value: 'sqrt', text: 'by the root of the size' },
  { value: 'temperature', text: 'by size, with a temperature' },
  { value: 'weights', text: 'by weights of my own' },
];

export function DatasetsPart({ form, onAdd }: { form: Form; onAdd: () => void }) {
  const { datasets, problems, hints } = form.plan;
  const sampling = settingOf(form.draft, form.plan.base, ['datasetSampling']);
  const scheme = schemeOf(sampling);
  // As it is ticked, not as it was last answered.
  const named = settingOf(form.draft, form.plan.base, ['datasets']);
  const isChosen = (name: string) => !Array.isArray(named) || named.includes(name);
  const choose = (name: string, chosen: boolean) => {
    const now = datasets.map((each) => each.name).filter((each) => (each === name ? chosen : isChosen(each)));
    // All of them is the default: a dataset added later then counts too.
    form.set(['datasets'], now.length === datasets.length ? undefined : now);
  };
  const setScheme = (next: string) => {
    if (next === 'temperature') form.set(['datasetSampling'], { temperature: 2 });
    else if (next === 'weights') {
      const shares = datasets
        .filter(({ name }) => isChosen(name))
        .map(({ name, share }) => [name, Number(share.toFixed(3))]);
      form.set(['datasetSampling'], { weights: Object.fromEntries(shares) });
    } else form.set(['datasetSampling'], next === 'proportional' ? undefined : next);
  };
  return (
    <section class="panel part" aria-labelledby="part-datasets">
      <div class="part-head">
        <h2 id="part-datasets">1 Datasets</h2>
        <span class="spread" />
        <span class="labelled" title={hints.datasetSampling}>
          <span class="dim" aria-hidden="true">
            drawn
          </span>
          <Select
            testId="sampling"
            label="How often each dataset is drawn"
            value={scheme}
            options={schemes}
            onChange={setScheme}
          />
        </span>
        {scheme === 'temperature' && (
          <NumberField form={form} path={['datasetSampling', 'temperature']} label="Temperature" quiet unit="T" />
        )}
      </div>
      {datasets.length === 0 ? (
        <p class="dim">
          There is no dataset yet.{' '}
          <button type="button" class="plain link" onClick={onAdd}>
            Add a dataset…
          </button>
        </p>
      ) : (
        <div class="scroll-x">
          <table class="datasets" data-testid="datasets">
            <thead>
              <tr>
                <th scope="col">Dataset</th>
                <th scope="col">Kind</th>
                <th scope="col" class="number" title="Samples trained on">
                  Train
                </th>
                <th scope="col" class="number" title="Samples that judge the model">
                  Held out
                </th>
                <th scope="col" class="number">
                  Classes
                </th>
                <th scope="col" class="share-column">
                  Share of what is drawn
                </th>
                {scheme === 'weights' && (
                  <th scope="col" class="number">
                    Weight
                  </th>
                )}
                <th scope="col" title={mirrorHint}>
                  Mirror
                </th>
              </tr>
            </thead>
            <tbody>
              {datasets.map((dataset, i) => (
                <Row
                  key={dataset.name}
                  form={form}
                  dataset={dataset}
                  chosen={isChosen(dataset.name)}
                  color={seriesColor(i)}
                  weighted={scheme === 'weights'}
                  onChoose={(chosen) => choose(dataset.name, chosen)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Problem problem={problemAt(problems, ['datasets'], true)} />
      <Problem problem={problemAt(problems, ['datasetSampling'], scheme !== 'temperature')} />
      {datasets.length > 0 && (
        <div class="part-foot">
          <Button onClick={onAdd} testId="add-dataset">
            Add dataset…
          </Button>
        </div>
      )}
    </section>
  );
}

const mirrorHint = 'Mirror half of the training samples. Leave off where direction is the label.';

interface RowProps {
  form: Form;
  dataset: PlannedDataset;
  chosen: boolean;
  color: string;
  weighted: boolean;
  onChoose: (chosen: boolean) => void;
}

function Row({ form, dataset, chosen, color, weighted, onChoose }: RowProps) {
  const { name, kind, samples, heldOut, classes, problems, share, directionSensitive } = dataset;
  const flip = Object.hasOwn(form.draft.flips, name) ? form.draft.flips[name]! : dataset.flip;
  return (
    <tr class={chosen ? '' : 'off'} data-testid={`dataset-${name}`} data-share={share.toFixed(6)}>
      <td>
        <label class="check">
          <input type="checkbox" checked={chosen} onChange={({ currentTarget }) => onChoose(currentTarget.checked)} />
          <span class="dot" style={{ color }} aria-hidden="true" />
          <span class="clip-text dataset-name" title={name}>
            {name}
          </span>
          {problems > 0 && (
            <span class="warned" title={`${plural(problems, 'problem')}: see the Problems panel`}>
              {count(problems)}
            </span>
          )}
        </label>
      </td>
      <td>{kind}</td>
      <td class="number">{count(samples)}</td>
      <td class="number">{heldOut > 0 ? count(heldOut) : <span title="Nothing judges it">–</span>}</td>
      <td class="number">{count(classes)}</td>
      <td>
        <div class="share">
          <div class="share-bar" aria-hidden="true">
            <div style={{ width: `${100 * share}%`, background: color }} />
          </div>
          <span class="number">{chosen && form.plan.stages.length > 0 ? percent(share) : '–'}</span>
        </div>
      </td>
      {weighted && (
        <td class="number">
          <WeightField form={form} name={name} />
        </td>
      )}
      <td>
        {directionSensitive ? (
          <span class="dim" title="Direction is the label here, so its samples are never mirrored.">
            never
          </span>
        ) : (
          <input
            type="checkbox"
            aria-label={`Mirror ${name}`}
            title={mirrorHint}
            checked={flip}
            onChange={({ currentTarget }) =>
              form.change({ ...form.draft, flips: { ...form.draft.flips, [name]: currentTarget.checked } })
            }
          />
        )}
      </td>
    </tr>
  );
}

function WeightField({ form, name }: { form: Form; name: string }) {
  const weights = settingOf(form.draft, form.plan.base, ['datasetSampling', 'weights']);
  const [text, setText] = useTyped(valueAt(weights, [name]), weightIn);
  return (
    <input
      class="number-input"
      type="text"
      inputMode="decimal"
      aria-label={`Weight of ${name}`}
      value={text}
      placeholder="0"
      onInput={({ currentTarget }) => {
        setText(currentTarget.value);
        form.set(['datasetSampling'], { weights: { ...(weights as object), [name]: weightIn(currentTarget.value) } });
      }}
    />
  );
}

function weightIn(text: string): number | string {
  return numberIn(text) ?? 0;
}

function schemeOf(sampling: unknown): string {
  if (typeof sampling === 'string') return sampling;
  if (typeof sampling !== 'object' || sampling === null) return 'proportional';
  return 'temperature' in sampling ? 'temperature' : 'weights';
}
