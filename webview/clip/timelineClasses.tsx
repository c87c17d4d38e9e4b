// The timeline's legend: the classes of every head with their share of the windows. A click goes to the next window of one.
import type { HeadPredictions } from '../../src/protocol/events.ts';
import type { TimelinePlan } from '../../src/protocol/predictions.ts';
import { seriesColor } from '../base/theme.ts';
import type { Playhead } from './playhead.ts';
import { bestClasses, windowAt, windowOf } from './timelineModel.ts';

interface TimelineClassesProps {
  plan: TimelinePlan;
  windows: readonly HeadPredictions[];
  colours: ReadonlyMap<string, ReadonlyMap<string, number>>;
  playhead: Playhead;
}

export function TimelineClasses({ plan, windows, colours, playhead }: TimelineClassesProps) {
  const goToNext = (head: string, label: string) => {
    const now = windowAt(plan, playhead.time);
    const order = [...Array(windows.length).keys()].map((i) => (now + 1 + i) % windows.length);
    const next = order.find((i) => windows[i]![head]?.[0]?.label === label);
    if (next === undefined) return;
    const { start, end } = windowOf(plan, next);
    playhead.seek((start + end) / 2);
  };
  return (
    <dl class="timeline-classes" data-testid="timeline-classes">
      {[...colours].map(([head, own]) => {
        const labels = bestClasses(windows, head);
        const times = (label: string) => windows.filter((window) => window[head]?.[0]?.label === label).length;
        const known = labels.filter((label) => own.has(label)).sort((a, b) => times(b) - times(a));
        return (
          <div key={head} class="row">
            <dt class="dim clip-text" title={head}>
              {head}
            </dt>
            <dd>
              {known.map((label) => (
                <button
                  key={label}
                  type="button"
                  class="plain timeline-class"
                  title={`${label}: the best class of ${times(label)} of ${windows.length} windows. Go to the next one.`}
                  onClick={() => goToNext(head, label)}
                >
                  <span class="dot" style={{ color: seriesColor(own.get(label)!) }} />
                  <span class="clip-text">{label}</span>
                  <span class="dim number">{Math.round((100 * times(label)) / windows.length)} %</span>
                </button>
              ))}
              {labels.length > known.length && (
                <span class="timeline-class dim">
                  <span class="dot" /> {labels.length - known.length} more
                </span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
