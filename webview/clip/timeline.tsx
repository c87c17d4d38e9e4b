// What every head says over a long video: a row for each head, coloured by its best class. A click or the arrow keys move the film;
// the readout names the window under the pointer, or the one that is shown.
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { csvText } from '../../src/base/csv.ts';
import { clock, percent, plural } from '../../src/base/format.ts';
import type { HeadPredictions } from '../../src/protocol/events.ts';
import type { TimelinePlan } from '../../src/protocol/predictions.ts';
import { useSize } from '../base/hooks.ts';
import { Button, Dropdown } from '../base/toolkit.tsx';
import { ChartFrame } from '../charts/chartFrame.tsx';
import { type Playhead, usePlayhead } from './playhead.ts';
import type { Change, Settings } from './settings.ts';
import { TimelineClasses } from './timelineClasses.tsx';
import type { Timeline } from './timelineFeed.ts';
import { bestClasses, classColours, timelineRows, windowAt, windowOf } from './timelineModel.ts';
import { axisHeight, Rows, rowHeight, Scale } from './timelineRows.tsx';

interface TimelineViewProps {
  timeline: Timeline;
  playhead: Playhead;
  /** The file's name, for what is saved. */
  name: string;
  /** Whether what is wrong with the clip has been said where it is played. */
  isSaid: boolean;
  settings: Settings;
  change: Change;
}

export function TimelineView({ timeline, playhead, name, isSaid, settings, change }: TimelineViewProps) {
  const { plan, windows, state, failure } = timeline;
  const warning = isSaid ? null : timeline.warning;
  if (!plan) {
    if (state !== 'failed') return null;
    return (
      <p class="dim" data-testid="timeline-failure">
        No timeline: {failure?.message}
      </p>
    );
  }
  const tools = (
    <span class="row">
      <span class="dim number" role="status" data-testid="timeline-state">
        {state === 'whole' ? '' : `${windows.length} of ${plan.windows}`}
      </span>
      {state === 'asking' && <Button onClick={timeline.stop}>Stop</Button>}
      {(state === 'stopped' || state === 'failed') && (
        <Button testId="timeline-resume" onClick={timeline.resume}>
          Continue
        </Button>
      )}
      <Dropdown
        label="Length of a window"
        quiet
        value={settings.window}
        options={windowChoices}
        onChange={(window) => change({ window })}
        testId="window"
      />
    </span>
  );
  if (plan.windows === 1) {
    if (plan.length === 0) return null;
    return (
      <p class="dim timeline-one" data-testid="timeline-one">
        <span>One window covers all {secondsText(plan.length)}: no timeline.</span>
        {plan.length > 1 && tools}
      </p>
    );
  }
  const every = plan.stride > plan.length ? 'one every' : 'every';
  return (
    <ChartFrame
      title="Timeline"
      subtitle={`${plan.windows} windows of ${secondsText(plan.length)}, ${every} ${secondsText(plan.stride)}, ${plural(plan.frames, 'frame')} of each`}
      name={`timeline-${name}`}
      csv={() =>
        csvText([['window', 'start', 'end', 'head', 'rank', 'class', 'probability'], ...timelineRows(plan, windows)])
      }
      tools={tools}
      testId="timeline"
      points={windows.length}
    >
      <Body plan={plan} windows={windows} playhead={playhead} />
      {warning !== null && <p class="dim">{warning}</p>}
      {failure && <p class="wrong">{failure.message}</p>}
    </ChartFrame>
  );
}

/** Three figures at most: "2 s", "0.533 s". */
function secondsText(seconds: number): string {
  return `${Number(seconds.toPrecision(3))} s`;
}

const windowChoices = [
  { value: '', text: 'fit the model' },
  ...(['0.5', '1', '2', '4', '8', '16'] as const).map((value) => ({ value, text: `${value} s` })),
] as const;

interface BodyProps {
  plan: TimelinePlan;
  windows: readonly HeadPredictions[];
  playhead: Playhead;
}

