// One process at a time works on a study: two would train the same arms twice, and each would write over what the other noted.
// Whoever works on it says so in `owner.json` of its folder, and touches that file every few seconds, as a run does its state.json.
import { readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { systemCode, UserError } from '../base/errors.ts';
import { withFolderClaim } from '../runs/claim.ts';
import { heartbeatMs, isAtWork } from '../runs/runState.ts';
import { unwritableCode } from './studyFolder.ts';

const ownerSchema = z.object({ pid: z.number(), host: z.string() });
type Owner = z.infer<typeof ownerSchema>;

/** The folders of the studies that this process works on. */
const ownedHere = new Set<string>();

/** Does `work` while this process alone works on the study in `folder`. Throws UserError `study-running` where another one does. */
export async function aloneOn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const file = join(folder, 'owner.json');
  await withFolderClaim(folder, async () => {
    const owner = await ownerOf(file, folder);
    if (owner) {
      throw new UserError(
        'study-running',
        `The study "${basename(folder)}" is being run by process ${owner.pid} on ${owner.host}. Wait for it, or stop it first.`,
        folder,
      );
    }
    const own: Owner = { pid: process.pid, host: hostname() };
    await writeFileAtomic(file, [`${JSON.stringify(own)}\n`], unwritableCode);
    ownedHere.add(folder);
  });
  // A folder that was removed meanwhile is found out by whoever writes the next result.
  const heartbeat = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    ownedHere.delete(folder);
    await rm(file, { force: true }).catch(() => undefined);
  }
}

/** Who works on the study now. One that was killed left its file behind. */
async function ownerOf(file: string, folder: string): Promise<Owner | undefined> {
  try {
    const { data } = ownerSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    const silence = Date.now() - (await stat(file)).mtimeMs;
    return data && isAtWork(data, silence, ownedHere.has(folder)) ? data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) !== undefined) return undefined;
    throw error;
  }
}
