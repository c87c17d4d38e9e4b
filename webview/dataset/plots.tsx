// The plots beside the grid: each answers one question about the samples under the filters, and a click on it is a filter. A plot
// leaves its own filter out of account, so that what else could be chosen stays in sight.

import type { z } from 'zod';
import { csvText } from '../../src/base/csv.ts';
import { count, dotted, figures, percentNumber } from '../../src/base/format.ts';
import { shown } from '../../src/base/shownText.ts';
import type { Facets, SampleFilters } from '../../src/protocol/datasetQueries.ts';
import type { DatasetHostSurface } from '../../src/protocol/datasetView.ts';
import { seriesColor } from '../base/theme.ts';
import { Button } from '../base/toolkit.tsx';
import { ChartFrame } from '../charts/chartFrame.tsx';
import { BarList } from './barList.tsx';
import { ClassPlot } from './classPlot.tsx';
import { FindingList } from './findingList.tsx';
import { Histogram } from './histogram.tsx';
import { toggled, withFilter } from './navigation.ts';

export type PageCommand = z.infer<DatasetHostSurface['requests']['datasetView/run']['params']>['command'];

export interface PlotProps {
  /** Of the dataset, for files that are saved. */
  name: string;
  facets: Facets;
  filters: SampleFilters;
  onFilters: (filters: SampleFilters) => void;
}

interface PlotsProps extends PlotProps {
  kind: 'video' | 'image';
  /** The head whose predictions are shown, and how its run looked at held-out samples, where that is known. */
  head: string | undefined;
  protocol: string | undefined;
  shares: boolean;
  onShares: (shares: boolean) => void;
  onCommand: (command: PageCommand) => void;
}

export const accent = 'var(--accent)';
const wrong = 'var(--vscode-charts-red)';

export function Plots(props: PlotsProps) {
  const { facets, head, protocol, shares, onShares, onCommand } = props;
  const plot: PlotProps = props;
  return (
    <>
      <ClassPlot {...plot} shares={shares} onShares={onShares} />
      <SplitPlot {...plot} />
      {facets.tags.length > 0 && <TagPlot {...plot} />}
      {facets.predictions && (
        <PredictionPlots {...plot} predictions={facets.predictions} head={head ?? ''} protocol={protocol} />
      )}
      <MediaPlots {...plot} kind={props.kind} onCommand={onCommand} />
      <FindingList {...plot} onCommand={onCommand} />
    </>
  );
}

function SplitPlot({ name, facets, filters, onFilters }: PlotProps) {
  const { splits, excluded } = facets;
  const bars = splits.map((split, index) => ({
    key: split.name,
    name: split.name,
    parts: splits.map((_, other) => (other === index ? split.samples : 0)),
  }));
  const most = Math.max(...splits.map(({ samples }) => samples), excluded.excluded, excluded.others);
  const hasExcluded = excluded.excluded > 0 || filters.excluded !== undefined;
  const kept = [
    { key: 'others', name: 'used', parts: [excluded.others] },
    { key: 'excluded', name: 'excluded', parts: [excluded.excluded] },
  ];
  return (
    <ChartFrame
      title="Splits"
      name={`${name} splits`}
      csv={() => csvText([['split', 'samples'], ...splits.map((split) => [split.name, split.samples])])}
    >
      <BarList
        label="Splits"
        bars={bars}
        most={most}
        colors={splits.map((_, index) => seriesColor(index))}
        selected={new Set(filters.splits)}
        onToggle={(key, alone) => onFilters(withFilter(filters, 'splits', toggled(filters.splits, key, alone)))}
        testId="splits"
      />
      {hasExcluded && (
        <BarList
          label="Excluded samples"
          bars={kept}
          most={most}
          colors={['var(--vscode-descriptionForeground)']}
          selected={new Set(filters.excluded === undefined ? [] : [filters.excluded ? 'excluded' : 'others'])}
          onToggle={(key) => {
            const next = key === 'excluded';
            onFilters(withFilter(filters, 'excluded', filters.excluded === next ? undefined : next));
          }}
          testId="excluded"
        />
      )}
    </ChartFrame>
  );
}

