// What changed against another run, in figures: the difference with its interval and test, on the samples that both judged, and how
// many became right or wrong. Gains and losses stand in the same size.
import { count, percentNumber, plural, points } from '../../src/base/format.ts';
import type { changeKinds, HeadComparison } from '../../src/protocol/comparisons.ts';

interface ComparisonLineProps {
  comparison: HeadComparison;
  listed: (typeof changeKinds)[number] | undefined;
  onList: (kind: (typeof changeKinds)[number]) => void;
}

export function ComparisonLine({ comparison, listed, onList }: ComparisonLineProps) {
  const { run, other, common, onlyInRun, onlyInOther, top1, otherTop1, difference, interval, p } = comparison;
  const { protocol, otherProtocol, fixed, broken, warnings } = comparison;
  const range = interval && `${points(interval[0], 0)} … ${points(interval[1], 0)}`;
  const left = [
    ...(onlyInRun > 0 ? [`${count(onlyInRun)} only in ${run}`] : []),
    ...(onlyInOther > 0 ? [`${count(onlyInOther)} only in ${other}`] : []),
  ];
  const Kind = ({ kind, times, text }: { kind: (typeof changeKinds)[number]; times: number; text: string }) => (
    <button
      type="button"
      class={listed === kind ? 'plain kind selected' : 'plain kind'}
      aria-pressed={listed === kind}
      disabled={times === 0}
      onClick={() => onList(kind)}
      data-testid={`list-${kind}`}
    >
      <b>{count(times)}</b> {text}
    </button>
  );
  return (
    <section class="panel comparison" data-testid="comparison" aria-label={`Compared with ${other}`}>
      <dl class="figures">
        <div class="figure">
          <dt class="dim clip-text" title={`${run} − ${other}`}>
            {run} − {other}
          </dt>
          <dd>
            <b>{points(difference, difference === null ? null : 0)}</b> <span class="dim">points</span>{' '}
            {range && (
              <span class="dim" title="95 % interval from resampling the samples in pairs">
                {range}
              </span>
            )}
          </dd>
        </div>
        <div class="figure">
          <dt class="dim">McNemar’s exact test</dt>
          <dd>
            <b>p {p < 0.001 ? '< 0.001' : `= ${p.toPrecision(2)}`}</b>
          </dd>
        </div>
        <div class="figure kinds">
          <dt class="dim">samples that changed</dt>
          <dd>
            <Kind kind="fixed" times={fixed} text="became right" />
            <Kind kind="broken" times={broken} text="became wrong" />
          </dd>
        </div>
      </dl>
      <p class="dim">
        On {plural(common, 'common sample')}
        {left.length > 0 && ` (${left.join(', ')})`}: top-1 {percentNumber(top1)} % ({protocol}) against{' '}
        {percentNumber(otherTop1)} % ({otherProtocol}).
      </p>
      {warnings.map((warning) => (
        <p key={warning} class="warning">
          <span aria-hidden="true">⚠</span> {warning}
        </p>
      ))}
    </section>
  );
}
