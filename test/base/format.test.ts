import { describe, expect, test } from 'vitest';
import { count, dotted, percent, plural, timeLeft } from '../../src/base/format.ts';

describe('numbers for a person', () => {
  test.each([
    [count(1240), '1,240'],
    [plural(1, 'clip'), '1 clip'],
    [plural(0, 'class', 'classes'), '0 classes'],
    [percent(0.7123), '71.2 %'],
    [percent(0), '0.0 %'],
    [percent(null), '–'],
    [timeLeft(null), ''],
    [timeLeft(Number.POSITIVE_INFINITY), ''],
    [timeLeft(0.2), '1 s left'],
    [timeLeft(89), '89 s left'],
    [timeLeft(90), '2 min left'],
    [timeLeft(5340), '89 min left'],
    [timeLeft(9000), '2.5 h left'],
    [dotted('a', false, '', undefined, 'b'), 'a · b'],
  ])('%s', (found, expected) => expect(found).toBe(expected));
});
