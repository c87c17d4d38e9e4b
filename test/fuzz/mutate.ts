// Damage to files, from a seed: bytes for media and Parquet; lines, fields and JSON for annotations; encodings for both.
import type { Random } from '../../src/base/random.ts';

type Change = (bytes: Buffer, random: Random) => Buffer;

/** One of the changes that fit a file of this name, and what it is called. */
export function mutate(name: string, bytes: Buffer, random: Random): { how: string; bytes: Buffer } {
  const isText = /\.(csv|tsv|txt|json|jsonl)$/i.test(name);
  const kinds = [...Object.entries(byteChanges)];
  if (isText) kinds.push(...Object.entries(encodings), ...times(3, Object.entries(lineChanges)));
  if (/\.(csv|txt|jsonl)$/i.test(name)) kinds.push(...times(3, Object.entries(fieldChanges)));
  if (/\.jsonl?$/i.test(name)) kinds.push(...times(4, Object.entries(jsonChanges)));
  const [how, change] = pick(kinds, random);
  return { how, bytes: change(bytes, random) };
}

export function pick<T>(all: readonly T[], random: Random): T {
  return all[random.below(all.length)]!;
}

function times<T>(number: number, all: readonly T[]): T[] {
  return Array.from({ length: number }, () => all).flat();
}

const byteChanges: Record<string, Change> = {
  'flips bits': (bytes, random) => {
    const out = Buffer.from(bytes);
    for (let i = random.below(20); i >= 0 && out.length > 0; i--) {
      const at = random.below(out.length);
      out[at] = out[at]! ^ (1 << random.below(8));
    }
    return out;
  },
  'is cut off': (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  'loses its end': (bytes, random) => bytes.subarray(0, Math.max(0, bytes.length - 1 - random.below(64))),
  'loses its beginning': (bytes, random) => bytes.subarray(random.below(Math.min(64, bytes.length + 1))),
  'loses a piece': (bytes, random) => {
    const [from, to] = part(bytes.length, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  'has a piece twice': (bytes, random) => {
    const [from, to] = part(bytes.length, random);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  'has zeros': (bytes, random) => {
    const out = Buffer.from(bytes);
    out.fill(0, ...part(bytes.length, random));
    return out;
  },
  'has noise': (bytes, random) => {
    const out = Buffer.from(bytes);
    const [from, to] = part(bytes.length, random);
    for (let at = from; at < to; at++) out[at] = random.below(256);
    return out;
  },
  'has extreme numbers': (bytes, random) => {
    const out = Buffer.from(bytes);
    const at = random.below(Math.max(1, out.length - 4));
    if (out.length >= 4) out.writeUInt32BE(pick([0, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000], random), at);
    return out;
  },
  'is empty': () => Buffer.alloc(0),
  'goes on with noise': (bytes, random) =>
    Buffer.concat([bytes, Buffer.from(Array.from({ length: random.below(5000) }, () => random.below(256)))]),
};

/** A stretch of at most 4,096 bytes. */
function part(length: number, random: Random): [number, number] {
  const from = random.below(length + 1);
  return [from, Math.min(length, from + random.below(2 ** (1 + random.below(12))))];
}

const encodings: Record<string, Change> = {
  'has a byte order mark': (bytes) => Buffer.concat([Buffer.from('\uFEFF'), bytes]),
  'is UTF-16': (bytes) => Buffer.from(`\uFEFF${bytes.toString()}`, 'utf16le'),
  'is UTF-16 without a mark': (bytes) => Buffer.from(bytes.toString(), 'utf16le'),
  'is UTF-16, the other order': (bytes) => Buffer.from(`\uFEFF${bytes.toString()}`, 'utf16le').swap16(),
  'is Latin-1': (bytes, random) => Buffer.from(insert(bytes.toString(), 'é', random), 'latin1'),
  'is no UTF-8': (bytes, random) => {
    const at = random.below(bytes.length + 1);
    const bad = pick([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88], [0xe2, 0x82]], random);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(bad), bytes.subarray(at)]);
  },
  'has CRLF': (bytes) => Buffer.from(bytes.toString().replace(/\r?\n/g, '\r\n')),
  'has CR only': (bytes) => Buffer.from(bytes.toString().replace(/\r?\n/g, '\r')),
  'has a NUL': (bytes, random) => Buffer.from(insert(bytes.toString(), '\0', random)),
};

function insert(text: string, what: string, random: Random): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + what + text.slice(at);
}

function onLines(change: (lines: string[], at: number, random: Random) => void): Change {
  return (bytes, random) => {
    const lines = bytes.toString().split('\n');
    change(lines, random.below(lines.length), random);
    return Buffer.from(lines.join('\n'));
  };
}

