// How numbers read, how frames are stepped, which files need converting, and the page a webview starts from.
import { describe, expect, test } from 'vitest';
import { baseName, bytes, clock, duration, figures, percent, percentNumber, plural } from '../../src/base/format.ts';
import { webviewHtml } from '../../src/protocol/webviewTransport.ts';
import { mediaTime, needsConversion } from '../../webview/base/media.ts';
import { learnFrame, stepped } from '../../webview/clip/frames.ts';

describe('format', () => {
  test.each([
    [0, '0 s'],
    [59.6, '1 min'],
    [95, '1 min 35 s'],
    [720, '12 min'],
    [5400, '1 h 30 min'],
    [7200, '2 h'],
    [-3, '0 s'],
  ])('%d seconds: %s', (seconds, expected) => expect(duration(seconds)).toBe(expected));

  test.each([
    [0, '0:00.00'],
    [61.239, '1:01.24'],
    [59.999, '1:00.00'],
    [Number.NaN, '–'],
  ])('at %d: %s', (seconds, expected) => expect(clock(seconds)).toBe(expected));

  test.each([
    [0, '0'],
    [0.01234, '0.012'],
    [0.00001, '1.0e-5'],
    [2.345, '2.35'],
    [38.24, '38.2'],
    [123.4, '123'],
    [12_345.6, '12,346'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('%d: %s', (value, expected) => expect(figures(value)).toBe(expected));

  test.each([
    [0.7125, '71.3', '71.3 %'],
    [1, '100.0', '100.0 %'],
    [null, '–', '–'],
  ])('share %d', (share, bare, signed) => {
    expect(percentNumber(share)).toBe(bare);
    expect(percent(share)).toBe(signed);
  });

  test.each([
    [999, '999 B'],
    [1536, '1.5 kB'],
    [32_232_419, '32 MB'],
    [612e6, '612 MB'],
  ])('%d bytes: %s', (value, expected) => expect(bytes(value)).toBe(expected));

  test.each([
    [1, '1 class'],
    [1234, '1,234 classes'],
  ])('%d in words', (value, expected) => expect(plural(value, 'class', 'classes')).toBe(expected));

  test.each([
    ['/data/a b/clip.mp4', 'clip.mp4'],
    ['C:\\data\\clip.mp4', 'clip.mp4'],
    ['clip.mp4', 'clip.mp4'],
  ])('%s ends in %s', (path, expected) => expect(baseName(path)).toBe(expected));
});

describe('frames', () => {
  test.each([
    [undefined, undefined, 0.04, undefined], // one frame tells nothing
    [undefined, 0, 0.04, 0.04],
    [0.04, 0.04, 0.12, 0.04], // a frame was dropped
    [0.08, 0.08, 0.12, 0.04],
    [0.04, 1.96, 0, 0.04], // looped
    [0.04, 0.5, 0.5, 0.04], // the same frame again
  ])('knowing %s, after %s comes %s: %s', (known, previous, shown, expected) => {
    const frame = learnFrame(known, previous, shown);
    if (expected === undefined) expect(frame).toBeUndefined();
    else expect(frame).toBeCloseTo(expected, 9);
  });

  test.each([
    [0, 1, 0.06],
    [0.06, 1, 0.1],
    [0.06, -1, 0.02],
    [0, -1, 0.02], // at the start
    [1.98, 1, 1.98], // at the end
    [0, 999, 1.98],
  ])('from %d by %d to %d (25 a second, 2 s)', (time, steps, expected) => {
    expect(stepped(time, 0.04, steps, 0, 2)).toBeCloseTo(expected, 9);
  });

  test('inside a part of a file', () => {
    expect(stepped(1, 0.04, -1, 1, 1.2)).toBeCloseTo(1.02, 9);
    expect(stepped(1, 0.04, 50, 1, 1.2)).toBeCloseTo(1.18, 9);
  });
});

test.each([
  ['/a/clip.avi', true],
  ['/a/CLIP.AVI', true],
  ['/a/clip.mp4', false],
  ['/a/clip.webm', false],
  ['/a/clip', false], // tried first
])('%s needs conversion: %s', (file, expected) => expect(needsConversion(file)).toBe(expected));

test.each([
  [null, null, ''],
  [1.5, null, '#t=1.5'],
  [null, 3, '#t=0,3'],
  [1, 3, '#t=1,3'],
])('from %s to %s: "%s"', (start, end, expected) => expect(mediaTime(start, end)).toBe(expected));

test('the page lets nothing out of its attributes', () => {
  const html = webviewHtml({
    title: '<script>alert(1)</script>',
    cspSource: 'https://x.test',
    script: 'https://x.test/a"b.js',
    style: 'https://x.test/a.css',
    nonce: 'n0',
  });
  expect(html).not.toContain('<script>');
  expect(html).not.toContain('a"b.js');
  expect(html.match(/<script/g)).toHaveLength(1);
});
