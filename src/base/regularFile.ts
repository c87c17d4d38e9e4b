// What may be opened: opening a pipe waits for whoever writes to it, and a device may never end.
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** What the disk says of a file. Throws where it is not there, or might be endless. */
export async function regularFile(file: string): Promise<Stats> {
  const facts = await stat(file);
  if (!facts.isFile()) throw new Error('it is not a file');
  return facts;
}
