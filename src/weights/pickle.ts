// PyTorch's own files (.pt, .pth, .bin, .ckpt, .pyth) are pickles: reading one runs whatever program is stored in it. They
// are recognised by their first bytes as well as by their names, and refused with the way to convert them.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { UserError } from '../base/errors.ts';

const endings = ['.pt', '.pth', '.bin', '.ckpt', '.pyth', '.pkl', '.pickle'];

/** Where checkpoints keep the weights beside other things: TimeSformer's, Lightning's, and others'. */
const recipe =
  'import sys, torch; from safetensors.torch import save_file; ' +
  "s = torch.load(sys.argv[1], map_location='cpu', weights_only=True); " +
  "s = next((s[k] for k in ('model_state', 'state_dict', 'model') if k in s), s); " +
  "save_file({k: v.clone().contiguous() for k, v in s.items() if hasattr(v, 'shape')}, sys.argv[2])";

export function hasPickleName(file: string): boolean {
  return endings.includes(extname(file).toLowerCase());
}

/** The refusal, with a command that converts `file` beside itself. */
export function pickleRefused(file: string): UserError {
  const converted = hasPickleName(file) ? `${file.slice(0, -extname(file).length)}.safetensors` : `${file}.safetensors`;
  return new UserError(
    'weights-pickle',
    `${file} is a pickle: reading it would run the program stored in it, so only .safetensors files are read. ` +
      `If you trust it, convert it with Python (pip install torch safetensors): ` +
      `python -c "${recipe}" ${quoted(file)} ${quoted(converted)}`,
    file,
  );
}

function quoted(file: string): string {
  return /^[\w./\\:+-]+$/.test(file) ? file : `"${file.replace(/(["\\$`])/g, '\\$1')}"`;
}

/** Throws `pickleRefused` for a file that is one by its name or its first bytes; also where it cannot be read otherwise. */
export function refusePickle(file: string): void {
  if (hasPickleName(file) || startsLikePickle(file)) throw pickleRefused(file);
}

function startsLikePickle(file: string): boolean {
  const bytes = Buffer.alloc(16);
  let handle: number | undefined;
  try {
    if (!statSync(file).isFile()) return false; // opening a pipe waits for whoever writes to it
    handle = openSync(file, 'r');
    readSync(handle, bytes, 0, bytes.length, 0);
  } catch {
    return false; // whoever opens it next says why
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
  if (bytes.readUInt32BE(0) === 0x504b0304) return true; // a zip, as torch.save writes since 1.6
  // Pickle protocols 2 to 5 begin with 0x80 and their number; so may the length of a safetensors header, which "{" follows.
  const isHeader = bytes.readUInt32LE(4) === 0 && bytes[8] === 0x7b;
  return bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5 && !isHeader;
}
