// What the timeline draws: each head's best class of every window, in colours that stay with the class. Pure.
import type { HeadPredictions } from '../../src/protocol/events.ts';
import type { TimelinePlan } from '../../src/protocol/predictions.ts';

/** Colours that are told apart; further classes of a head share a grey. */
export const mostColours = 10;

/** A stretch of the film on the timeline: the window's part that it is drawn over, so that windows do not overlap. */
export function cellOf(
  { from, to, length, stride, windows }: TimelinePlan,
  index: number,
): { start: number; end: number } {
  const centre = from + index * stride + length / 2;
  // Windows with gaps between them stand alone.
  const half = Math.min(stride, length) / 2;
  const touching = stride <= length;
  return {
    start: touching && index === 0 ? from : Math.max(from, centre - half),
    end: touching && index === windows - 1 ? to : Math.min(to, centre + half),
  };
}

/** The window itself, in seconds of the file. */
export function windowOf({ from, length, stride }: TimelinePlan, index: number): { start: number; end: number } {
  return { start: from + index * stride, end: from + index * stride + length };
}

/** The window that is drawn at a time. */
export function windowAt(plan: TimelinePlan, time: number): number {
  const index = Math.round((time - plan.from - plan.length / 2) / (plan.stride || 1));
  return Math.min(plan.windows - 1, Math.max(0, index));
}

/** The classes that are best somewhere, in the order in which they appear. */
export function bestClasses(windows: readonly HeadPredictions[], head: string): string[] {
  const labels = windows.map((window) => window[head]?.[0]?.label).filter((label) => label !== undefined);
  return [...new Set(labels)];
}

/**
 * A number for the colour of each class, by its name, so that a class has the same colour in every video as far as classes of one
 * head do not want the same one; the later one takes the next that is free. Those beyond `mostColours` have none.
 */
export function classColours(labels: readonly string[]): Map<string, number> {
  const colours = new Map<string, number>();
  const taken = new Set<number>();
  for (const label of labels) {
    if (taken.size === mostColours) break;
    let colour = hashOf(label) % mostColours;
    while (taken.has(colour)) colour = (colour + 1) % mostColours;
    taken.add(colour);
    colours.set(label, colour);
  }
  return colours;
}

function hashOf(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619) >>> 0;
  return hash;
}

/** The table behind the drawing: a row for each window and head. */
export function timelineRows(plan: TimelinePlan, windows: readonly HeadPredictions[]): (string | number)[][] {
  return windows.flatMap((window, i) => {
    const { start, end } = windowOf(plan, i);
    return Object.entries(window).flatMap(([head, classes]) =>
      classes.map(({ label, probability }, rank) => [
        ...[i + 1, Number(start.toFixed(3)), Number(end.toFixed(3)), head, rank + 1, label],
        Number(probability.toPrecision(5)),
      ]),
    );
  });
}
