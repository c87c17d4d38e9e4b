// A head's result in figures, with everything they depend on: the samples, those missing, and the protocol.

import type { ComponentChildren } from 'preact';
import { count, percentNumber, plural } from '../../src/base/format.ts';
import type { Evaluation } from '../../src/protocol/evaluation.ts';

export function Headline({ evaluation }: { evaluation: Evaluation }) {
  const { top1, top1Interval, top5, meanClass, samples, missing, protocol, classes, dataset, split } = evaluation;
  return (
    <div class="headline" data-testid="headline">
      <dl class="figures">
        <Figure name="top-1" value={percentNumber(top1)} strong>
          {top1Interval && (
            <span class="dim" title="95 % bootstrap interval">
              {percentNumber(top1Interval[0])}–{percentNumber(top1Interval[1])}
            </span>
          )}
        </Figure>
        <Figure name="top-5" value={classes.length > 5 ? percentNumber(top5) : '–'}>
          {classes.length <= 5 && <span class="dim">{plural(classes.length, 'class', 'classes')} only</span>}
        </Figure>
        <Figure name="mean class" value={percentNumber(meanClass)} />
        <Figure name="chance" value={percentNumber(1 / Math.max(1, classes.length))} />
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