function Body({ plan, windows, playhead }: BodyProps) {
  const [ref, { width }] = useSize<HTMLDivElement>();
  const [at, setAt] = useState<number>();
  const line = useRef<SVGLineElement>(null);
  const slider = useRef<HTMLDivElement>(null);
  const heads = Object.keys(windows[0] ?? {});
  const colours = useMemo(
    () => new Map(heads.map((head) => [head, classColours(bestClasses(windows, head))])),
    [windows, heads.join('\n')],
  );
  const scale = new Scale(plan, width);
  usePlayhead(playhead, (time) => {
    const x = String(scale.x(Math.min(plan.to, Math.max(plan.from, time))));
    line.current?.setAttribute('x1', x);
    line.current?.setAttribute('x2', x);
    const index = windowAt(plan, time);
    slider.current?.setAttribute('aria-valuenow', String(index + 1));
    slider.current?.setAttribute('aria-valuetext', spoken(plan, windows, index));
  });
  const go = (index: number) => {
    const { start, end } = windowOf(plan, Math.min(plan.windows - 1, Math.max(0, index)));
    playhead.seek((start + end) / 2);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const now = windowAt(plan, playhead.time);
    const step = event.shiftKey ? 10 : 1;
    if (event.key === 'ArrowLeft') go(now - step);
    else if (event.key === 'ArrowRight') go(now + step);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(plan.windows - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const timeOf = (event: MouseEvent) =>
    scale.time(event.clientX - (event.currentTarget as Element).getBoundingClientRect().left);
  const height = heads.length * rowHeight + axisHeight;
  return (
    <>
      <div class="timeline-area" ref={ref}>
        <div
          ref={slider}
          class="timeline-slider"
          role="slider"
          tabIndex={0}
          aria-label="Timeline: arrow keys move the film window by window"
          aria-valuemin={1}
          aria-valuemax={plan.windows}
          aria-valuenow={1}
          data-testid="timeline-area"
          onKeyDown={onKeyDown}
          onPointerMove={(event) => setAt(timeOf(event))}
          onPointerLeave={() => setAt(undefined)}
          onClick={(event) => playhead.seek(timeOf(event))}
        >
          {width > 0 && (
            <svg width={width} height={height} aria-hidden="true">
              <Rows plan={plan} windows={windows} heads={heads.join('\n')} width={width} colours={colours} />
              <line ref={line} class="timeline-now" y1={0} y2={heads.length * rowHeight} />
            </svg>
          )}
        </div>
        {at !== undefined && <Readout plan={plan} windows={windows} at={at} left={scale.x(at)} width={width} />}
      </div>
      <TimelineClasses plan={plan} windows={windows} colours={colours} playhead={playhead} />
    </>
  );
}

/** Pixels of the timeline that its readout covers where it opens downwards: those of the axis, as in clip.css. */
const overlap = 16;

interface ReadoutProps {
  plan: TimelinePlan;
  windows: readonly HeadPredictions[];
  at: number;
  left: number;
  width: number;
}

function Readout({ plan, windows, at, left, width }: ReadoutProps) {
  const index = windowAt(plan, at);
  const { start, end } = windowOf(plan, index);
  const said = windows[index];
  const right = left > width / 2;
  const ref = useRef<HTMLDivElement>(null);
  const [above, setAbove] = useState(false);
  // Upwards where the window ends first, unless there is even less room: how many heads and classes it names varies.
  useLayoutEffect(() => {
    const { top, bottom } = ref.current!.parentElement!.getBoundingClientRect();
    const height = ref.current!.offsetHeight;
    const below = window.innerHeight - bottom;
    setAbove(height > below + overlap && top > below);
  });
  const place = right ? { right: `${width - left + 12}px` } : { left: `${left + 12}px` };
  return (
    <div
      ref={ref}
      class={above ? 'timeline-readout above' : 'timeline-readout'}
      style={place}
      data-testid="timeline-readout"
    >
      <p class="dim">
        {clock(start)} – {clock(end)}
      </p>
      {!said && <p class="dim">not asked yet</p>}
      {said &&
        Object.entries(said).map(([head, classes]) => (
          <div key={head}>
            <b>{head}</b>
            {classes.map(({ label, probability }) => (
              <p key={label} class="row">
                <span class="clip-text">{label}</span>
                <span class="spread" />
                <span class="number">{percent(probability)}</span>
              </p>
            ))}
          </div>
        ))}
    </div>
  );
}

function spoken(plan: TimelinePlan, windows: readonly HeadPredictions[], index: number): string {
  const { start, end } = windowOf(plan, index);
  const said = Object.entries(windows[index] ?? {}).map(
    ([head, [best]]) => best && `${head}: ${best.label}, ${percent(best.probability, 0)}`,
  );
  return [`${clock(start)} to ${clock(end)}`, ...said].filter(Boolean).join('. ');
}
