// One file from an HTTP server into a folder, whole or not at all: into `<name>.<version>.part` beside it, which a later
// attempt continues with a Range request, checked against the server's SHA-256 where it tells one, then renamed.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { renameOver, unwritable } from '../base/atomicFile.ts';
import { withClaim } from '../base/claim.ts';
import { CancelledError, messageOf, systemCode, throwIfAborted, UserError } from '../base/errors.ts';

/** What a server says of a file before it is fetched. */
export interface RemoteFile {
  readonly url: string;
  /** Bytes, where it is told. */
  readonly size: number | undefined;
  /** Tells versions of the file apart. */
  readonly etag: string | undefined;
  /** 64 hexadecimal digits, where it is told. */
  readonly sha256: string | undefined;
  /** Of the repository the file belongs to. */
  readonly commit: string | undefined;
}

export interface Remote {
  /** Sent to this origin only, never to where it redirects. */
  readonly origin: string;
  readonly token: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const redirectsAtMost = 10;
const attemptsWithoutProgress = 4;
const silenceMs = 60_000;
const waitingMs = 300;

/** A refusal by the server, by its status. */
export class StatusError extends Error {
  constructor(
    readonly status: number,
    readonly url: string,
    /** `X-Error-Code` of the Hugging Face Hub, for example "GatedRepo". */
    readonly reason: string | undefined,
  ) {
    super(`The server answered ${status} to ${url}.`);
  }
}

/** Asks for a file without its content. Throws StatusError, or what fetch throws where there is no answer. */
export async function askFor(url: string, remote: Remote): Promise<RemoteFile> {
  const { response, headers } = await request('HEAD', url, remote, {});
  await response.body?.cancel();
  return described(url, headers);
}

/**
 * Fetches `file` of a server into `target`, unless it is there. While another process does, that one is waited for. `onProgress` gets
 * bytes done and their number, 0 while unknown.
 */
export async function download(
  file: RemoteFile,
  target: string,
  remote: Remote,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<void> {
  if (await isWhole(target, file)) return;
  const version = createHash('sha256').update(`${file.etag} ${file.size}`).digest('hex').slice(0, 16);
  const part = join(dirname(target), `.${basename(target)}.${version}.part`);
  try {
    await mkdir(dirname(target), { recursive: true });
  } catch (error) {
    throw unwritable('weights-unwritable', error, target);
  }
  const fetched = async () => (await isWhole(target, file)) || fetchWhole(file, part, target, remote, onProgress);
  let [size, grown] = [-1, performance.now()];
  for (;;) {
    // Whoever wrote nothing for so long is gone, or fetches without a connection.
    const staleMs = performance.now() - grown > 2 * silenceMs ? 0 : Number.POSITIVE_INFINITY;
    const claim = { file: `${part}.claim`, staleMs, waitMs: 0, taken: () => fetchedElsewhere };
    try {
      await withClaim({ ...claim, unwritableCode: 'weights-unwritable' }, fetched);
      return;
    } catch (error) {
      if (error !== fetchedElsewhere) throw error;
    }
    const now = await sizeOf(part);
    if (now !== size) [size, grown] = [now, performance.now()];
    onProgress(now, file.size ?? 0);
    await pause(waitingMs, remote.signal);
  }
}

/** Two that wrote into one file would both find it damaged in the end. */
const fetchedElsewhere = new UserError('weights-claimed', 'Another process is fetching this file.');

async function fetchWhole(
  file: RemoteFile,
  part: string,
  target: string,
  remote: Remote,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  let failures = 0;
  for (;;) {
    const before = await sizeOf(part);
    try {
      if (file.size === undefined || before !== file.size) await fetchRest(file, part, before, remote, onProgress);
      break;
    } catch (error) {
      throwIfAborted(remote.signal, 'The download');
      if (error instanceof UserError || (error instanceof StatusError && error.status < 500)) throw error;
      // The line broke: go on where it stopped, as long as something comes each time.
      failures = (await sizeOf(part)) > before ? 0 : failures + 1;
      if (failures === attemptsWithoutProgress) throw error;
      await pause(200 * 2 ** failures, remote.signal);
    }
  }
  await check(file, part, remote.signal);
  try {
    await renameOver(part, target);
  } catch (error) {
    throw unwritable('weights-unwritable', error, target);
  }
}

/** Files come by rename after their digest was checked, so the size is enough. */
async function isWhole(target: string, { size }: RemoteFile): Promise<boolean> {
  const found = await stat(target).catch(() => undefined);
  return found?.isFile() === true && (size === undefined || found.size === size);
}

async function fetchRest(
  file: RemoteFile,
  part: string,
  before: number,
  remote: Remote,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const silent = new AbortController();
  const signal = AbortSignal.any([silent.signal, ...(remote.signal ? [remote.signal] : [])]);
  const headers = before > 0 ? { range: `bytes=${before}-` } : undefined;
  const { response } = await request('GET', file.url, { ...remote, signal }, headers ?? {}).catch((error: unknown) => {
    // What was kept is longer than the file: of another version, or damaged.
    if (error instanceof StatusError && error.status === 416 && before > 0) return { response: undefined };
    throw error;
  });
  if (!response?.body) {
    await rm(part, { force: true });
    throw new Error('The server cannot continue the file.');
  }
  const continues = response.status === 206;
  if (continues && !response.headers.get('content-range')?.startsWith(`bytes ${before}-`)) {
    await response.body.cancel();
    await rm(part, { force: true });
    throw new Error('The server continued the file at another place.');
  }
  let done = continues ? before : 0;
  const length = Number(response.headers.get('content-length'));
  const total = file.size ?? (length > 0 ? done + length : 0);
  const handle = await openPart(part, continues);
  let timer = setTimeout(() => silent.abort(), silenceMs);
  try {
    onProgress(done, total);
    for await (const bytes of response.body as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      await handle.writeFile(bytes).catch((error: unknown) => {
        throw unwritable('weights-unwritable', error, part);
      });
      done += bytes.length;
      if (file.size !== undefined && done > file.size) throw corrupt(file, `it is longer than ${file.size} bytes`);
      onProgress(done, total);
      timer = setTimeout(() => silent.abort(), silenceMs);
    }
  } catch (error) {
    if (error instanceof UserError && error.code === 'weights-corrupt') await rm(part, { force: true });
    throw error;
  } finally {
    clearTimeout(timer);
    await handle.sync().catch(() => undefined);
    await handle.close();
  }
  if (total > 0 && done < total) throw new Error(`The connection ended after ${done} of ${total} bytes.`);
}

async function openPart(part: string, continues: boolean) {
  try {
    return await open(part, continues ? 'a' : 'w');
  } catch (error) {
    throw unwritable('weights-unwritable', error, part);
  }
}

/** The size and the digest; a file that does not match is removed, since continuing it could not mend it. */
async function check(file: RemoteFile, part: string, signal: AbortSignal | undefined): Promise<void> {
  const size = await sizeOf(part);
  let why = file.size !== undefined && size !== file.size ? `it has ${size} bytes instead of ${file.size}` : undefined;
  if (!why && file.sha256 !== undefined) {
    const digest = await sha256Of(part, signal);
    if (digest !== file.sha256) why = `its SHA-256 is ${digest}, and the server says ${file.sha256}`;
  }
  if (!why) return;
  await rm(part, { force: true });
  throw corrupt(file, why);
}

function corrupt({ url }: RemoteFile, why: string): UserError {
  return new UserError('weights-corrupt', `${url} arrived damaged: ${why}. It was thrown away; fetch it again.`);
}

async function sha256Of(file: string, signal: AbortSignal | undefined): Promise<string> {
  const hash: Hash = createHash('sha256');
  for await (const bytes of createReadStream(file, { highWaterMark: 1 << 20 })) {
    throwIfAborted(signal, 'The download');
    hash.update(bytes as Uint8Array);
  }
  return hash.digest('hex');
}

/** Follows redirects itself: the token must not travel to another host. `headers` are those of the first that tell. */
async function request(
  method: 'GET' | 'HEAD',
  url: string,
  { origin, token, signal }: Remote,
  headers: Record<string, string>,
): Promise<{ response: Response; headers: Headers }> {
  const told = new Headers();
  let at = new URL(url);
  for (let hop = 0; hop <= redirectsAtMost; hop++) {
    const authorised = token !== undefined && at.origin === origin;
    const response = await fetch(at, {
      method,
      redirect: 'manual',
      signal: signal ?? null,
      headers: {
        // The size and the range are of the file itself, not of a compressed form.
        'accept-encoding': 'identity',
        'user-agent': 'cover-studio',
        ...headers,
        ...(authorised && { authorization: `Bearer ${token}` }),
      },
    });
    for (const [name, value] of response.headers) {
      const isFinal = !isRedirect(response.status);
      if (!told.has(name) && (isFinal || name.startsWith('x-'))) told.set(name, value);
    }
    const location = response.headers.get('location');
    if (!isRedirect(response.status) || location === null) {
      if (response.ok) return { response, headers: told };
      await response.body?.cancel();
      throw new StatusError(response.status, url, told.get('x-error-code') ?? undefined);
    }
    await response.body?.cancel();
    const next = new URL(location, at);
    // The address of a store may be signed for GET alone, and the Hub has told all by then.
    if (method === 'HEAD' && next.origin !== origin && told.has('x-linked-size')) return { response, headers: told };
    const downgrades = at.protocol === 'https:' && next.protocol !== 'https:';
    if (!/^https?:$/.test(next.protocol) || downgrades)
      throw new UserError('weights-unreachable', `${at.origin} redirects ${url} to ${next.origin}, which is not safe.`);
    at = next;
  }
  throw new UserError('weights-unreachable', `${url} is redirected more than ${redirectsAtMost} times.`);
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function described(url: string, headers: Headers): RemoteFile {
  const etag = (headers.get('x-linked-etag') ?? headers.get('etag'))?.replace(/^W\//, '').replaceAll('"', '');
  const size = Number(headers.get('x-linked-size') ?? headers.get('content-length') ?? Number.NaN);
  const commit = headers.get('x-repo-commit') ?? undefined;
  return {
    url,
    etag,
    size: Number.isSafeInteger(size) && size >= 0 ? size : undefined,
    sha256: etag !== undefined && /^[0-9a-f]{64}$/i.test(etag) ? etag.toLowerCase() : undefined,
    commit: commit !== undefined && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined,
  };
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new CancelledError('The download'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** Whether there was no answer at all, and why, in a few words. */
export function unreachableReason(error: unknown): string | undefined {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = systemCode(cause) ?? '';
  if (['ENOTFOUND', 'EAI_AGAIN'].includes(code)) return 'its name cannot be resolved, as where a computer is offline';
  if (['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN'].includes(code)) return 'it cannot be reached';
  if (error instanceof TypeError || code !== '' || error instanceof Error) return messageOf(cause).replace(/\.$/, '');
  return undefined;
}
