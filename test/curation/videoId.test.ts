// Which file names hold a YouTube id and which part of the video they name; what only looks like an id.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { samePart } from '../../src/curation/sameVideo.ts';
import { siblingKey, videoPartOf } from '../../src/curation/videoId.ts';

const annotations = process.env.COVER_ANNOTATIONS ?? join(__dirname, '../../../shared/annotations');
const hasAnnotations = existsSync(join(annotations, 'kinetics'));
if (!hasAnnotations) console.warn(`Skipped: no annotation lists in ${annotations} (set COVER_ANNOTATIONS).`);

const id = '0wR5jVB-WPk';
const part = { id, start: null, end: null, cut: null, bare: false };

describe('a name with an id', () => {
  it.each([
    ['Kinetics', `abseiling/${id}_000417_000427.mp4`, { ...part, start: 417, end: 427 }],
    ['a folder of frames', `${id}_000417_000427`, { ...part, start: 417, end: 427 }],
    ['ActivityNet', `v_${id}.mp4`, part],
    ['Moments in Time', `yt-${id}_48.mp4`, { ...part, cut: '48' }],
    ['Diving48', `${id}_00003.mp4`, { ...part, cut: '00003' }],
    ['an id alone', `${id}.mkv`, { ...part, bare: true }],
    ['an id that begins with "-"', '---QUuC4vJs_000084_000094.mp4', { ...part, id: '---QUuC4vJs', start: 84, end: 94 }],
  ])('%s', (_, file, expected) => expect(videoPartOf(file)).toEqual(expected));
});

describe('a name without one', () => {
  it.each([
    ['UCF101', 'v_ApplyEyeMakeup_g08_c01.avi'],
    ['Something-Something', '78687.webm'],
    ['a number of eleven digits', '12345678904.mp4'],
    ['HMDB51', 'April_09_brush_hair_u_nm_np1_ba_goo_0.avi'],
    ['Moments in Time, another source', 'getty-karate-video-id635808620_4.mp4'],
    ['a word and a number', 'Video_00014.mp4'],
    ['words', 'HorseRacing.mp4'],
    ['words of one case', 'horse_racing.mp4'],
    ['an end that no id has', '0wR5jVB-WPz_000417_000427.mp4'],
    ['a part that ends before it begins', '0wR5jVB-WPk_000427_000417.mp4'],
    ['EPIC-Kitchens', 'P01_102.MP4'],
  ])('%s', (_, file) => expect(videoPartOf(file)).toBeUndefined());
});

describe.skipIf(!hasAnnotations)('the real lists', () => {
  it('Kinetics-400: every id is known with its times, and nearly every one alone', () => {
    const lines = readFileSync(join(annotations, 'kinetics/kinetics-400_val.csv'), 'utf8').trim().split('\n').slice(1);
    const ids = lines.map((line) => line.split(',').at(-5)!);
    expect(ids).toHaveLength(19_906);
    const known = ids.filter((one) => videoPartOf(`${one}.mp4`)?.id === one).length;
    expect(known / ids.length).toBeGreaterThan(0.99);
    expect(ids.filter((one) => videoPartOf(`${one}_000010_000020.mp4`)?.id === one)).toHaveLength(known);
  });

  it('UCF101: no name is taken for an id', () => {
    const lists = ['trainlist01.txt', 'testlist01.txt'].map((name) => join(annotations, 'ucf101', name));
    const files = lists.flatMap((list) => readFileSync(list, 'utf8').trim().split('\n'));
    expect(files.length).toBeGreaterThan(13_000);
    expect(files.map((line) => videoPartOf(line.trim().split(' ')[0]!)).filter(Boolean)).toEqual([]);
  });
});

describe('the same part of one video', () => {
  const seconds = (start: number, end: number) => ({ id, seconds: { start, end }, cut: null });
  const whole = { id, seconds: undefined, cut: null };
  const cut = (number: string) => ({ id, seconds: undefined, cut: number });
  it.each([
    ['times that overlap', seconds(10, 20), seconds(15, 25), true],
    ['times that touch', seconds(10, 20), seconds(20, 30), false],
    ['times apart', seconds(10, 20), seconds(90, 100), false],
    ['a time and a whole video', seconds(10, 20), whole, true],
    ['no times at all', whole, whole, true],
    ['the same cut', cut('48'), cut('48'), true],
    ['another cut', cut('48'), cut('12'), false],
    ['a cut and a time', cut('48'), seconds(10, 20), false],
    ['a cut and a whole video', cut('48'), whole, true],
  ])('%s', (_, a, b, expected) => expect([samePart(a, b), samePart(b, a)]).toEqual([expected, expected]));
});

describe('clips cut from one source on purpose', () => {
  it.each([
    ['v_Archery_g08_c01.avi', 'v_Archery_g08_c02.avi', true],
    ['v_Archery_g08_c01.avi', 'v_Archery_g09_c01.avi', false],
    ['April_09_brush_hair_u_nm_np1_ba_goo_0.avi', 'April_09_brush_hair_u_nm_np1_ba_goo_1.avi', true],
    ['holiday_1.avi', 'holiday_2.avi', false],
  ])('%s, %s: %s', (a, b, expected) =>
    expect(siblingKey(a) !== undefined && siblingKey(a) === siblingKey(b)).toBe(expected),
  );
});
