// Writes a file whole or not at all: into a temporary file beside it, flushed to the disk, then renamed over the old
// one, and the folder flushed too, so that the new name outlives a power cut. A full disk, a crash or a kill leaves the
// earlier file as it was.
import { type FileHandle, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, systemCode, UserError } from './errors.ts';

let serial = 0;

/** A name beside `file` that no reader takes for a finished file; unique among this machine's processes. */
export function temporaryBeside(file: string): string {
  return join(dirname(file), `.${basename(file)}.${process.pid}.${++serial}.tmp`);
}

/** Removes from `folder` what writers that were killed left of their temporary files. No other process may be writing there. */
export async function removeTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (/^\..+\.\d+\.\d+\.tmp$/.test(name)) await rm(join(folder, name), { force: true });
}

/** Replaces `file` by the parts, one after the other; its permissions stay. Throws `unwritable(…)` and leaves no temporary file. */
export async function writeFileAtomic(
  file: string,
  parts: Iterable<string | Uint8Array>,
  code = 'file-unwritable',
): Promise<void> {
  const temporary = temporaryBeside(file);
  let handle: FileHandle | undefined;
  try {
    const mode = await modeOfReplaced(file);
    handle = await open(temporary, 'wx');
    if (mode !== undefined) await handle.chmod(mode).catch(() => undefined); // some network disks keep none
    // writeFile goes on where the handle stands, and repeats until every byte is written.
    for (const part of parts) await handle.writeFile(part);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await renameOver(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(code, error, file);
  }
}

/** A device such as /dev/null would be gone for every program if a file took its name. */
async function modeOfReplaced(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found || found.isDirectory()) return undefined; // renaming tells what is wrong with a folder
  if (!found.isFile()) throw new Error('it is a device or a pipe; name a file');
  return found.mode & 0o777;
}

/** What a link leads to: a file that a person links to is to be changed there. Of files that come with a workspace that would be unsafe. */
export function behindLink(file: string): Promise<string> {
  return realpath(file).catch(() => file);
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

/** Flushes a file's bytes to the disk, where another program wrote them. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Flushes the names in a folder to the disk. Windows has no such call, and some network disks refuse it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r').catch(() => undefined); // a folder may be written and not read
  try {
    await handle?.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(error) ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}

/** Makes a folder and those it lies in. Throws `unwritable(…)`. */
export async function makeFolders(folder: string, code = 'folder-unwritable'): Promise<void> {
  try {
    await makeOneByOne(folder);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw unwritable(code, error, folder);
    throw new UserError(
      code,
      `${folder} could not be written: no folder can be made there; name another place.`,
      folder,
    );
  }
}

/** Where a file system makes no folders and says that there is none (/proc), Node's own way of doing it never ends. */
async function makeOneByOne(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder && !(await isFolder(parent))) await makeOneByOne(parent);
  await mkdir(folder).catch(async (error: unknown) => {
    if (!(await isFolder(folder))) throw error; // else it was made by another meanwhile
  });
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
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
  if (code === 'ENOENT') return 'its folder does not exist; make it, or name another';
  if (/^(ENOTDIR|EEXIST)$/.test(code)) return 'there is a file where a folder should be; name another place';
  if (code === 'EISDIR') return 'it is a folder; name a file';
  return message.replace(/\.$/, '');
}
