// What every head says of the clip: its first classes as bars. Where the truth is known, the head of the clip's own
// dataset is right or wrong.
import { percentNumber } from '../../src/base/format.ts';
import type { ClipPredictions, ClipSnapshot } from '../../src/protocol/clipView.ts';
import type { Prediction } from '../../src/protocol/events.ts';
import { seriesColor } from '../base/theme.ts';

interface PredictionsProps {
  predictions: ClipPredictions;
  truth: ClipSnapshot['truth'];
  /** Classes shown of each head. */
  most: number;
}

export function Predictions({ predictions, truth, most }: PredictionsProps) {
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
          most={most}
          truth={name === truth?.dataset ? truth.label : undefined}
        />
      ))}
      <p class="dim source" data-testid="protocol">
        {predictions.run} · {predictions.protocol}
      </p>
    </div>
  );
}

interface HeadProps {
  name: string;
  color: string;
  /** All of them. */
  classes: readonly Prediction[];
  most: number;
  /** The clip's label, if this is the head of its dataset. */
  truth: string | undefined;
}

function Head({ name, color, classes, most, truth }: HeadProps) {
  const right = truth !== undefined && classes[0]?.label === truth;
  const listed = classes.slice(0, most);
  const rank = truth === undefined ? -1 : classes.findIndex((one) => one.label === truth);
  return (
    <section class="head" data-testid={`head-${name}`}>
      <h2 class="row">
        <span class="dot" style={{ color }} />
        <span class="clip-text" title={name}>
          {name}
        </span>
        {truth !== undefined && (
          <span class={right ? 'verdict right' : 'verdict wrong'} data-testid="verdict">
            {right ? '✓ right' : '✕ wrong'}
          </span>
        )}
      </h2>
      <ol class="classes">
        {listed.map((one) => (
          <Row key={one.label} one={one} color={color} isTruth={one.label === truth} />
        ))}
        {rank >= listed.length && (
          <>
            <li class="dim rank">its label, as number {rank + 1}:</li>
            <Row one={classes[rank]!} color={color} isTruth />
          </>
        )}
      </ol>
      {truth !== undefined && rank < 0 && (
        <p class="dim">
          Labelled “{truth}”, which is not among the {classes.length} classes told of this head.
        </p>
      )}
    </section>
  );
}

function Row({ one, color, isTruth }: { one: Prediction; color: string; isTruth: boolean }) {
  return (
    <li class={isTruth ? 'class truth' : 'class'} title={`${one.label}: ${percentNumber(one.probability)} %`}>
      <span class="class-name">
        <span class="clip-text" title={one.label}>
          {one.label}
        </span>
        {isTruth && (
          <span class="badge" data-testid="label">
            label
          </span>
        )}
      </span>
      <span class="number">{percentNumber(one.probability)} %</span>
      <span class="bar" aria-hidden="true">
        <span style={{ width: `${100 * one.probability}%`, color }} />
      </span>
    </li>
  );
}
