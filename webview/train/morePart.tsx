// The settings that are changed more rarely: how each stage learns, how samples are augmented, how the model is judged.
import type { SettingPath } from '../../src/protocol/trainPlan.ts';
import { CheckField, NumberField, SelectField } from './fields.tsx';
import { type Form, stageNames, stageTitles } from './form.ts';

type Row = { path: SettingPath; label: string; options?: readonly string[] };

const stageRows: readonly Row[] = [
  { path: ['optimizer', 'name'], label: 'Optimizer', options: ['adamw', 'sgd'] },
  { path: ['optimizer', 'weightDecay'], label: 'Weight decay' },
  { path: ['optimizer', 'headLearningRate'], label: 'Heads’ learning rate ×' },
  { path: ['optimizer', 'layerDecay'], label: 'Layer-wise decay' },
  { path: ['optimizer', 'clipNorm'], label: 'Gradient clipping' },
  { path: ['schedule', 'name'], label: 'Schedule', options: ['cosine', 'step'] },
  { path: ['warmUp'], label: 'Warm-up' },
  { path: ['labelSmoothing'], label: 'Label smoothing' },
  { path: ['mixup'], label: 'Mixup' },
  { path: ['cutmix'], label: 'CutMix' },
  { path: ['dropPath'], label: 'Stochastic depth' },
  { path: ['dropout'], label: 'Dropout' },
  { path: ['accumulate'], label: 'Gradient accumulation' },
  { path: ['averageDecay'], label: 'Weight averaging' },
];

const augmentation: readonly Row[] = [
  { path: ['augmentation', 'aspect'], label: 'Aspect up to' },
  { path: ['augmentation', 'rotation'], label: 'Rotation up to' },
  { path: ['augmentation', 'brightness'], label: 'Brightness' },
  { path: ['augmentation', 'contrast'], label: 'Contrast' },
  { path: ['augmentation', 'saturation'], label: 'Saturation' },
  { path: ['augmentation', 'hue'], label: 'Hue' },
  { path: ['augmentation', 'randAugment', 'operations'], label: 'RandAugment operations' },
  { path: ['augmentation', 'randAugment', 'magnitude'], label: 'RandAugment magnitude' },
  { path: ['augmentation', 'erasing', 'probability'], label: 'Random erasing' },
];

const evaluation: readonly Row[] = [
  { path: ['sampling', 'name'], label: 'Frames', options: ['uniform', 'dense', 'whole'] },
  { path: ['sampling', 'stride'], label: 'Stride' },
  { path: ['sampling', 'places'], label: 'Random places' },
  { path: ['views', 'clips'], label: 'Clips judged' },
  { path: ['views', 'crops'], label: 'Crops judged' },
];

const rest: readonly Row[] = [
  { path: ['seed'], label: 'Seed' },
  { path: ['precision'], label: 'Precision', options: ['auto', 'float32', 'float16'] },
  { path: ['leaks'], label: 'Leaks', options: ['keep', 'drop'] },
  { path: ['frameCache'], label: 'Frames kept on disk, GB' },
];

/** What is on the page while this part is open, and while it is not. */
export function shownPaths(open: boolean): SettingPath[] {
  const always: SettingPath[] = [
    ['model', 'preset'],
    ['model', 'frames'],
    ['model', 'imageSize'],
    ['model', 'patchSize'],
    ['model', 'attention'],
    ['model', 'weights'],
    ['device'],
    ...stageNames.flatMap((name) => [
      [name],
      ...['epochs', 'steps', 'samples', 'minutes', 'batchSize'].map((key) => [name, key]),
      [name, 'optimizer', 'learningRate'],
    ]),
  ];
  if (!open) return always;
  return [
    ...always,
    ...stageNames.flatMap((name) => stageRows.map(({ path }) => [name, ...path])),
    ...[...augmentation, ...evaluation, ...rest].map(({ path }) => path),
    ['checkpointing'],
  ];
}

export function MorePart({ form }: { form: Form }) {
  const stages = stageNames.filter((name) => form.plan.stages.some((stage) => stage.name === name));
  return (
    <div class="more" data-testid="more">
      <section class="panel part" aria-labelledby="more-stages">
        <h3 id="more-stages">How each stage learns</h3>
        <div class="scroll-x">
          <table>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                {stages.map((name) => (
                  <th key={name} scope="col">
                    {stageTitles[name]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {stageRows.map(({ path, label, options }) => (
                <tr key={label}>
                  <th scope="row" title={form.plan.hints[['coTraining', ...path].join('.')]}>
                    {label}
                  </th>
                  {stages.map((name) => (
                    <td key={name}>
                      <Setting
                        form={form}
                        row={{
                          path: [name, ...path],
                          label: `${label}: ${stageTitles[name]}`,
                          ...(options && { options }),
                        }}
                        quiet
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <Group form={form} title="Augmentation" rows={augmentation} />
      <Group form={form} title="Clips and judging" rows={evaluation} note={form.plan.needs?.protocol} />
      <Group form={form} title="Other" rows={rest}>
        <CheckField form={form} path={['checkpointing']} label="Recompute activations (less memory, longer steps)" />
      </Group>
    </div>
  );
}

interface GroupProps {
  form: Form;
  title: string;
  rows: readonly Row[];
  note?: string | undefined;
  children?: preact.ComponentChildren;
}

function Group({ form, title, rows, note, children }: GroupProps) {
  const id = `more-${title.toLowerCase().replaceAll(' ', '-')}`;
  return (
    <section class="panel part" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <div class="fields">
        {rows.map((row) => (
          <Setting key={row.label} form={form} row={row} />
        ))}
      </div>
      {children}
      {note && <p class="dim">Judged: {note}</p>}
    </section>
  );
}

function Setting({ form, row, quiet = false }: { form: Form; row: Row; quiet?: boolean }) {
  const { path, label, options } = row;
  if (!options) return <NumberField form={form} path={path} label={label} quiet={quiet} />;
  return (
    <SelectField
      form={form}
      path={path}
      label={label}
      quiet={quiet}
      options={options.map((value) => ({ value, text: value }))}
    />
  );
}
