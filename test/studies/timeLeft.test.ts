// How long a study still takes, by the runs that are finished.
import { expect, test } from 'vitest';
import { studyLeft } from '../../src/base/studyLeft.ts';
import { type Left, secondsLeft, type Took } from '../../src/studies/timeLeft.ts';

const took: Took[] = [
  { kind: 'coTrained', seconds: 100 },
  { kind: 'alone', seconds: 30 },
  { kind: 'alone', seconds: 50 },
];
const left = (kind: string, share = 0): Left => ({ kind, share });

test.each<[string, Left[], Took[], number | null]>([
  ['nothing is left', [], [], 0],
  ['nobody knows while none is finished', [left('alone')], [], null],
  ['as long as those of its kind', [left('alone'), left('coTrained')], took, 140],
  ['as all where there is none of its kind', [left('fineTuned')], took, 60],
  ['the rest of what was stopped', [left('alone', 0.75), left('coTrained', 0.5)], took, 60],
])('%s', (_, rest, finished, expected) => expect(secondsLeft(rest, finished)).toBe(expected));

test.each<[number | null, number | null, string]>([
  [60, null, '60 s left of this run'],
  [60, 0, '60 s left'],
  [60, 1140, '20 min left'],
  [null, 100, ''],
])('in words: %s and %s', (own, later, expected) => expect(studyLeft(own, later)).toBe(expected));
