// What it computes on, by its real name, and how long it would take: nothing is said before it was measured.
import { duration } from '../../src/base/format.ts';
import type { Measured } from '../../src/protocol/trainPlan.ts';
import { Button, ProgressRing } from '../base/toolkit.tsx';
import { problemAt, settingOf } from './draft.ts';
import { Problem, Select } from './fields.tsx';
import { type Form, type StageName, stageTitles } from './form.ts';

export interface KnownDevice {
  id: string;
  name: string;
  available: boolean;
  detail: string;
}

export interface Measuring {
  /** The last measurement, and the draft that it was of. */
  result: { measured: Measured; draft: string } | undefined;
  busy: boolean;
  failure: string | undefined;
  start(): void;
  stop(): void;
}

interface DevicePartProps {
  form: Form;
  /** Undefined while they are looked for. */
  devices: readonly KnownDevice[] | undefined;
  measuring: Measuring;
}

export function DevicePart({ form, devices, measuring }: DevicePartProps) {
  const { draft, plan } = form;
  const device = draft.device ?? String(settingOf(draft, plan.base, ['device']) ?? 'auto');
  const best = devices?.find(({ available }) => available);
  const options = [
    { value: 'auto', text: best ? `auto: ${best.name}` : 'auto: the best there is' },
    ...(devices ?? []).map(({ id, name, available, detail }) => ({
      value: id,
      text: available ? `${id} — ${name}` : `${id} — ${detail}`,
      disabled: !available,
    })),
  ];
  const chosen = device === 'auto' ? best : devices?.find(({ id }) => id === device);
  return (
    <section class="panel part" aria-labelledby="part-device">
      <div class="part-head">
        <h2 id="part-device">4 Device and time</h2>
      </div>
      <div class="halves">
        <div class="row device">
          <Select
            testId="device"
            label="Device"
            title={plan.hints.device ?? ''}
            value={device}
            options={options}
            onChange={(next) => form.change({ ...draft, device: next })}
          />
          <span class="dim clip-text" data-testid="device-detail">
            {devices === undefined ? 'looking for devices…' : (chosen?.detail ?? '')}
          </span>
        </div>
        <Time form={form} measuring={measuring} />
      </div>
      <Problem problem={problemAt(plan.problems, ['device'])} />
    </section>
  );
}

function Time({ form, measuring }: { form: Form; measuring: Measuring }) {
  const { result, busy, failure, start, stop } = measuring;
  const { needs } = form.plan;
  if (busy) {
    return (
      <div class="row time" role="status">
        <ProgressRing label="Measuring" />
        <span>A few real steps are being made…</span>
        <Button onClick={stop} testId="stop-measuring">
          Cancel
        </Button>
      </div>
    );
  }
  const stale = result !== undefined && result.draft !== JSON.stringify(form.draft);
  return (
    <div class="time">
      <div class="row">
        {result ? (
          <p data-testid="time">
            <b>≈ {duration(result.measured.seconds)}</b>{' '}
            <span class="dim">
              (measured on {result.measured.steps} steps{stale ? ', before the last changes' : ''})
            </span>
          </p>
        ) : (
          <p class="dim" data-testid="time">
            How long it takes is not known yet.
          </p>
        )}
        <Button onClick={start} testId="measure" disabled={!needs?.fits}>
          {result ? 'Measure again' : 'Measure'}
        </Button>
      </div>
      {result && (
        <p class="dim">
          {result.measured.stages
            .map(({ name, secondsPerStep }) => `${stageTitles[name as StageName]}: ${perStep(secondsPerStep)} a step`)
            .join(' · ')}
          . With judging the held-out samples; reading all files the first time comes on top.
        </p>
      )}
      {failure && <p class="wrong">{failure}</p>}
    </div>
  );
}

function perStep(seconds: number): string {
  return seconds >= 1 ? `${seconds.toFixed(1)} s` : `${(1000 * seconds).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
}
