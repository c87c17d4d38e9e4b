// One process at a time may take a run, or a study, over. The claim is a file that appears whole (a hard link) or not at all, and is held
// only for the moment in which state.json goes from "stopped" to "running": from then on the state itself says who works.
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { temporaryBeside, unwritable } from '../base/atomicFile.ts';
import { systemCode, UserError } from '../base/errors.ts';
import { processLives } from './runState.ts';
import { unwritableCode } from './runWritable.ts';

const claimSchema = z.object({ pid: z.number(), host: z.string(), time: z.number() });
/** A claim is held for milliseconds; after this many, its holder is gone, also where it cannot be asked. */
const staleMs = 60_000;
/** The claims that this process holds. */
const heldHere = new Set<string>();

/** Runs `work` while this process alone holds the claim on `folder`. Throws UserError `run-claimed`. */
export async function withClaim<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const claim = join(folder, 'claim');
  await take(claim, folder);
  try {
    return await work();
  } finally {
    await rm(claim, { force: true });
    heldHere.delete(claim);
  }
}

async function take(claim: string, folder: string): Promise<void> {
  const own = JSON.stringify({ pid: process.pid, host: hostname(), time: Date.now() });
  for (let attempt = 0; ; attempt++) {
    const temporary = temporaryBeside(claim);
    try {
      await writeFile(temporary, own, { flag: 'wx' });
      await link(temporary, claim).catch((error: unknown) => {
        // A disk without hard links: the file may then be seen empty for a moment.
        if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(error) ?? ''))
          return writeFile(claim, own, { flag: 'wx' });
        throw error;
      });
      heldHere.add(claim);
      return;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw unwritable(unwritableCode, error, claim);
      if (attempt > 0 || !(await isStale(claim)))
        throw new UserError('run-claimed', `Another process is just taking ${folder} over.`, folder);
      await rm(claim, { force: true });
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }
}

/** Whether the claim's holder was killed while it held it. */
async function isStale(claim: string): Promise<boolean> {
  const text = await readFile(claim, 'utf8').catch(() => '');
  const { data } = claimSchema.safeParse(parse(text));
  if (!data) return true;
  if (Math.abs(Date.now() - data.time) > staleMs) return true;
  if (data.host !== hostname()) return false;
  // This process's own number may have been another's, which was killed.
  return data.pid === process.pid ? !heldHere.has(claim) : !processLives(data.pid);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
