// A head's result in figures, with everything they depend on: the samples, those missing, and the protocol.

import type { ComponentChildren } from 'preact';
import type { Evaluation } from '../../src/protocol/runner.ts';
import { count, percent, plural } from '../base/format.ts';

export function Headline({ evaluation }: { evaluation: Evaluation }) {
  const { top1, top1Interval, top5, meanClass, samples, missing, protocol, classes, dataset, split } = evaluation;
  return (
    <div class="headline" data-testid="headline">
      <dl class="figures">
        <Figure name="top-1" value={percent(top1)} strong>
          {top1Interval && (
            <span class="dim" title="95 % bootstrap interval">
              {percent(top1Interval[0])}–{percent(top1Interval[1])}
            </span>
          )}
        </Figure>
        <Figure name="top-5" value={classes.length > 5 ? percent(top5) : '–'}>
          {classes.length <= 5 && <span class="dim">{plural(classes.length, 'class', 'classes')} only</span>}
        </Figure>
        <Figure name="mean class" value={percent(meanClass)} />
        <Figure name="chance" value={percent(1 / Math.max(1, classes.length))} />
      </dl>
      <p class="dim">
        {dataset} · {split} · {plural(samples, 'sample')}
        {missing > 0 && <span class="wrong">, {count(missing)} missing</span>} ·{' '}
        {plural(classes.length, 'class', 'classes')} · {protocol}
      </p>
    </div>
  );
}

interface FigureProps {
  name: string;
  value: string;
  strong?: boolean;
  children?: ComponentChildren;
}

function Figure({ name, value, strong = false, children }: FigureProps) {
  return (
    <div class={strong ? 'figure strong' : 'figure'}>
      <dt class="dim">{name}</dt>
      <dd>
        <b>{value}</b>
        {value !== '–' && <span class="dim"> %</span>} {children}
      </dd>
    </div>
  );
}
