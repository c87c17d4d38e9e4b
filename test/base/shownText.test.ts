import { describe, expect, test } from 'vitest';
import { asLabel, asMarkdown, asMessage, asName, shown } from '../../src/base/shownText.ts';

describe('text from anywhere', () => {
  test.each([
    [shown, 'a\nb', 'a\nb'],
    [shown, 'riding a bike – Fahrrad 🚲', 'riding a bike – Fahrrad 🚲'],
    [shown, '\u202egpj.exe\u2066', '\ufffdgpj.exe\ufffd'],
    [shown, 'red \u001b[31m', 'red \ufffd[31m'],
    [shown, 'class 7 سلام', 'class 7 سلام'],
    [asName, 'שלום עולם', '\u2068שלום עולם\u2069'],
    [asName, 'class 7 سلام\u202e', '\u2068class 7 سلام\ufffd\u2069'],
    [asName, 'a\u202e', 'a\ufffd'],
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
