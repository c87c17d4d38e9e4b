// A made-up run of three heads in two stages, as a runner would tell it.
import { Random } from '../../src/base/random.ts';
import type { HeadResult, JobEvent } from '../../src/protocol/events.ts';
import type { RunSummary } from '../../src/protocol/runs.ts';

const heads = { 'kinetics-mini': 10, 'ssv2-mini': 8, 'imagenet-mini': 20 };
const sizes = { 'kinetics-mini': 1000, 'ssv2-mini': 720, 'imagenet-mini': 4000 };
const all = 1000 + 720 + 4000;
const firstStage = 1000;

export function runSummary(state: RunSummary['state']): RunSummary {
  return {
    run: 'cover-tiny-3',
    folder: '/data/.cover/runs/cover-tiny-3',
    experiment: 'cover-tiny',
    state,
    error: null,
    started: '2026-11-02T10:00:00Z',
    step: 0,
    steps: 3000,
    device: 'cpu',
    heads: {},
  };
}

/** Every event from the start through step `until` of 3,000. */
export function runEvents({ until, done = false }: { until: number; done?: boolean }): JobEvent[] {
  const random = new Random(7);
  const names = Object.keys(heads) as (keyof typeof heads)[];
  const events: JobEvent[] = [
    {
      event: 'started',
      run: 'cover-tiny-3',
      device: 'CPU, 2 threads',
      parameters: 5_900_000,
      stages: [
        { name: 'imagePretraining', steps: firstStage, epochs: 10, batchSize: 32, shares: { 'imagenet-mini': 1 } },
        {
          name: 'coTraining',
          steps: 2000,
          epochs: 20,
          batchSize: 32,
          shares: Object.fromEntries(names.map((name) => [name, sizes[name] / all])),
        },
      ],
      heads: Object.fromEntries(
        names.map((name) => [name, Array.from({ length: heads[name] }, (_, i) => `class ${i}`)]),
      ),
    },
  ];
  if (until >= 2) {
    const file = '/data/kinetics-mini/train/archery/a17.mp4';
    const message = 'The video ends after 3 of 250 frames: it was cut off while it was written. Replace or remove it.';
    events.push({ event: 'problem', problem: { severity: 'error', file, message, dataset: 'kinetics-mini' } });
    events.push({
      event: 'problem',
      problem: { severity: 'warning', file: '/data/ssv2.csv', line: 14, message: 'The class "Pushing" has 1 sample.' },
    });
  }
  const drawn: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  for (let step = 1; step <= until; step++) {
    const first = step <= firstStage;
    const losses: Record<string, number> = {};
    for (const name of names) {
      if (first && name !== 'imagenet-mini') continue;
      const start = name === 'imagenet-mini' ? 0 : firstStage;
      losses[name] =
        0.25 + (Math.log(heads[name]) - 0.25) * Math.exp(-(step - start) / 700) * (1 + 0.18 * random.normal());
      drawn[name]! += first ? 32 : Math.round((32 * sizes[name]) / all + random.normal());
    }
    const values = Object.values(losses);
    events.push({
      event: 'step',
      stage: first ? 'imagePretraining' : 'coTraining',
      step,
      steps: 3000,
      epoch: first ? step / 100 : (step - firstStage) / 100,
      loss: values.reduce((sum, value) => sum + value, 0) / values.length,
      heads: losses,
      learningRate: 1e-3,
      clipsPerSecond: 38.2 + random.normal(),
      waiting: 0.012,
      eta: ((3000 - step) * 32) / 38,
      drawn: { ...drawn },
    });
    if (step % 100 === 0) {
      const judged = first ? (['imagenet-mini'] as const) : names;
      events.push({
        event: 'epoch',
        stage: first ? 'imagePretraining' : 'coTraining',
        epoch: first ? step / 100 : (step - firstStage) / 100,
        step,
        heads: Object.fromEntries(judged.map((name) => [name, result(name, first ? step : step - firstStage, random)])),
        checkpoint: `step-${step}.safetensors`,
      });
    }
  }
  if (done) {
    const final = Object.fromEntries(names.map((name) => [name, result(name, 2000, random)]));
    const protocol = '1 clip × 1 crop, 8 frames uniform, 64 × 64';
    events.push({ event: 'done', run: 'cover-tiny-3', heads: final, protocol, seconds: 2540 });
  }
  return events;
}

function result(name: keyof typeof heads, step: number, random: Random): HeadResult {
  const top1 = Math.min(0.97, 0.86 - (0.86 - 1 / heads[name]) * Math.exp(-step / 600) + 0.012 * random.normal());
  return {
    top1,
    top5: Math.min(1, top1 + 0.12),
    samples: 240,
    missing: name === 'kinetics-mini' ? 2 : 0,
    classes: heads[name],
  };
}
