// The frame of every chart: its title, and a small menu that saves what is inside (an <svg> or a <canvas>) as SVG, PNG or CSV.
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { messageOf } from '../../src/base/errors.ts';
import { canSave, copyText, savePage } from '../base/pageServices.ts';
import { ChartMenu } from './chartMenu.tsx';
import { type LegendEntry, pngBase64, svgText } from './picture.ts';

interface ChartFrameProps {
  title: string;
  /** One line beside the title: what is drawn how. */
  subtitle?: string | undefined;
  /** The file's name as it is proposed, without an ending. */
  name: string;
  /** The data that is drawn, as a table (`csvText` of src/base/csv.ts). */
  csv: () => string;
  /** What stands under the title of a saved picture, where the names are not in the drawing itself. */
  legend?: readonly LegendEntry[];
  /** Where the drawing is a canvas: the same in outlines, for the SVG; the caller removes it again. */
  vector?: (() => SVGSVGElement | undefined) | undefined;
  /** Controls beside the menu. */
  tools?: ComponentChildren;
  testId?: string | undefined;
  /** For tests: how many points are drawn. */
  points?: number | undefined;
  children: ComponentChildren;
}

export function ChartFrame(props: ChartFrameProps) {
  const { title, subtitle, name, csv, legend, vector, tools, testId, points, children } = props;
  const body = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<string>();
  const run = (work: () => Promise<unknown>) => {
    setFailure(undefined);
    work().catch((error: unknown) => setFailure(messageOf(error)));
  };
  const source = (outlines?: SVGSVGElement) => {
    const drawing =
      outlines ?? body.current?.querySelector<SVGSVGElement | HTMLCanvasElement>('svg:not(.swatch), canvas');
    if (!drawing) throw new Error('There is nothing drawn yet.');
    return { title, subtitle, legend, drawing };
  };
  const items = [
    { text: 'Save as SVG…', run: () => run(async () => savePage(name, 'svg', svgText(source(vector?.())))) },
    { text: 'Save as PNG…', run: () => run(async () => savePage(name, 'png', await pngBase64(source()))) },
    { text: 'Save as CSV…', run: () => run(async () => savePage(name, 'csv', csv())) },
    { text: 'Copy as CSV', run: () => run(() => copyText(csv())) },
  ];
  return (
    <section class="panel chart" data-testid={testId} data-points={points} aria-label={title}>
      <div class="chart-head">
        <h2>{title}</h2>
        {subtitle && (
          <span class="dim chart-subtitle" title={subtitle}>
            {subtitle}
          </span>
        )}
        <span class="spread" />
        {tools}
        {canSave() && <ChartMenu label={`Save ${title}`} items={items} />}
      </div>
      {failure !== undefined && (
        <p class="chart-failure" role="alert">
          {failure}
        </p>
      )}
      <div ref={body}>{children}</div>
    </section>
  );
}
