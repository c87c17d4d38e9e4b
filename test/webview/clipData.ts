// What a host would tell the clip view of a clip: predictions, a timeline, where the model looked.
import type { HeadPredictions } from '../../src/protocol/events.ts';
import type { Attention, TimelinePage, TimelinePlan } from '../../src/protocol/predictions.ts';

export const heads = {
  'kinetics-mini': [
    { label: 'riding a bike', probability: 0.81 },
    { label: 'riding scooter', probability: 0.12 },
    { label: 'archery', probability: 0.04 },
    { label: 'pole vault', probability: 0.02 },
    { label: 'bowling', probability: 0.006 },
    { label: 'juggling balls', probability: 0.003 },
    { label: 'yoga', probability: 0.001 },
  ],
  'ssv2-mini': [
    { label: 'Pushing something from left to right', probability: 0.44 },
    { label: 'Pretending to <i>push</i> something', probability: 0.31 },
    { label: 'Moving something down', probability: 0.11 },
  ],
  'imagenet-mini': [
    { label: 'unicycle', probability: 0.63 },
    { label: 'tricycle', probability: 0.2 },
  ],
} satisfies HeadPredictions;

/** Windows over `seconds`; the best class changes every few of them. One is called like a script. */
export function timelineOf(seconds: number, length = 1): { plan: TimelinePlan; windows: HeadPredictions[] } {
  const plan = { from: 0, to: seconds, length, stride: length / 2, windows: (2 * seconds) / length - 1, frames: 8 };
  const turns = ['riding a bike', '<img src=x onerror=document.title="broken">', 'archery', 'riding a bike'];
  const windows = Array.from({ length: plan.windows }, (_, i) => ({
    'kinetics-mini': [
      { label: turns[Math.floor(i / 4) % turns.length]!, probability: 0.5 + 0.4 * Math.sin(i) ** 2 },
      { label: 'bowling', probability: 0.06 },
      { label: 'yoga', probability: 0.02 },
    ],
    'ssv2-mini': [{ label: i % 7 < 3 ? 'Moving something down' : 'Pushing something', probability: 0.4 }],
  }));
  return { plan, windows };
}

/** Pages of eight, as a runner tells them. */
export function pagesOf({ plan, windows }: ReturnType<typeof timelineOf>) {
  return async ({ from }: { from: number }): Promise<TimelinePage> => ({
    run: 'cover-tiny-2',
    plan,
    from,
    windows: windows.slice(from, from + 8),
    warning: null,
  });
}

/** A spot that wanders from the upper left to the lower right. */
export function attentionOf(times: (number | null)[], side = 14): Attention {
  const frames = times.map((time, f) => {
    const at = ((f + 0.5) / times.length) * side;
    const raw = Array.from({ length: side * side }, (_, i) => {
      const [x, y] = [(i % side) + 0.5, Math.floor(i / side) + 0.5];
      return 0.2 + 3 * Math.exp(-((x - at) ** 2 + (y - at) ** 2) / 8);
    });
    return { time, grid: raw };
  });
  const sum = frames.flatMap(({ grid }) => grid).reduce((a, b) => a + b, 0);
  for (const frame of frames) frame.grid = frame.grid.map((value) => (0.9 * value) / sum);
  return { run: 'cover-tiny-2', kind: 'divided', side, classToken: 0.1, frames, view: null };
}
