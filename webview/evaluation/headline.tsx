// A head's result in figures, with everything they depend on: the samples, those missing, and the protocol.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { count, percentNumber, plural } from '../../src/base/format.ts';
import type { ShownEvaluation } from '../../src/protocol/evaluation.ts';
import { useAnswer } from '../base/hooks.ts';
import { Failed, Waiting } from '../base/notes.tsx';
import { type EvaluationHost, useAgain } from './evaluationHost.ts';

interface HeadlineProps {
  host: EvaluationHost;
  evaluation: ShownEvaluation;
  /** Rises when the run was judged anew. */
  version: number;
}

export function Headline({ host, evaluation, version }: HeadlineProps) {
  const [listed, setListed] = useState(false);
  const { top1, top1Interval, top5, meanClass, meanClassInterval, samples, missing, protocol, classes } = evaluation;
  const { dataset, split, macro, weighted, precisionRecall, calibration } = evaluation;
  return (
    <div class="headline" data-testid="headline">
      <dl class="figures">
        <Figure name="top-1" value={percentNumber(top1)} strong>
          <Range interval={top1Interval} />
        </Figure>
        <Figure name="top-5" value={classes.length > 5 ? percentNumber(top5) : '–'}>
          {classes.length <= 5 && <span class="dim">{plural(classes.length, 'class', 'classes')} only</span>}
        </Figure>
        <Figure name="mean class" value={percentNumber(meanClass)}>
          <Range interval={meanClassInterval ?? null} />
        </Figure>
        {macro && (
          <Figure
            name="F1 macro"
            value={percentNumber(macro.f1)}
            title={`Each class alike: precision ${percentNumber(macro.precision)} %, recall ${percentNumber(macro.recall)} %`}
          />
        )}
        {weighted && (
          <Figure
            name="F1 weighted"
            value={percentNumber(weighted.f1)}
            title={`By support: precision ${percentNumber(weighted.precision)} %, recall ${percentNumber(weighted.recall)} %`}
          />
        )}
        {precisionRecall && (
          <Figure
            name="mAP"
            value={percentNumber(precisionRecall.meanAveragePrecision)}
            title="Mean average precision over the classes with samples"
          />
        )}
        {calibration && (
          <Figure
            name="ECE"
            value={percentNumber(calibration.ece)}
            title="Expected calibration error: how far confidence and accuracy lie apart"
          />
        )}
        <Figure name="chance" value={percentNumber(1 / Math.max(1, classes.length))} />
      </dl>
      <p class="dim">
        {dataset} · {split} · {plural(samples, 'sample')}
        {missing > 0 && (
          <>
            ,{' '}
            <button
              type="button"
              class="plain wrong link-like"
              title="Held-out samples that could not be judged: they are in no figure."
              aria-expanded={listed}
              onClick={() => setListed(!listed)}
              data-testid="missing"
            >
              {count(missing)} missing
            </button>
          </>
        )}{' '}
        · {plural(classes.length, 'class', 'classes')} · {protocol}
      </p>
      {listed && missing > 0 && <Missing host={host} head={evaluation.head} version={version} total={missing} />}
    </div>
  );
}

/** What is missing and why: whoever compares accuracies has to know what they leave out. */
function Missing({ host, head, version, total }: Omit<HeadlineProps, 'evaluation'> & { head: string; total: number }) {
  const { value, failure, waiting, ask } = useAnswer(head, (signal) =>
    host.request('evaluationView/missing', { head }, signal),
  );
  useAgain(version, ask);
  if (failure) return <Failed message={failure.message} />;
  if (!value) return waiting ? <Waiting what="Fetching what is missing…" /> : null;
  return (
    <ul class="missing" data-testid="missing-list">
      {value.map(({ sample, file, reason }) => (
        <li key={sample} title={file}>
          <span>{sample}</span> <span class="dim">{reason}</span>
        </li>
      ))}
      {value.length < total && <li class="dim">and {count(total - value.length)} more</li>}
    </ul>
  );
}

function Range({ interval }: { interval: readonly [number, number] | null }) {
  if (!interval) return null;
  return (
    <span class="dim" title="95 % bootstrap interval">
      {percentNumber(interval[0])}–{percentNumber(interval[1])}
    </span>
  );
}

interface FigureProps {
  name: string;
  value: string;
  title?: string;
  strong?: boolean;
  children?: ComponentChildren;
}

function Figure({ name, value, title, strong = false, children }: FigureProps) {
  return (
    <div class={strong ? 'figure strong' : 'figure'} title={title}>
      <dt class="dim">{name}</dt>
      <dd>
        <b>{value}</b>
        {value !== '–' && <span class="dim"> %</span>} {children}
      </dd>
    </div>
  );
}
