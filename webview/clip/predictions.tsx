// What every head says of the clip: its first classes as bars. Where the truth is known, the head of the clip's own
// dataset is right or wrong.

import { percentNumber } from '../../src/base/format.ts';
import type { ClipPredictions, ClipSnapshot } from '../../src/protocol/clipView.ts';
import type { Prediction } from '../../src/protocol/events.ts';
import { seriesColor } from '../base/theme.ts';

interface PredictionsProps {
  predictions: ClipPredictions;
  truth: ClipSnapshot['truth'];
}

export function Predictions({ predictions, truth }: PredictionsProps) {
  const names = Object.keys(predictions.heads);
  const shown = [...names].sort((a, b) => Number(b === truth?.dataset) - Number(a === truth?.dataset));
  return (
    <div class="heads" data-testid="predictions" data-run={predictions.run}>
      {shown.map((name) => (
        <Head
          key={name}
          name={name}
          color={seriesColor(names.indexOf(name))}
          classes={predictions.heads[name]!}
          truth={name === truth?.dataset ? truth.label : undefined}
        />
      ))}
      <p class="dim source">
        {predictions.run} · {predictions.protocol}
      </p>
    </div>
  );
}

interface HeadProps {
  name: string;
  color: string;
  classes: readonly Prediction[];
  /** The clip's label, if this is the head of its dataset. */
  truth: string | undefined;
}

function Head({ name, color, classes, truth }: HeadProps) {
  const right = truth !== undefined && classes[0]?.label === truth;
  const listed = classes.some((one) => one.label === truth);
  return (
    <section class="head" data-testid={`head-${name}`}>
      <h2 class="row">
        <span class="dot" style={{ color }} />
        <span class="clip-text">{name}</span>
        {truth !== undefined && (
          <span class={right ? 'verdict right' : 'verdict wrong'} data-testid="verdict">
            {right ? '✓ right' : '✕ wrong'}
          </span>
        )}
      </h2>
      <ol class="classes">
        {classes.map((one) => (
          <li
            key={one.label}
            class={one.label === truth ? 'class truth' : 'class'}
            title={`${one.label}: ${percentNumber(one.probability)} %`}
          >
            <span class="clip-text">{one.label}</span>
            <span class="number">{percentNumber(one.probability)} %</span>
            <span class="bar" aria-hidden="true">
              <span style={{ width: `${100 * one.probability}%`, color }} />
            </span>
            {one.label === truth && (
              <span class="sign" role="img" aria-label="the label">
                ✓
              </span>
            )}
          </li>
        ))}
      </ol>
      {truth !== undefined && !listed && (
        <p class="dim">
          Labelled “{truth}”, which is not among the first {classes.length}.
        </p>
      )}
    </section>
  );
}
