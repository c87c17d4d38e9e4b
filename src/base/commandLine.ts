// A command written down so that a person can paste it into the shell of their system: what Copy as CLI Command puts on the
// clipboard. It is only shown; nothing here is ever run through a shell (programs are started with lists of arguments).

/** The words as one line for bash, zsh and fish, or on Windows for PowerShell, and for cmd where no word has a % or a quote. */
export function commandLine(args: readonly string[], platform: string = process.platform): string {
  return args.map(platform === 'win32' ? forWindows : forPosix).join(' ');
}

function forPosix(word: string): string {
  if (/^[\w@%+:,./-]+$/.test(word)) return word;
  // A line break or an escape in a file's name must not end the line, or steer the terminal, when it is pasted.
  if (hasControl(word)) return `$'${word.replace(/[\\']/g, '\\$&').replace(controls, escaped)}'`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function forWindows(word: string): string {
  // PowerShell takes "a,b" for two words, and "-a.b" apart at the dot.
  if (/^[\w:./\\-]+$/.test(word) && !/^-.*[.:]/.test(word)) return word;
  const clean = word.replace(controls, ' ');
  // Before a closing quote, programs read one backslash as an escape.
  const closed = clean.replace(/\\+$/, '$&$&');
  return /["$`%“”„]/.test(clean) ? `'${closed.replace(/['‘’‚‛]/g, '$&$&')}'` : `"${closed}"`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const controls = /[\u0000-\u001f\u007f-\u009f]/g;

function hasControl(word: string): boolean {
  return word.search(controls) >= 0;
}

function escaped(control: string): string {
  const code = control.charCodeAt(0);
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
