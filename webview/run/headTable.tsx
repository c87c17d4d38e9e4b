// How every head does on its held-out samples, beside what guessing would reach.
import { count, dotted, percentNumber } from '../../src/base/format.ts';
import { seriesColor } from '../base/theme.ts';
import type { RunModel } from './runModel.ts';

interface HeadTableProps {
  model: RunModel;
  /** How held-out samples are looked at, where that is known. */
  protocol: string | undefined;
  onOpenEvaluation: (head: string) => void;
}

export function HeadTable({ model, protocol, onOpenEvaluation }: HeadTableProps) {
  if (model.heads.length === 0) return null;
  return (
    <section class="panel" data-testid="head-table">
      <div class="chart-head">
        <h2>Heads</h2>
        <span class="dim clip-text">{dotted('last judgement on held-out samples', protocol)}</span>
      </div>
      <div class="scroll-x">
        <table>
          <thead>
            <tr>
              <th>head</th>
              <th class="number">classes</th>
              <th class="number">chance</th>
              <th class="number">top-1 %</th>
              <th class="number">best top-1 %</th>
              <th class="number">top-5 %</th>
              <th class="number">samples</th>
              <th class="number">missing</th>
            </tr>
          </thead>
          <tbody>
            {model.heads.map((head, i) => {
              const classes = head.last?.classes ?? head.classes;
              return (
                <tr key={head.name}>
                  <td class="name">
                    <span class="row">
                      <span class="dot" style={{ color: seriesColor(i) }} />
                      {head.last ? (
                        <button
                          type="button"
                          class="plain link clip-text"
                          title={`Open the evaluation of ${head.name}`}
                          onClick={() => onOpenEvaluation(head.name)}
                        >
                          {head.name}
                        </button>
                      ) : (
                        <span class="clip-text" title={head.name}>
                          {head.name}
                        </span>
                      )}
                    </span>
                  </td>
                  <td class="number">{classes === undefined ? '–' : count(classes)}</td>
                  <td class="number dim">{classes ? percentNumber(1 / classes) : '–'}</td>
                  <td class="number">
                    <b data-testid={`top1-${head.name}`}>{percentNumber(head.last?.top1)}</b>
                  </td>
                  <td class="number">
                    {head.best ? (
                      <>
                        {percentNumber(head.best.result.top1)} <span class="dim">at step {count(head.best.step)}</span>
                      </>
                    ) : (
                      '–'
                    )}
                  </td>
                  <td class="number">{percentNumber(head.last?.top5)}</td>
                  <td class="number">{head.last ? count(head.last.samples) : '–'}</td>
                  <td class={head.last && head.last.missing > 0 ? 'number wrong' : 'number'}>
                    {head.last ? count(head.last.missing) : '–'}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