function TagPlot({ name, facets: { tags }, filters, onFilters }: PlotProps) {
  return (
    <ChartFrame
      title="Tags"
      name={`${name} tags`}
      csv={() => csvText([['tag', 'samples'], ...tags.map(({ tag, samples }) => [tag, samples])])}
    >
      <BarList
        label="Tags"
        bars={tags.map(({ tag, samples }) => ({ key: tag, name: shown(tag).replaceAll('\n', ' '), parts: [samples] }))}
        colors={[accent]}
        rows={6}
        selected={new Set(filters.tags)}
        onToggle={(key, alone) => onFilters(withFilter(filters, 'tags', toggled(filters.tags, key, alone)))}
        testId="tags-plot"
      />
    </ChartFrame>
  );
}

interface PredictionPlotsProps extends PlotProps {
  predictions: NonNullable<Facets['predictions']>;
  head: string;
  protocol: string | undefined;
}

function PredictionPlots({ name, filters, onFilters, predictions, head, protocol }: PredictionPlotsProps) {
  const { correct, wrong: mistaken, none, confidence, predicted } = predictions;
  const bins = confidence.correct.length;
  const judged = [
    { key: 'correct', name: 'correct', parts: [correct, 0, 0] },
    { key: 'wrong', name: 'wrong', parts: [0, mistaken, 0] },
    { key: 'none', name: 'not judged', parts: [0, 0, none] },
  ] as const;
  const edge = (bin: number) => percentNumber(bin / bins, 0);
  return (
    <>
      <ChartFrame
        title="Predictions"
        // Of what is listed here: the run's own accuracy is that of all it held out.
        subtitle={dotted(
          correct + mistaken > 0 && `${count(correct)} of ${count(correct + mistaken)} judged here`,
          correct + mistaken > 0 && protocol,
        )}
        name={`${name} predictions of ${head}`}
        csv={() => csvText([['prediction', 'samples'], ...judged.map((bar) => [bar.name, Math.max(...bar.parts)])])}
      >
        <BarList
          label="Correctness"
          bars={judged}
          colors={[accent, wrong, 'var(--vscode-descriptionForeground)']}
          selected={new Set(filters.correctness ? [filters.correctness] : [])}
          onToggle={(key) => {
            const next = judged.find((bar) => bar.key === key)?.key;
            onFilters(withFilter(filters, 'correctness', filters.correctness === next ? undefined : next));
          }}
          testId="correctness"
        />
      </ChartFrame>
      <ChartFrame
        title="Confidence"
        subtitle="of the first guess, %; red: wrong"
        name={`${name} confidence of ${head}`}
        csv={() =>
          csvText([
            ['from', 'to', 'correct', 'wrong'],
            ...confidence.correct.map((one, bin) => [bin / bins, (bin + 1) / bins, one, confidence.wrong[bin]]),
          ])
        }
      >
        <Histogram
          label="Confidence of the first guess"
          bins={confidence.correct.map((one, bin) => [one, confidence.wrong[bin] ?? 0])}
          colors={[accent, wrong]}
          edge={edge}
          words={(bin) =>
            `${edge(bin)}–${edge(bin + 1)} %: ${count(confidence.correct[bin] ?? 0)} correct, ${count(confidence.wrong[bin] ?? 0)} wrong`
          }
          chosen={
            filters.confidence && [Math.round(filters.confidence[0] * bins), Math.round(filters.confidence[1] * bins)]
          }
          onChoose={(range) =>
            onFilters(withFilter(filters, 'confidence', range && [range[0] / bins, range[1] / bins]))
          }
          testId="confidence"
        />
      </ChartFrame>
      <ChartFrame
        title="Predicted class"
        subtitle="red: wrong"
        name={`${name} predicted by ${head}`}
        csv={() =>
          csvText([
            ['predicted', 'samples', 'correct'],
            ...predicted.map((one) => [one.label, one.samples, one.correct]),
          ])
        }
      >
        <BarList
          label="Predicted classes"
          bars={predicted.map((one) => ({
            key: one.label,
            name: one.label,
            parts: [one.correct, one.samples - one.correct],
            hint: `${one.label}: predicted ${count(one.samples)} times, ${count(one.correct)} rightly`,
          }))}
          colors={[accent, wrong]}
          selected={new Set(filters.predicted)}
          onToggle={(key, alone) => onFilters(withFilter(filters, 'predicted', toggled(filters.predicted, key, alone)))}
          testId="predicted"
        />
      </ChartFrame>
    </>
  );
}