const lineChanges: Record<string, Change> = {
  'loses a line': onLines((lines, at) => lines.splice(at, 1)),
  'has a line twice': onLines((lines, at) => lines.splice(at, 0, lines[at]!)),
  'has two lines swapped': onLines((lines, at, random) => {
    const other = random.below(lines.length);
    [lines[at], lines[other]] = [lines[other]!, lines[at]!];
  }),
  'has a blank line': onLines((lines, at, random) => lines.splice(at, 0, pick(['', ' ', '\t', '\u00a0'], random))),
  'has a line of rubbish': onLines((lines, at, random) => lines.splice(at, 0, pick(rubbish, random))),
  'has a very long line': onLines((lines, at, random) => {
    const piece = pick(['x', ' ', '1', '1 ', 'a.', '"', ',', '/', 'a b 1 ', '[', '\\'], random);
    lines[at] += piece.repeat(Math.floor(2 ** (10 + random.below(11)) / piece.length)) + pick(['', '!', ' 1'], random);
  }),
  'has lines joined': onLines((lines, at) => lines.splice(at, 2, lines.slice(at, at + 2).join(''))),
  'has lines many times': onLines((lines, at, random) => {
    for (let i = random.below(2000); i > 0; i--) lines.push(lines[at]!);
  }),
};

const rubbish = ['"', '""""', '{', '}', '[', ']', ',', ',,,,,,,,,,,,', ';', '#', '-rf', '<html>', '\\', "'", '🎬', '0'];

/** What a field may be instead of what it should be. */
export const odd: readonly string[] = [
  ...['', ' ', '0', '-1', '1e999', '-1e999', '1e308', 'NaN', 'nan', 'Infinity', '-0', '0x10', '9007199254740993'],
  ...['99999999999999999999999999', '1.5', '00:00:99', '99:99:99', '1e-400', 'null', 'undefined', 'true', '[]', '{}'],
  ...['../../etc/passwd', '../../../../etc/passwd.mp4', '/etc/passwd', '/etc/passwd.mp4', '..', '.', '/', '//', '~'],
  ...['..\\..\\secret.mp4', 'C:\\x.mp4', 'file:///etc/passwd', 'http://127.0.0.1/x.mp4', '\\\\host\\share\\x.mp4'],
  ...['-rf', '--help', '-i.mp4', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__.mp4'],
  ...['$(touch x)', '`id`', '; rm -rf x', '%s%n', '%05d.jpg', '*', '?', '[a-z]', 'a[1].mp4', '\u0000', '\u001b[2J'],
  ...['\u202egpj.mp4', '\ufeff', 'e\u0301', '"', "'", 'a"b', ',', 'x'.repeat(300), 'x/'.repeat(3000), 'con', 'nul.mp4'],
];

function onField(change: (fields: string[], at: number, random: Random) => void): Change {
  return (bytes, random) => {
    const lines = bytes.toString().split('\n');
    const line = random.below(lines.length);
    const parts = lines[line]!.split(/([,; \t]+)/);
    change(parts, random.below(Math.ceil(parts.length / 2)) * 2, random);
    lines[line] = parts.join('');
    return Buffer.from(lines.join('\n'));
  };
}

const fieldChanges: Record<string, Change> = {
  'has an odd field': onField((fields, at, random) => {
    fields[at] = pick(odd, random);
  }),
  'loses a field': onField((fields, at) => fields.splice(at, 2)),
  'has a field twice': onField((fields, at) => fields.splice(at, 0, fields[at]!, fields[at + 1] ?? ',')),
  'has two fields swapped': onField((fields, at, random) => {
    const other = random.below(Math.ceil(fields.length / 2)) * 2;
    [fields[at], fields[other]] = [fields[other]!, fields[at]!];
  }),
  'has an open quote': onField((fields, at) => {
    fields[at] = `"${fields[at]}`;
  }),
  'has a path before a field': onField((fields, at, random) => {
    fields[at] = pick(['../', '/', '../../etc/', './', '-', '\\'], random) + fields[at];
  }),
  'has a negative field': onField((fields, at) => {
    fields[at] = `-${fields[at]}`;
  }),
};

const values = ['null', 'true', '[]', '{}', '-1', '1e999', '"__proto__"', '{"__proto__": {"a": 1}}', '[[[]]]', '""'];

function onJson(pattern: RegExp, put: (found: string, random: Random) => string): Change {
  return (bytes, random) => {
    const text = bytes.toString();
    const found = [...text.matchAll(pattern)];
    if (found.length === 0) return bytes;
    const match = pick(found, random);
    return Buffer.from(text.slice(0, match.index) + put(match[0], random) + text.slice(match.index + match[0].length));
  };
}

const jsonChanges: Record<string, Change> = {
  'has an odd value': onJson(/"(?:[^"\\\n]|\\.)*"(?!\s*:)|-?\d+(\.\d+)?/g, (_, random) =>
    random.below(2) === 0 ? pick(values, random) : JSON.stringify(pick(odd, random)),
  ),
  'has an odd key': onJson(/"(?:[^"\\\n]|\\.)*"(?=\s*:)/g, (_, random) => JSON.stringify(pick(odd, random))),
  'loses a bracket or a comma': onJson(/[[\]{},:"]/g, () => ''),
  'has a bracket or a comma too many': onJson(/[[\]{},:"]/g, (found, random) => found + pick([...'[]{},:"'], random)),
  'is deeply nested': onJson(/"(?:[^"\\\n]|\\.)*"|\d+/g, (found, random) => {
    const deep = 10 ** (1 + random.below(6));
    const [open, close] = pick(
      [
        ['[', ']'],
        ['{"a":', '}'],
        ['[', ''],
      ] as const,
      random,
    );
    return open.repeat(deep) + found + close.repeat(deep);
  }),
  'has an entry twice': onJson(/\{[^{}]*\}/g, (found) => `${found},${found}`),
};
