// The model: its preset and sizes, where it starts from, and what it needs of what is there.
import { bytes, count, flops } from '../../src/base/format.ts';
import { Button } from '../base/toolkit.tsx';
import { problemAt, settingOf, valueAt, withEdits } from './draft.ts';
import { NumberField, Problem, SelectField, useTyped } from './fields.tsx';
import type { Form } from './form.ts';

const presets = [
  { name: 'nano', meant: 'minutes on a laptop; for trying things out' },
  { name: 'tiny', meant: 'small datasets, or a fast machine' },
  { name: 'small', meant: 'needs an accelerator, or patience' },
  { name: 'base', meant: 'TimeSformer’s size' },
  { name: 'large', meant: 'the size in the CoVeR paper' },
];
const attentions = [
  { value: 'divided', text: 'divided: over time, then space' },
  { value: 'joint', text: 'joint space and time' },
  { value: 'space', text: 'space only' },
];

export function ModelPart({ form, onPickWeights }: { form: Form; onPickWeights: () => void }) {
  const { draft, plan } = form;
  const preset = String(settingOf(draft, plan.base, ['model', 'preset']) ?? 'nano');
  const [weights, setWeights] = useTyped(settingOf(draft, plan.base, ['model', 'weights']), weightsIn);
  const hidden = valueAt(plan.settings, ['model', 'hiddenSize']);
  const depth = valueAt(plan.settings, ['model', 'depth']);
  return (
    <section class="panel part" aria-labelledby="part-model">
      <div class="part-head">
        <h2 id="part-model">2 Model</h2>
        {typeof hidden === 'number' && (
          <span class="dim">
            hidden size {count(hidden)}, {String(depth)} blocks
          </span>
        )}
      </div>
      <div class="halves">
        <div class="part">
          <div class="segments" role="radiogroup" aria-label="Preset">
            {presets.map(({ name, meant }) => (
              <label key={name} class={name === preset ? 'segment chosen' : 'segment'} title={meant}>
                <input
                  class="sr-only"
                  type="radio"
                  name="preset"
                  value={name}
                  checked={name === preset}
                  data-testid={`preset-${name}`}
                  onChange={() => form.set(['model', 'preset'], name)}
                />
                {name}
              </label>
            ))}
          </div>
          <Problem problem={problemAt(plan.problems, ['model', 'preset'])} />
          <div class="fields">
            <NumberField form={form} path={['model', 'frames']} label="Frames" />
            <NumberField form={form} path={['model', 'imageSize']} label="Image size" unit="px" />
            <NumberField form={form} path={['model', 'patchSize']} label="Patch" unit="px" />
            <SelectField form={form} path={['model', 'attention']} label="Attention" options={attentions} />
          </div>
        </div>
        <div class="part">
          <div class="field">
            <label class="field-label" for="weights" title={plan.hints['model.weights']}>
              Start from
            </label>
            <span class="with-unit">
              <input
                id="weights"
                class="text-input"
                type="text"
                data-testid="field-model.weights"
                placeholder="nothing: new weights"
                value={weights}
                onInput={({ currentTarget }) => {
                  setWeights(currentTarget.value);
                  form.set(['model', 'weights'], weightsIn(currentTarget.value));
                }}
              />
              <Button onClick={onPickWeights} testId="pick-weights">
                Choose…
              </Button>
            </span>
            <Problem problem={problemAt(plan.problems, ['model', 'weights'])} />
          </div>
          <Needs form={form} />
        </div>
      </div>
    </section>
  );
}

function weightsIn(text: string): string | undefined {
  return text.trim() || undefined;
}

function Needs({ form }: { form: Form }) {
  const { needs } = form.plan;
  if (!needs) return <p class="dim needs">What it needs is known once everything above is in order.</p>;
  const { parameters, flopsPerClip, memory, available, fits, advice } = needs;
  return (
    <div class={form.waiting ? 'needs waiting' : 'needs'} data-testid="needs" data-memory={memory}>
      <p>
        <b data-testid="parameters">{millions(parameters)}</b> <span class="dim">parameters ·</span>{' '}
        <b>{flops(flopsPerClip)}</b> <span class="dim">a clip</span>
      </p>
      <p data-testid="memory">
        <span class="dim">memory</span> <b>{bytes(memory)}</b>{' '}
        {available === null ? (
          <span class="dim">of the device’s, which does not tell how much it has</span>
        ) : (
          <>
            <span class="dim">of {bytes(available)} free ·</span>{' '}
            <span class={fits ? '' : 'wrong'}>{fits ? 'fits' : 'does not fit'}</span>
          </>
        )}
      </p>
      {available !== null && (
        <div class="meter" aria-hidden="true">
          <div
            class={fits ? '' : 'over'}
            style={{ width: `${Math.min(100, (100 * memory) / Math.max(1, available))}%` }}
          />
        </div>
      )}
      {!fits && (
        <div class="advice" role="status">
          <p class="wrong">
            {advice?.text ?? 'Take a smaller preset, or fewer frames, a smaller image size or a larger patch.'}
          </p>
          {advice && (
            <Button testId="use-advice" onClick={() => form.change(withEdits(form.draft, advice.edits))}>
              Use these settings
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function millions(parameters: number): string {
  return parameters >= 1e6 ? `${(parameters / 1e6).toFixed(1)} M` : `${(parameters / 1e3).toFixed(0)} k`;
}
