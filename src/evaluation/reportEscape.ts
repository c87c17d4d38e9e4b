// Text from anywhere (class names, file names, errors) as it may stand in HTML and in Markdown.
import { shown } from '../base/shownText.ts';

/** For elements and attributes alike. */
export function html(text: string): string {
  return readable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** For running text and table cells of one line: nothing in it is markup, a link, or a mention. */
export function markdown(text: string): string {
  return readable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]()#+!|~^$]/g, '\\$&')
    .replace(/@(?=\w)/g, '@\u2060')
    .replace(/(https?|ftp|www)(?=[:.])/gi, '$1\u2060');
}

/** On one line. */
function readable(text: string): string {
  return shown(text).replaceAll('\n', '\ufffd');
}
