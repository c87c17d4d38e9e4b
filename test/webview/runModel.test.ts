// What a run's events add up to, and how the view keeps in step with the host.
import { describe, expect, test } from 'vitest';
import type { JobEvent } from '../../src/protocol/events.ts';
import { RunFeed, type RunState } from '../../webview/run/runFeed.ts';
import { applyEvent, axisEnd, emptyModel, mostPoints, planned, stageAt } from '../../webview/run/runModel.ts';
import { runEvents, runSummary } from './runData.ts';

function modelOf(events: JobEvent[]) {
  const model = emptyModel();
  for (const event of events) applyEvent(model, event);
  return model;
}

describe('run model', () => {
  test('adds up to lines, judgements and stages', () => {
    const model = modelOf(runEvents({ until: 1240 }));
    expect(model.loss.x).toHaveLength(1240);
    expect(model.heads.map((head) => [head.name, head.classes, head.loss.x.length, head.top1.x.length])).toEqual([
      ['kinetics-mini', 10, 240, 2],
      ['ssv2-mini', 8, 240, 2],
      ['imagenet-mini', 20, 1240, 12],
    ]);
    expect(model.heads[2]!.best!.step).toBe(1000);
    expect(model.heads[2]!.last!.top1).toBeLessThan(model.heads[2]!.best!.result.top1!);
    expect(model.checkpoints).toHaveLength(12);
    expect(model.problems).toHaveLength(2);
    expect(stageAt(model, 1000)!.title).toBe('image pre-training');
    expect(stageAt(model, 1001)!.title).toBe('co-training');
  });

  test('the plan follows the stages', () => {
    const model = modelOf(runEvents({ until: 1 }));
    expect(planned(model, 'imagenet-mini', 500)).toBe(500 * 32);
    expect(planned(model, 'kinetics-mini', 1000)).toBe(0);
    expect(planned(model, 'kinetics-mini', 1100)).toBeCloseTo((100 * 32 * 1000) / 5720, 6);
    expect(planned(model, 'kinetics-mini', 99_999)).toBeCloseTo((2000 * 32 * 1000) / 5720, 6);
  });

  test('there is no plan where the run told none', () => {
    const [started] = runEvents({ until: 0 });
    if (started?.event !== 'started') throw new Error('The first event is "started".');
    const stages = started.stages.map(({ name, steps, epochs }) => ({ name, steps, epochs }));
    expect(planned(modelOf([{ ...started, stages }]), 'kinetics-mini', 10)).toBeUndefined();
    expect(planned(emptyModel(), 'kinetics-mini', 10)).toBeUndefined();
  });

  test('a resumed run replaces the steps it trains again', () => {
    const events = runEvents({ until: 20 });
    const again = events.filter((event) => event.event === 'step' && event.step > 12);
    const model = modelOf([...events, ...again]);
    expect(model.loss.x).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test('a head that could not be judged has no point', () => {
    const heads = { k: { top1: null, top5: null, samples: 0, missing: 4, classes: 3 } };
    const model = modelOf([{ event: 'epoch', stage: 's', epoch: 1, step: 5, heads, checkpoint: 'c' }]);
    expect(model.heads[0]!.top1.x).toEqual([]);
    expect(model.heads[0]!.last!.missing).toBe(4);
  });

  test.each([
    [0, 38_000, 38_000],
    [3, 38_000, 20],
    [80, 38_000, 200],
    [150, 38_000, 500],
    [600, 38_000, 2000],
    [9499, 38_000, 20_000],
    [9500, 38_000, 38_000],
    [3, 100, 20],
    [3, 15, 15],
    [15, 15, 15],
  ])('at step %d of %d the axis ends at %d', (step, steps, expected) => {
    const model = modelOf(runEvents({ until: 1 }));
    model.step = step === 0 ? undefined : { ...model.step!, step, steps };
    if (step === 0) model.stages = [{ ...model.stages[0]!, steps, offset: 0 }];
    expect(axisEnd(model)).toBe(expected);
  });

  test('keeps a bounded number of points of an endless run, from its first to its last step', () => {
    const [step] = runEvents({ until: 1 }).filter((event) => event.event === 'step');
    const model = emptyModel();
    for (let i = 1; i <= 50_000; i++) applyEvent(model, { ...step!, step: i, steps: 50_000 });
    for (const line of [model.loss, model.learningRate, model.clipsPerSecond, model.waiting, model.heads[0]!.loss]) {
      expect(line.x.length).toBeLessThanOrEqual(mostPoints);
      expect(line.x.length).toBeGreaterThanOrEqual(mostPoints / 2);
      expect([line.x[0], line.x.at(-1)]).toEqual([1, 50_000]);
      expect(line.y).toHaveLength(line.x.length);
    }
  });

  test('tells what happened as sentences, without the steps', () => {
    const { sentences, protocol } = modelOf(runEvents({ until: 1100, done: true }));
    expect(sentences[0]).toBe(
      'Started on CPU, 2 threads: 5,900,000 parameters, image pre-training of 1,000 steps, then co-training of 2,000 steps.',
    );
    expect(sentences[1]).toMatch(/^Error: The video ends/);
    expect(sentences[3]).toMatch(/^Step 100: epoch 1 of image pre-training, imagenet-mini [\d.]+ %\.$/);
    expect(sentences.at(-1)).toMatch(/^Done after 42 min: kinetics-mini [\d.]+ %, .* \(1 clip × 1 crop, .*\)\.$/);
    expect(sentences).toHaveLength(1 + 2 + 11 + 1);
    expect(protocol).toBe('1 clip × 1 crop, 8 frames uniform, 64 × 64');
  });

  test('counted work shows while it lasts', () => {
    const counted = { event: 'progress', task: 'evaluate', total: 10, rate: 1, eta: null } as const;
    const model = modelOf([{ ...counted, done: 3 }]);
    expect(model.progress!.done).toBe(3);
    applyEvent(model, { ...counted, done: 10 });
    expect(model.progress).toBeUndefined();
  });
});

describe('run feed', () => {
  const all = runEvents({ until: 30 }).filter((event) => event.event === 'step');

  function feedOf(snapshots: number[]) {
    const states: RunState[] = [];
    const waiting: (() => void)[] = [];
    let asked = 0;
    const feed = new RunFeed(
      async () => {
        const length = snapshots[asked++] ?? 0;
        await new Promise<void>((resolve) => waiting.push(resolve));
        return { summary: runSummary('running'), events: all.slice(0, length), sequence: length, stopping: false };
      },
      (state) => states.push({ ...state }),
      (error) => {
        throw error;
      },
    );
    const answer = async () => {
      waiting.shift()?.();
      await new Promise((resolve) => setTimeout(resolve));
    };
    const tell = (sequence: number) => feed.receive({ sequence, events: [all[sequence - 1]!] });
    const steps = () => states.at(-1)?.model.loss.x.length ?? 0;
    return { feed, states, answer, tell, steps, asked: () => asked };
  }

  test('what comes before the snapshot is not lost and not counted twice', async () => {
    const { feed, answer, tell, steps } = feedOf([10]);
    void feed.start();
    for (const sequence of [9, 10, 11, 12]) tell(sequence);
    expect(steps()).toBe(0);
    await answer();
    expect(steps()).toBe(12);
    tell(13);
    tell(13);
    expect(steps()).toBe(13);
  });

  test('after a gap it asks again, and what came meanwhile follows', async () => {
    const { feed, answer, tell, steps, asked } = feedOf([3, 6]);
    void feed.start();
    await answer();
    tell(4);
    tell(6); // 5 was lost
    tell(7);
    expect(asked()).toBe(2);
    expect(steps()).toBe(4);
    await answer();
    expect(steps()).toBe(7);
  });

  test('the state comes in the same sequence', async () => {
    const { feed, states, answer } = feedOf([2]);
    void feed.start();
    await answer();
    feed.receive({ sequence: 3, summary: runSummary('done'), stopping: false });
    expect(states.at(-1)).toMatchObject({ stopping: false, summary: { state: 'done' } });
  });
});
