// Text from anywhere (class names, file names, errors) as it may stand in HTML and in Markdown.

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

/** Control characters, also those that turn the direction of what follows, become visible. */
function readable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
