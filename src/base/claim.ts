// One process at a time may do a thing. Whoever does it holds a claim: a file that appears whole (a hard link) or not at all, is held
// for a moment only, and names its holder, so that one that was killed holds nobody up.
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryBeside, unwritable } from './atomicFile.ts';
import { systemCode, type UserError } from './errors.ts';

export interface Claim {
  /** Absolute, in a folder that there is. */
  file: string;
  /** After so many milliseconds its holder is gone, also where it cannot be asked. */
  staleMs: number;
  /** So many milliseconds another's claim is waited for. */
  waitMs: number;
  /** What is thrown where another one holds it still. */
  taken: () => UserError;
  /** The code of what is thrown where the file cannot be written. */
  unwritableCode: string;
  /** The file that is then named, where that is not the claim's own. */
  protects?: string;
}

/** For a change of a file, which takes milliseconds. Whoever waits outlasts a process that was killed in the midst of one. */
export const whileChanged = { staleMs: 20_000, waitMs: 30_000 } satisfies Partial<Claim>;

interface Holder {
  pid: number;
  host: string;
  time: number;
}

/** The claims of this process, as they are written; no two are alike. */
const ownClaims = new Set<string>();
let serial = 0;
/** On a disk without hard links a claim is empty for a moment; after so many milliseconds its writer was killed. */
const emptyMs = 2000;

/** Runs `work` while this process alone holds the claim. Throws `taken()`, or `unwritable(…)`. */
export async function withClaim<T>(claim: Claim, work: () => Promise<T>): Promise<T> {
  const own = await take(claim);
  try {
    return await work();
  } finally {
    // Whoever took too long may have been taken for gone: the claim is another's then.
    if ((await readFile(claim.file, 'utf8').catch(() => '')) === own)
      await rm(claim.file, { force: true, maxRetries: 5 });
    ownClaims.delete(own);
  }
}

async function take({ file, staleMs, waitMs, taken, unwritableCode, protects = file }: Claim): Promise<string> {
  const giveUp = performance.now() + waitMs;
  for (let attempt = 0; ; attempt++) {
    const own = JSON.stringify({ pid: process.pid, host: hostname(), time: Date.now(), serial: ++serial });
    ownClaims.add(own);
    const isOurs = await appears(file, own).catch((error: unknown) => {
      throw unwritable(unwritableCode, error, protects);
    });
    if (isOurs) return own;
    ownClaims.delete(own);
    const isFree = await removeStale(file, staleMs);
    if (isFree && attempt === 0) continue;
    if (performance.now() >= giveUp) throw taken();
    await pause(10 + 30 * Math.random());
  }
}

/** False where there is a claim already. */
async function appears(file: string, own: string): Promise<boolean> {
  const temporary = temporaryBeside(file);
  try {
    await writeFile(temporary, own, { flag: 'wx' });
    return await link(temporary, file).then(
      () => true,
      (error: unknown) => {
        if (systemCode(error) === 'EEXIST') return false;
        if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(error) ?? '')) throw error;
        return appearsWithoutLink(file, own);
      },
    );
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function appearsWithoutLink(file: string, own: string): Promise<boolean> {
  try {
    await writeFile(file, own, { flag: 'wx' });
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    // Windows refuses the name of a file that was removed while a reader still has it open.
    if (code === 'EEXIST' || (process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(code)))
      return false;
    throw error;
  }
}

/**
 * Whether the claim is gone, or was taken from a holder that is. One process at a time may take it away: a second one could
 * else remove what the first has claimed meanwhile.
 */
async function removeStale(file: string, staleMs: number): Promise<boolean> {
  const state = await stateOf(file, staleMs);
  if (state !== 'stale') return state === 'gone';
  const removing = `${file}.stale`;
  try {
    await writeFile(removing, '', { flag: 'wx' });
  } catch {
    if ((await ageOf(removing)) > staleMs) await rm(removing, { force: true });
    return false;
  }
  try {
    if ((await stateOf(file, staleMs)) !== 'stale') return false;
    await rm(file, { force: true });
    return true;
  } finally {
    await rm(removing, { force: true });
  }
}

/** "stale": the claim's holder was killed while it held it. */
async function stateOf(file: string, staleMs: number): Promise<'gone' | 'held' | 'stale'> {
  const text = await readFile(file, 'utf8').catch((error: unknown) =>
    systemCode(error) === 'ENOENT' ? undefined : '',
  );
  if (text === undefined) return 'gone';
  return (await isStale(file, text, staleMs)) ? 'stale' : 'held';
}

async function isStale(file: string, text: string, staleMs: number): Promise<boolean> {
  if (text === '') return (await ageOf(file)) > emptyMs;
  const holder = parse(text);
  if (!holder || Math.abs(Date.now() - holder.time) > staleMs) return true;
  if (holder.host !== hostname()) return false;
  // This process's own number may have been another's, which was killed.
  return holder.pid === process.pid ? !ownClaims.has(text) : !processLives(holder.pid);
}

/** In milliseconds; 0 where there is no such file. */
function ageOf(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => Math.abs(Date.now() - mtimeMs),
    () => 0,
  );
}

function parse(text: string): Holder | undefined {
  try {
    const { pid, host, time } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && typeof host === 'string' && typeof time === 'number'
      ? { pid, host, time }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether this computer has a process of that number. */
export function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM'; // alive, of another user
  }
}