interface MediaPlotsProps extends PlotProps {
  kind: 'video' | 'image';
  onCommand: (command: PageCommand) => void;
}

function MediaPlots({ name, facets, filters, onFilters, kind, onCommand }: MediaPlotsProps) {
  const { media } = facets;
  const probe = (
    <span class="row">
      <Button onClick={() => onCommand('probe')} testId="probe">
        Probe Media Files
      </Button>
      <button type="button" class="plain link" onClick={() => onCommand('copyProbe')}>
        Copy as CLI Command
      </button>
    </span>
  );
  if (!media || (media.sizes.length === 0 && media.unknown > 0 && !filters.sizes && !filters.seconds)) {
    return (
      <section class="panel chart" aria-label="Resolution and length">
        <h2>{kind === 'video' ? 'Resolution and length' : 'Resolution'}</h2>
        <p class="dim">Not known yet: the files were not probed.</p>
        {probe}
      </section>
    );
  }
  const { sizes, seconds, unknown } = media;
  const keyOf = (width: number, height: number) => `${width} × ${height}`;
  return (
    <>
      <ChartFrame
        title="Resolution"
        subtitle={unknown > 0 ? `of ${count(unknown)} not known` : undefined}
        name={`${name} resolutions`}
        csv={() =>
          csvText([['width', 'height', 'samples'], ...sizes.map((one) => [one.width, one.height, one.samples])])
        }
      >
        <BarList
          label="Resolutions"
          bars={sizes.map(({ width, height, samples }) => ({
            key: keyOf(width, height),
            name: keyOf(width, height),
            parts: [samples],
          }))}
          colors={[accent]}
          rows={6}
          selected={new Set(filters.sizes?.map(([width, height]) => keyOf(width, height)))}
          onToggle={(key, alone) => {
            const one = sizes.find(({ width, height }) => keyOf(width, height) === key);
            if (one) onFilters(withFilter(filters, 'sizes', toggled(filters.sizes, [one.width, one.height], alone)));
          }}
          testId="sizes"
        />
        {unknown > 0 && probe}
      </ChartFrame>
      {seconds && <LengthPlot {...{ name, facets, filters, onFilters }} seconds={seconds} />}
    </>
  );
}

interface LengthPlotProps extends PlotProps {
  seconds: NonNullable<NonNullable<Facets['media']>['seconds']>;
}

function LengthPlot({ name, filters, onFilters, seconds: { from, step, counts } }: LengthPlotProps) {
  const at = (bin: number) => from + bin * step;
  const last = counts.length - 1;
  const words = (bin: number) =>
    bin === last ? `${figures(at(bin))} s and more` : `${figures(at(bin))}–${figures(at(bin + 1))} s`;
  const chosen = filters.seconds;
  return (
    <ChartFrame
      title="Length"
      subtitle="seconds"
      name={`${name} lengths`}
      csv={() =>
        csvText([
          ['from seconds', 'to seconds', 'samples'],
          ...counts.map((samples, bin) => [at(bin), bin === last ? null : at(bin + 1), samples]),
        ])
      }
    >
      <Histogram
        label="Lengths in seconds"
        bins={counts.map((samples) => [samples])}
        colors={[accent]}
        edge={(bin) => String(Number(at(bin).toPrecision(3)))}
        words={(bin) => `${words(bin)}: ${count(counts[bin] ?? 0)}`}
        chosen={
          chosen && [
            Math.round((chosen[0] - from) / step),
            chosen[1] === null ? counts.length : Math.round((chosen[1] - from) / step),
          ]
        }
        onChoose={(range) =>
          onFilters(withFilter(filters, 'seconds', range && [at(range[0]), range[1] > last ? null : at(range[1])]))
        }
        testId="lengths"
      />
    </ChartFrame>
  );
}
