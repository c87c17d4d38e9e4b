// The Train page: which experiment, what it is made of and comes to, and what can be done with it.
import { useEffect, useState } from 'preact/hooks';
import { plural } from '../../src/base/format.ts';
import type { Draft, TrainPlan } from '../../src/protocol/trainPlan.ts';
import { Failed, Waiting } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';
import { DatasetsPart } from './datasetsPart.tsx';
import { DevicePart, type KnownDevice, type Measuring } from './devicePart.tsx';
import { changesOf } from './draft.ts';
import { Select, unshown } from './fields.tsx';
import type { Form } from './form.ts';
import { ModelPart } from './modelPart.tsx';
import { MorePart, shownPaths } from './morePart.tsx';
import { StagesPart } from './stagesPart.tsx';

/** Experiments with mistakes that are told one by one. */
const brokenShown = 3;

export interface TrainViewProps {
  draft: Draft;
  plan: TrainPlan | undefined;
  waiting: boolean;
  /** Why there is no plan of the draft, or the last action did not work. */
  failure: string | undefined;
  notice: { text: string; changes: boolean } | undefined;
  devices: readonly KnownDevice[] | undefined;
  measuring: Measuring;
  starting: boolean;
  more: boolean;
  onMore: (open: boolean) => void;
  onChange: (draft: Draft) => void;
  onSet: Form['set'];
  onStart: () => void;
  onSave: (name: string) => void;
  onShowSaved: () => void;
  onCopy: () => void;
  onPickWeights: () => void;
  onAddDataset: () => void;
  onOpenConfig: () => void;
  onRetry: () => void;
}

export function TrainView(props: TrainViewProps) {
  const { draft, plan, waiting, failure, notice, devices, measuring, more } = props;
  if (!plan) {
    if (failure === undefined) return <Waiting what="Reading cover.json and the index…" />;
    return (
      <main class="page">
        <Failed message={failure}>
          {/^There is no cover\.json/.test(failure) ? (
            <Button onClick={props.onAddDataset}>Add dataset…</Button>
          ) : (
            <Button onClick={props.onOpenConfig}>Open cover.json</Button>
          )}
          <Button onClick={props.onRetry}>Try again</Button>
          {draft.experiment !== undefined && (
            <Button testId="take-another" onClick={() => props.onChange({ edits: [], flips: {} })}>
              Take another experiment
            </Button>
          )}
        </Failed>
      </main>
    );
  }
  const form: Form = { draft, plan, waiting, set: props.onSet, change: props.onChange };
  const elsewhere = unshown(plan.problems, shownPaths(more));
  return (
    <main class="page train" data-testid="train" data-waiting={waiting} data-name={plan.name}>
      <Head {...props} plan={plan} />
      {failure !== undefined && <Failed message={failure} />}
      {notice && (
        <p class="notice" role="status" data-testid="notice">
          {notice.text}{' '}
          {notice.changes && (
            <button type="button" class="plain link" onClick={props.onShowSaved}>
              Show the changes
            </button>
          )}
        </p>
      )}
      {elsewhere.length + plan.broken.length > 0 && (
        <ul class="elsewhere" data-testid="elsewhere">
          {elsewhere.map(({ path, severity, message }) => (
            <li key={`${path.join('.')} ${message}`} class={severity === 'error' ? 'wrong' : 'warned'}>
              {message}
            </li>
          ))}
          {plan.broken.slice(0, brokenShown).map(({ name, message }) => (
            <li key={`broken ${name}`} class="warned">
              The experiment “{name}” cannot be chosen: {message}
            </li>
          ))}
          {plan.broken.length > brokenShown && (
            <li class="warned">
              … and {plural(plan.broken.length - brokenShown, 'other experiment')}; the Problems panel has all.
            </li>
          )}
        </ul>
      )}
      <div class="parts">
        <DatasetsPart form={form} onAdd={props.onAddDataset} />
        <ModelPart form={form} onPickWeights={props.onPickWeights} />
        <StagesPart form={form} />
        <DevicePart form={form} devices={devices} measuring={measuring} />
      </div>
      <button
        type="button"
        class="plain more-switch"
        aria-expanded={more}
        data-testid="more-switch"
        onClick={() => props.onMore(!more)}
      >
        <span aria-hidden="true">{more ? '▾' : '▸'}</span> More: optimizer, schedule, augmentation, evaluation protocol,
        seed
      </button>
      {more && <MorePart form={form} />}
    </main>
  );
}

function Head(props: TrainViewProps & { plan: TrainPlan }) {
  const { draft, plan, starting, waiting } = props;
  const [name, setName] = useState(plan.name);
  useEffect(() => setName(plan.name), [plan.name, plan.file]);
  const changes = changesOf(draft);
  const error = plan.problems.find(({ severity }) => severity === 'error');
  const blocked = error !== undefined || plan.needs?.fits === false;
  const options = [
    ...plan.experiments.map((each) => ({ value: `experiment ${each}`, text: each, group: 'Experiments' })),
    ...plan.broken.map(({ name, message }) => ({
      value: `broken ${name}`,
      text: `${name} (needs mending)`,
      title: message,
      group: 'Experiments',
      disabled: true,
    })),
    ...(plan.experiments.length === 0 ? [{ value: 'default', text: 'All defaults', group: 'Experiments' }] : []),
    ...plan.templates.map((each) => ({
      value: `template ${each.name}`,
      text: each.title,
      group: 'New, from a template',
    })),
  ];
  const value =
    draft.template !== undefined
      ? `template ${draft.template}`
      : plan.experiments.length === 0
        ? 'default'
        : `experiment ${draft.experiment ?? plan.name}`;
  const choose = (chosen: string) => {
    const [kind, ...rest] = chosen.split(' ');
    const device = draft.device === undefined ? {} : { device: draft.device };
    const named = kind === 'default' ? {} : { [kind!]: rest.join(' ') };
    props.onChange({ ...named, edits: [], flips: {}, ...device });
  };
  const template = plan.templates.find((each) => each.name === draft.template);
  return (
    <header class="train-head">
      <h1>Train CoVeR</h1>
      <Select testId="experiment" label="Experiment" value={value} options={options} onChange={choose} />
      {changes > 0 && (
        <span class="dim changes" data-testid="changes">
          {changes === 1 ? '1 change' : `${changes} changes`} not saved
          <button
            type="button"
            class="plain link"
            data-testid="reset"
            onClick={() => {
              const { experiment, template: from } = draft;
              props.onChange({
                ...(experiment !== undefined && { experiment }),
                ...(from !== undefined && { template: from }),
                edits: [],
                flips: {},
              });
            }}
          >
            Undo
          </button>
        </span>
      )}
      <span class="spread" />
      <div class="actions">
        <span class="save-as">
          <input
            class="text-input"
            type="text"
            aria-label="Name in cover.json"
            title="What it is called in cover.json. Another name makes another experiment."
            data-testid="name"
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Button testId="save" onClick={() => props.onSave(name)} disabled={name.trim() === ''}>
            Save to cover.json
          </Button>
        </span>
        <Button testId="copy-cli" onClick={props.onCopy}>
          Copy as CLI
        </Button>
        <Button testId="start" appearance="primary" disabled={blocked || starting || waiting} onClick={props.onStart}>
          Start
        </Button>
      </div>
      {template && <p class="dim template-words">{template.description}</p>}
    </header>
  );
}
