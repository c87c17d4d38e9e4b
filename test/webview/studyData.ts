// A made-up study that is finished: a comparison with its table, and a transfer matrix.
import type { StudyStatistic } from '../../src/protocol/studies.ts';
import type { ViewedStudy } from '../../src/protocol/studyView.ts';

export const value = (mean: number, deviation: number | null = 0.012): StudyStatistic => ({
  mean,
  deviation,
  values: [mean - 0.01, mean + 0.01],
});

export const names = ['kinetics-mini', 'ssv2-mini', 'imagenet-mini'];
const odd = '<img src=x onerror=alert(1)>';

/** A run of a study: finished where it took its `seconds`. */
export function armOf(
  title: string,
  seed: number,
  run: string | null,
  seconds: number | null = null,
  far: Partial<ViewedStudy['arms'][number]> = {},
): ViewedStudy['arms'][number] {
  const done = seconds !== null;
  const steps = run === null ? 0 : 120;
  return { title, seed, run, done, training: false, failed: false, step: done ? steps : 0, steps, seconds, ...far };
}

export function studyOf(): ViewedStudy {
  const sources = ['scratch', 'co-trained', ...names.map((name) => `${name} alone`)];
  const gain = (i: number, j: number) => (i === 0 || i - 2 === j ? null : value(((i * 7 + j * 3) % 5) / 20 - 0.08));
  return {
    name: 'strategies',
    experiment: odd,
    compare: ['coTraining', 'transfer'],
    seeds: [1, 2],
    finished: 14,
    runs: 14,
    folder: '/w/.cover/studies/strategies',
    protocols: ['1 clip × 1 crop, 8 frames uniform, 64 × 64'],
    devices: ['cpu'],
    seconds: 4321,
    running: false,
    stopping: false,
    eta: null,
    later: 0,
    arms: [armOf('co-trained', 1, 'strategies-1', 240), armOf(`${odd} alone`, 2, 'strategies-2', 190)],
    tables: [
      {
        comparison: 'coTraining',
        title: 'Co-trained against each dataset alone',
        explained: 'Each dataset alone was trained on as many samples of it as the co-trained model drew.',
        arms: ['co-trained', 'alone'],
        rows: names.map((dataset, i) => ({
          dataset,
          arms: { 'co-trained': value(0.7 - i / 10), alone: value(0.65) },
          differences: { alone: value(0.05 - i / 10) },
          seen: { 'co-trained': [1600, 1610], alone: [1600, 1610] },
          steps: { 'co-trained': [75, 75], alone: [50, 51] },
          samples: [240],
          missing: [i],
        })),
        mean: { arms: { 'co-trained': value(0.6), alone: value(0.65) }, differences: { alone: value(-0.05) } },
        over: { alone: 3 },
      },
    ],
    transfer: {
      sources,
      targets: names,
      accuracies: sources.map((_, i) => names.map((__, j) => (i - 2 === j ? null : value(0.5 + (i + j) / 20)))),
      gains: sources.map((_, i) => names.map((__, j) => gain(i, j))),
    },
  };
}
