// A file name proposed for what a page saves. It is made of names from datasets and files, which may hold anything. Pure.

const longest = 80;
/** What Windows takes for a device, whatever follows the first dot. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** `name` with the ending, as every system takes it for a file in a folder: no path, no hidden file, no option, no device. */
export function savedName(name: string, type: string): string {
  const plain = name
    .replace(/[\p{C}<>:"/\\|?*]+/gu, ' ') // control and format characters too: they can make a name read otherwise
    .replace(/\s+/g, ' ')
    .replace(/^[\s.\-~]+|[\s.]+$/g, '');
  const short = [...plain].slice(0, longest).join('').trim();
  const safe = short === '' || reserved.test(short.split('.')[0] ?? '') ? `chart ${short}`.trim() : short;
  return `${safe}.${type}`;
}
