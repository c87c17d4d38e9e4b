// The status bar item's words, the words of a draft on a command line, and trying again in less memory.
import { expect, test } from 'vitest';
import { trainArguments } from '../../src/extension/draftArguments.ts';
import { draftOf, halved, ranOutOfMemory, smallerDraft } from '../../src/extension/retry.ts';
import { type JobNow, statusOf } from '../../src/extension/statusText.ts';
import type { Draft } from '../../src/protocol/trainPlan.ts';

const cpu = { id: 'cpu', name: 'AMD EPYC', detail: '2 threads' };
const job: JobNow = {
  run: 'cover-1',
  others: 0,
  started: 'cpu (AMD EPYC; 2 threads)',
  step: undefined,
  progress: undefined,
  cancelling: false,
};
const step = {
  event: 'step' as const,
  stage: 'coTraining',
  step: 1240,
  steps: 3000,
  epoch: 1,
  loss: 1.5,
  heads: {},
  learningRate: 0.001,
  clipsPerSecond: 3,
  waiting: 0,
  eta: 720,
  drawn: {},
};
const decode = { event: 'progress' as const, task: 'decode' as const, done: 1, total: 2, rate: 1, eta: 1 };

test.each<[string, Parameters<typeof statusOf>, string]>([
  ['nothing is known before someone asks', [undefined, undefined], '$(circuit-board) CoVeR'],
  ['the device by its name', [cpu, undefined], '$(circuit-board) AMD EPYC'],
  ['a name is no icon', [{ ...cpu, name: '$(bug) x' }, undefined], '$(circuit-board) $\u2060(bug) x'],
  ['a job without a folder yet', [cpu, { ...job, run: undefined }], '$(loading~spin) starting'],
  ['what it does before steps', [cpu, { ...job, progress: decode }], '$(loading~spin) cover-1 decoding'],
  ['steps and time left', [cpu, { ...job, step }], '$(loading~spin) cover-1 1,240/3,000 · 12 min left'],
  ['stopping', [cpu, { ...job, step, cancelling: true }], '$(loading~spin) cover-1 1,240/3,000 · stopping'],
  [
    'a study: its run among all, and the time of all',
    [cpu, { ...job, step, study: { study: 'nights', number: 3, of: 14, later: 3600 } }],
    '$(loading~spin) nights run 3/14 · 1,240/3,000 · 72 min left',
  ],
  [
    'a study whose first run it is',
    [cpu, { ...job, step, study: { study: 'nights', number: 1, of: 14, later: null } }],
    '$(loading~spin) nights run 1/14 · 1,240/3,000 · 12 min left of this run',
  ],
  ['several', [cpu, { ...job, step, others: 2 }], '$(loading~spin) cover-1 1,240/3,000 · 12 min left · +2'],
])('status: %s', (_, [device, now], text) => {
  expect(statusOf(device, now).text).toBe(text);
});

test('the hover offers what can be done, and names in it stay names', () => {
  const words = statusOf(cpu, { ...job, step, run: 'a](command:x) *b*' }).tooltip;
  expect(words).toContain('a\\]\\(command:x\\) \\*b\\*');
  expect(words).toMatch(/\[Open run\]\(command:cover\.openRun\?%5B/);
  expect(words).toMatch(/\[Stop\]\(command:cover\.stopRun\?/);
  expect(statusOf(cpu, { ...job, cancelling: true }).tooltip).not.toContain('stopRun');
});

const draft = (edits: Draft['edits'], more: Partial<Draft> = {}): Draft => ({ edits, flips: {}, ...more });
const saved = { name: 'nightly', file: '/w/cover.json' };

test.each<[string, Draft, { name: string; file: string | null }, string | undefined]>([
  ['a saved experiment', draft([]), saved, 'train --experiment nightly'],
  ['with a device', draft([], { device: 'cpu' }), saved, 'train --experiment nightly --device cpu'],
  ['no experiment', draft([]), { name: 'cover', file: null }, 'train'],
  [
    'what options say',
    draft([
      { path: ['datasets'], value: ['a', 'b'] },
      { path: ['model', 'preset'], value: 'tiny' },
      { path: ['model', 'weights'], value: 'run:x' },
    ]),
    saved,
    'train --experiment nightly --datasets a,b --preset tiny --weights run:x',
  ],
  ['a setting without an option', draft([{ path: ['seed'], value: 2 }]), saved, undefined],
  ['one that was taken away', draft([{ path: ['datasets'] }]), saved, undefined],
  ['a flip', draft([], { flips: { a: true } }), saved, undefined],
  ['a template', draft([], { template: 'cover' }), { name: 'cover', file: null }, undefined],
])('command: %s', (_, of, plan, words) => {
  expect(trainArguments(of, plan)?.join(' ')).toBe(words);
});

test.each<[boolean, { code?: string; message: string }]>([
  [true, { code: 'does-not-fit', message: 'Training this model needs about 9 GB.' }],
  [
    true,
    { message: 'The CoVeR runner ended unexpectedly (killed, SIGKILL; the system does this when memory runs out).' },
  ],
  [true, { message: 'Failed to allocate memory for requested buffer of size 123' }],
  [false, { code: 'diverged', message: 'Training broke down at step 3.' }],
])('out of memory is %s: %j', (expected, outcome) => {
  expect(ranOutOfMemory(outcome)).toBe(expected);
});

test('a choice becomes a draft, and batches are cut further as far as they can be', () => {
  expect(draftOf({ experiment: 'a', datasets: ['x'], preset: 'tiny', device: 'cpu' })).toEqual({
    experiment: 'a',
    edits: [
      { path: ['datasets'], value: ['x'] },
      { path: ['model', 'preset'], value: 'tiny' },
    ],
    flips: {},
    device: 'cpu',
  });
  const stage = (name: string) => ({ name, epochs: 1, steps: 1, samples: 1, shares: {} });
  const settings = { coTraining: { batchSize: 32, accumulate: 2 }, fineTuning: { batchSize: 5, accumulate: 1 } };
  expect(halved({ stages: [stage('coTraining'), stage('fineTuning')], settings })).toEqual([
    { path: ['coTraining', 'accumulate'], value: 4 },
  ]);
  expect(halved({ stages: [stage('fineTuning')], settings })).toBeUndefined();
});

test('a smaller draft takes what the estimate names, else batches in more parts, else there is none', async () => {
  const edits = [{ path: ['checkpointing'], value: true }];
  const stages = [{ name: 'coTraining', epochs: 1, steps: 1, samples: 1, shares: {} }];
  const settings = { coTraining: { batchSize: 4, accumulate: 2 } };
  const answers: [object, Draft['edits'] | undefined][] = [
    [{ needs: { fits: false, advice: { text: '', edits } } }, edits],
    [{ needs: { fits: true, advice: null }, stages, settings }, [{ path: ['coTraining', 'accumulate'], value: 4 }]],
    [{ needs: { fits: false, advice: null }, stages, settings }, undefined],
    [{ needs: null, stages: [], settings: {} }, undefined],
  ];
  for (const [plan, expected] of answers) {
    const runners = { ask: async () => plan as never };
    const smaller = await smallerDraft(runners, '/w', draft([{ path: ['seed'], value: 1 }]));
    expect(smaller?.edits).toEqual(expected && [{ path: ['seed'], value: 1 }, ...expected]);
  }
});
