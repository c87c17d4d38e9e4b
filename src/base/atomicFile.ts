// Writes a file whole or not at all: into a temporary file beside it, flushed to the disk, then renamed over the old
// one. A full disk, a crash or a kill leaves the earlier file as it was.
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, systemCode, UserError } from './errors.ts';

let serial = 0;

/** A name beside `file` that no reader takes for a finished file; unique among this machine's processes. */
export function temporaryBeside(file: string): string {
  return join(dirname(file), `.${basename(file)}.${process.pid}.${++serial}.tmp`);
}

/** Replaces `file` by the parts, one after the other. Throws `unwritable(…)` and leaves no temporary file. */
export async function writeFileAtomic(
  file: string,
  parts: Iterable<string | Uint8Array>,
  code = 'file-unwritable',
): Promise<void> {
  const temporary = temporaryBeside(file);
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, 'wx');
    // writeFile goes on where the handle stands, and repeats until every byte is written.
    for (const part of parts) await handle.writeFile(part);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await renameOver(temporary, file);
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(code, error, file);
  }
}

/** Renames over an existing file. Windows refuses while a reader has the old one open for a moment: tried again. */
export async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const busy = ['EPERM', 'EACCES', 'EBUSY'].includes(systemCode(error) ?? '');
      if (process.platform !== 'win32' || !busy || attempt === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** attempt));
    }
  }
}

/** One sentence on why `file` could not be written and what to do, from a system's or a library's error. */
export function unwritable(code: string, error: unknown, file: string): UserError {
  if (error instanceof UserError) return error;
  return new UserError(code, `${file} could not be written: ${reasonOf(error)}.`, file);
}

function reasonOf(error: unknown): string {
  const message = messageOf(error);
  const code = systemCode(error) ?? '';
  // DuckDB wraps the system's reason in a message of its own, without its code.
  if (/^(ENOSPC|EDQUOT)$/.test(code) || /no space left|disk full|out of disk/i.test(message))
    return 'the disk is full; free some space and start again';
  if (code === 'EROFS' || /read-only file system/i.test(message))
    return 'the disk is read-only; use a workspace on a disk that can be written';
  if (/^(EACCES|EPERM)$/.test(code) || /permission denied/i.test(message))
    return 'this user may not write there; change the permissions of the folder';
  if (/^(ENOENT|ENOTDIR)$/.test(code)) return 'its folder does not exist any more';
  return message.replace(/\.$/, '');
}
