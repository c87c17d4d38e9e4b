// Weights from the Hugging Face Hub by its plain HTTP interface (GET <endpoint>/<id>/resolve/<revision>/<file>): the model
// file or its index and shards, and the two JSON files beside them, kept in a cache folder by commit.
import { mkdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { CancelledError, throwIfAborted, UserError } from '../base/errors.ts';
import { askFor, download, type Remote, type RemoteFile, StatusError, unreachableReason } from './download.ts';
import { configFile, indexFile, modelFile, preprocessorFile, shardsOf } from './weightsSource.ts';

export interface HubId {
  /** "owner/name". */
  readonly id: string;
  /** A branch, tag or commit. */
  readonly revision: string;
}

/** Where the Hub is, who asks, and where files are kept. */
export interface HubSettings {
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly cache: string;
}

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of one file. */
  readonly onProgress?: ((file: string, done: number, total: number) => void) | undefined;
}

/** From the environment: HF_ENDPOINT, HF_TOKEN (or HUGGING_FACE_HUB_TOKEN), COVER_CACHE. */
export function hubSettings(environment: NodeJS.ProcessEnv = process.env): HubSettings {
  return {
    endpoint: (environment.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, ''),
    token: (environment.HF_TOKEN || environment.HUGGING_FACE_HUB_TOKEN)?.trim() || undefined,
    cache: join(cacheFolder(environment), 'hub'),
  };
}

/** This user's folder for what can be fetched again. */
function cacheFolder(environment: NodeJS.ProcessEnv): string {
  if (environment.COVER_CACHE) return environment.COVER_CACHE;
  if (process.platform === 'win32')
    return join(environment.LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'cover-studio', 'Cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'cover-studio');
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cover-studio');
}

/** "owner/name" or "owner/name@revision"; undefined for anything else. */
export function parseHubId(text: string): HubId | undefined {
  const found = /^([A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95})(?:@([\w][\w./-]{0,199}))?$/.exec(text);
  const [, id, revision = 'main'] = found ?? [];
  if (id === undefined || `${id}/${revision}`.split('/').includes('..')) return undefined;
  return { id, revision };
}

/**
 * Brings a model's weights into the cache and returns the folder they lie in, which `openWeights` takes. What is there
 * already is not fetched again; without a connection, what was fetched for this revision before is used.
 */
export async function fetchFromHub(
  { id, revision }: HubId,
  settings: HubSettings,
  { signal, onProgress }: FetchOptions = {},
): Promise<string> {
  const model = join(settings.cache, id.replace('/', '--'));
  const note = join(model, 'revisions', `${revision.replaceAll('/', '--')}.txt`);
  const remote: Remote = { origin: originOf(settings.endpoint), token: usable(settings.token), signal };
  const urlOf = (file: string) =>
    `${settings.endpoint}/${id}/resolve/${encodeURIComponent(revision)}/${encodeURIComponent(file)}`;
  /** What the Hub says of a file; undefined where the model has none of that name. */
  const ask = async (file: string): Promise<RemoteFile | undefined> => {
    try {
      return await askFor(urlOf(file), remote);
    } catch (error) {
      if (
        error instanceof StatusError &&
        error.status === 404 &&
        error.reason !== 'RepoNotFound' &&
        error.reason !== 'RevisionNotFound'
      )
        return undefined;
      throw error;
    }
  };
  try {
    const config = await ask(configFile);
    const whole = await ask(modelFile);
    const main = whole ?? (await ask(indexFile));
    if (!main) {
      throw new UserError(
        'weights-not-on-hub',
        `${id} (revision ${revision}) on ${settings.endpoint} has neither ${modelFile} nor ${indexFile}, or does not exist. ` +
          'Pickle files (.bin, .pt, .pth) are not read: convert the model to .safetensors, or use another one.',
      );
    }
    const folder = join(model, main.commit ?? `etag-${(main.etag ?? 'unknown').replace(/[^\w-]/g, '_')}`);
    const bring = async (file: string, known: RemoteFile | undefined) => {
      if (known) await download(known, join(folder, file), remote, (done, total) => onProgress?.(file, done, total));
    };
    await bring(configFile, config);
    await bring(preprocessorFile, await ask(preprocessorFile));
    if (!whole) {
      // The index first, and the shards it names; it is checked again when the folder is opened.
      await bring(indexFile, main);
      for (const shard of shardsOf(join(folder, indexFile))) {
        const known = await ask(shard);
        if (!known)
          throw new UserError(
            'weights-not-on-hub',
            `${id} on ${settings.endpoint} lacks ${shard}, which its index names.`,
          );
        await bring(shard, known);
      }
    } else await bring(modelFile, whole);
    await mkdir(join(model, 'revisions'), { recursive: true });
    await writeFileAtomic(note, [folder]);
    return folder;
  } catch (error) {
    throwIfAborted(signal, 'The download');
    if (error instanceof CancelledError || error instanceof UserError) throw error;
    if (error instanceof StatusError) throw refused(error, id, revision, settings);
    const kept = await readFile(note, 'utf8').catch(() => undefined);
    if (kept?.startsWith(model) && (await exists(kept))) return kept;
    throw new UserError(
      'weights-unreachable',
      `${id} could not be fetched from ${settings.endpoint}: ${unreachableReason(error) ?? 'there is no answer'}. ` +
        'Try again: what has arrived is kept. Or name a local folder with the weights.',
    );
  }
}

function originOf(endpoint: string): string {
  try {
    const { origin, protocol } = new URL(endpoint);
    if (/^https?:$/.test(protocol)) return origin;
  } catch {
    // told below
  }
  throw new UserError('weights-unreachable', `HF_ENDPOINT is "${endpoint}", which is no http(s) address.`);
}

/** A request refuses a token that no header can hold in a sentence that has it in full. */
function usable(token: string | undefined): string | undefined {
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new UserError(
    'weights-refused',
    'HF_TOKEN is no token: it has a space, a line break or a letter in it that no token has. Set it again, or unset it.',
  );
}

function refused({ status, url, reason }: StatusError, id: string, revision: string, settings: HubSettings): UserError {
  const where = `${id} on ${settings.endpoint}`;
  const authorise = settings.token === undefined ? 'Set HF_TOKEN to a token' : 'The token in HF_TOKEN is not one';
  const sentence = (): string => {
    if (reason === 'RevisionNotFound') return `${where} has no revision "${revision}".`;
    if (status === 404) return `${where} does not exist, or is private: is the name right? (${url})`;
    // The Hub answers 401 also for what does not exist, so as not to tell what is private.
    if (status === 401) return `${where} is private or does not exist. ${authorise} of an account that may read it.`;
    if (status === 403)
      return `${where} may not be read by this account: ask for access on its page, if it is gated. ${authorise} of an account that may read it.`;
    if (status === 429) return `${settings.endpoint} answers too many requests; wait a few minutes and try again.`;
    return `${settings.endpoint} answered ${status} for ${url}. Try again later: what has arrived is kept.`;
  };
  return new UserError(status === 404 ? 'weights-not-on-hub' : 'weights-refused', sentence());
}

async function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
