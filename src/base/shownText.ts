// Text from anywhere (names of classes, files, runs; errors that hold them) as it may be shown where the editor makes more
// of text than text: icons, links that run commands, Markdown, text that turns its direction.

/** Control characters, also those that turn the direction of what follows, become visible. Line ends stay. */
export function shown(text: string): string {
  return text.replace(/[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

/** For the names of rows, which are followed by numbers: after words from right to left those would stand before them. */
export function asName(text: string): string {
  return fromRightToLeft.test(text) ? `\u2068${shown(text)}\u2069` : shown(text);
}

/** Letters of Hebrew, Arabic and the scripts beside them, also in their forms for old printers. */
const fromRightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** For notifications, prompts and progress: "[x](command:y)" would be a link there that runs the command. */
export function asMessage(text: string): string {
  return shown(text).replaceAll('](', '] (');
}

/** For quick picks and the status bar: "$(x)" would be an icon there. */
export function asLabel(text: string): string {
  return shown(text).replace(/\\?\$\(/g, '$\u2060(');
}

/** For a MarkdownString: nothing in it is markup, a link, an icon or HTML. */
export function asMarkdown(text: string): string {
  return shown(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\$\(/g, '$\u2060(')
    .replace(/[\\`*_{}[\]()#+\-.!|~]/g, '\\$&')
    .replace(/(https?|ftp|www|mailto)(?=\\?[:.])/gi, '$1\u2060')
    .replace(/@(?=\w)/g, '@\u2060')
    .replace(/\n/g, '  \n');
}
