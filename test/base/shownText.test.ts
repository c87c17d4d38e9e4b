import { describe, expect, test } from 'vitest';
import { asLabel, asMarkdown, asMessage, shown } from '../../src/base/shownText.ts';

describe('text from anywhere', () => {
  test.each([
    [shown, 'a\nb', 'a\nb'],
    [shown, 'riding a bike – Fahrrad 🚲', 'riding a bike – Fahrrad 🚲'],
    [shown, '\u202egpj.exe\u2066', '\ufffdgpj.exe\ufffd'],
    [shown, 'red \u001b[31m', 'red \ufffd[31m'],
    [asMessage, 'see [x](command:y)', 'see [x] (command:y)'],
    [asMessage, '/data/a[1](2).mp4', '/data/a[1] (2).mp4'],
    [asLabel, '$(trash) 5 $', '$\u2060(trash) 5 $'],
    [asLabel, '\\$(trash)', '$\u2060(trash)'],
    [asMarkdown, '[x](command:y)', '\\[x\\]\\(command:y\\)'],
    [asMarkdown, '<img src=x> & *b* `c`', '&lt;img src=x&gt; &amp; \\*b\\* \\`c\\`'],
    [asMarkdown, '![p](https://x.y/z)', '\\!\\[p\\]\\(https\u2060://x\\.y/z\\)'],
    [asMarkdown, 'www.x.y', 'www\u2060\\.x\\.y'],
    [asMarkdown, '1. a\n- b', '1\\. a  \n\\- b'],
  ])('%o of %j', (as, text, expected) => expect(as(text)).toBe(expected));
});
