// The Hub's HTTP interface, played by a local server: real requests, real files, in a temporary cache.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchFromHub, type HubSettings, hubSettings, parseHubId } from '../../src/weights/hub.ts';
import { locateWeights } from '../../src/weights/locateWeights.ts';
import { writeSafetensors } from '../../src/weights/safetensors.ts';
import { openWeights } from '../../src/weights/weightsSource.ts';
import { tinyDisk } from '../data/tinyDisk.ts';

const commit = 'a'.repeat(40);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Asked {
  method: string;
  path: string;
  range: string | undefined;
  authorization: string | undefined;
}

let cache: string;
let servers: Server[];
let asked: Asked[];

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'cover-hub-'));
  servers = [];
  asked = [];
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(cache, { recursive: true, force: true });
});

/** A server on a free port; every request is noted in `asked`. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    asked.push({
      method: request.method!,
      path: request.url!,
      range: request.headers.range,
      authorization: request.headers.authorization,
    });
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface HubOptions {
  /** Ends the connection after so many bytes of the n-th GET of a file. */
  breakAfter?: (name: string, get: number) => number | undefined;
  /** Told instead of the true digest. */
  digest?: string;
  ignoreRange?: boolean;
}

/** Answers like the Hub for `files` of `owner/model`. */
function hub(files: Record<string, Uint8Array>, options: HubOptions = {}) {
  const gets = new Map<string, number>();
  return (request: IncomingMessage, response: ServerResponse) => {
    const name = decodeURIComponent(/^\/owner\/model\/resolve\/main\/(.+)$/.exec(request.url!)?.[1] ?? '');
    const bytes = files[name];
    if (!bytes) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
      return;
    }
    const headers: Record<string, string> = {
      'x-repo-commit': commit,
      etag: `"${options.digest ?? sha256(bytes)}"`,
      'accept-ranges': 'bytes',
    };
    const from = options.ignoreRange ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0) headers['content-range'] = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(from > 0 ? 206 : 200, { ...headers, 'content-length': String(bytes.length - from) });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const get = (gets.get(name) ?? 0) + 1;
    gets.set(name, get);
    const stop = options.breakAfter?.(name, get);
    if (stop === undefined) response.end(bytes.subarray(from));
    // An end comes after the bytes, where a reset could overtake them.
    else response.write(bytes.subarray(from, from + stop), () => response.socket?.end());
  };
}

const settings = (endpoint: string, token?: string): HubSettings => ({ endpoint, token, cache });
const model = { id: 'owner/model', revision: 'main' };

async function weights(length = 5000): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'cover-hub-made-'));
  const file = join(folder, 'made.safetensors');
  await writeSafetensors(file, [['x', { shape: [length], data: Float32Array.from({ length }, (_, i) => i) }]]);
  const bytes = readFileSync(file);
  rmSync(folder, { recursive: true });
  return bytes;
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test('a model comes with the files beside it, and only once', async () => {
  const file = await weights();
  const endpoint = await serve(hub({ 'model.safetensors': file, 'config.json': json({ layer_norm_eps: 1e-12 }) }));
  const told: [string, number, number][] = [];
  const folder = await fetchFromHub(model, settings(endpoint), {
    onProgress: (name, done, total) => told.push([name, done, total]),
  });
  expect(folder).toBe(join(cache, 'owner--model', commit));
  expect(readdirSync(folder).sort()).toEqual(['config.json', 'model.safetensors']);
  expect(readFileSync(join(folder, 'model.safetensors')).equals(file)).toBe(true);
  expect(told.filter(([name]) => name === 'model.safetensors').at(-1)).toEqual([
    'model.safetensors',
    file.length,
    file.length,
  ]);
  const source = openWeights(folder);
  expect([source.config, source.tensors.get('x')?.shape]).toEqual([{ layer_norm_eps: 1e-12 }, [5000]]);
  source.close();

  asked = [];
  expect(await fetchFromHub(model, settings(endpoint))).toBe(folder);
  expect(asked.filter(({ method }) => method === 'GET')).toEqual([]);
});

test('asked for by two at once it is fetched once, and both have it; one that was killed over it is not waited for', async () => {
  const file = await weights(50_000);
  const whole = hub({ 'model.safetensors': file });
  const endpoint = await serve((request, response) => {
    if (request.method === 'GET') setTimeout(() => whole(request, response), 400);
    else whole(request, response);
  });
  const told: number[] = [];
  const second = { onProgress: (_: string, done: number) => told.push(done) };
  const [folder, same] = await Promise.all([
    fetchFromHub(model, settings(endpoint)),
    fetchFromHub(model, settings(endpoint), second),
  ]);
  expect(same).toBe(folder);
  expect(readFileSync(join(folder, 'model.safetensors')).equals(file)).toBe(true);
  expect(asked.filter(({ method }) => method === 'GET')).toHaveLength(1);
  expect(told.length).toBeGreaterThan(0);
  expect(readdirSync(folder)).toEqual(['model.safetensors']);

  rmSync(join(folder, 'model.safetensors'));
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const part = createHash('sha256')
    .update(`${sha256(file)} ${file.length}`)
    .digest('hex')
    .slice(0, 16);
  const claim = join(folder, `.model.safetensors.${part}.part.claim`);
  writeFileSync(claim, JSON.stringify({ pid: dead, host: hostname(), time: Date.now() }));
  expect(await fetchFromHub(model, settings(endpoint))).toBe(folder);
  expect(readdirSync(folder)).toEqual(['model.safetensors']);
});

test('a sharded model comes whole', async () => {
  const [one, two] = [await weights(10), await weights(20)];
  const renamed = (bytes: Uint8Array, name: string) => {
    const text = Buffer.from(bytes).toString('latin1').replace('"x"', `"${name}"`);
    return Buffer.from(text, 'latin1');
  };
  const index = { weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors' } };
  const endpoint = await serve(
    hub({
      'model.safetensors.index.json': json(index),
      'model-1.safetensors': renamed(one, 'a'),
      'model-2.safetensors': renamed(two, 'b'),
    }),
  );
  const source = openWeights(await fetchFromHub(model, settings(endpoint)));
  expect([...source.tensors.keys()].sort()).toEqual(['a', 'b']);
  source.close();
});

test('an index that leads out of the folder is refused', async () => {
  const index = { weight_map: { a: '../../evil.safetensors' } };
  const endpoint = await serve(hub({ 'model.safetensors.index.json': json(index) }));
  await expect(fetchFromHub(model, settings(endpoint))).rejects.toMatchObject({ code: 'weights-invalid' });
  expect(asked.some(({ path }) => path.includes('evil'))).toBe(false);
});

describe('a download that is interrupted', () => {
  test('goes on where it stopped', async () => {
    const file = await weights(500_000);
    const breakAfter = (_: string, get: number) => (get <= 2 ? 900_000 : undefined);
    const endpoint = await serve(hub({ 'model.safetensors': file }, { breakAfter }));
    const folder = await fetchFromHub(model, settings(endpoint));
    expect(readFileSync(join(folder, 'model.safetensors')).equals(file)).toBe(true);
    const starts = asked
      .filter(({ method }) => method === 'GET')
      .map(({ range }) => Number(/^bytes=(\d+)-$/.exec(range ?? 'bytes=0-')?.[1]));
    // The client may lose what it had not taken out of its buffer yet, and no more.
    expect(starts).toHaveLength(3);
    expect(starts[0]).toBe(0);
    expect(starts[1]).toBeGreaterThan(500_000);
    expect(starts[2]! - starts[1]!).toBeGreaterThan(500_000);
  });

  test('by the person leaves nothing that looks whole, and goes on the next time', async () => {
    const file = await weights(500_000);
    const stop = new AbortController();
    const endpoint = await serve(
      hub({ 'model.safetensors': file }, { breakAfter: (_, get) => (get === 1 ? 1e6 : undefined) }),
    );
    const first = fetchFromHub(model, settings(endpoint), {
      signal: stop.signal,
      onProgress: (_, done) => done > 0 && stop.abort(),
    });
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    const folder = join(cache, 'owner--model', commit);
    const parts = readdirSync(folder);
    expect(parts).toHaveLength(1);
    expect(parts[0]).toMatch(/^\.model\.safetensors\..*\.part$/);

    asked = [];
    await fetchFromHub(model, settings(endpoint));
    expect(readFileSync(join(folder, 'model.safetensors')).equals(file)).toBe(true);
    expect(asked.find(({ method }) => method === 'GET')?.range).toMatch(/^bytes=\d+-$/);
    expect(readdirSync(folder)).toEqual(['model.safetensors']);
  });

  test('starts again where the server cannot continue', async () => {
    const file = await weights();
    const breakAfter = (_: string, get: number) => (get === 1 ? 7000 : undefined);
    const endpoint = await serve(hub({ 'model.safetensors': file }, { breakAfter, ignoreRange: true }));
    const folder = await fetchFromHub(model, settings(endpoint));
    expect(readFileSync(join(folder, 'model.safetensors')).equals(file)).toBe(true);
  });

  test('again and again is given up with a sentence', async () => {
    const file = await weights();
    const endpoint = await serve(hub({ 'model.safetensors': file }, { breakAfter: () => 0 }));
    await expect(fetchFromHub(model, settings(endpoint))).rejects.toMatchObject({
      code: 'weights-unreachable',
      message: expect.stringMatching(/^owner\/model could not be fetched from http.*what has arrived is kept/),
    });
  });
});

test('a file with another digest than the server tells is refused and thrown away', async () => {
  const endpoint = await serve(hub({ 'model.safetensors': await weights() }, { digest: 'b'.repeat(64) }));
  await expect(fetchFromHub(model, settings(endpoint))).rejects.toMatchObject({
    code: 'weights-corrupt',
    message: expect.stringContaining('arrived damaged'),
  });
  expect(readdirSync(join(cache, 'owner--model', commit))).toEqual([]);
});

test('a continued file whose beginning was damaged is refused, and fetched anew the next time', async () => {
  const file = await weights();
  let get = 0;
  const answer = hub({ 'model.safetensors': file });
  const endpoint = await serve((request, response) => {
    if (request.method === 'GET' && request.url!.endsWith('model.safetensors') && ++get === 1) {
      response.writeHead(200, { 'content-length': String(file.length) });
      response.write(Buffer.alloc(900_000, 1), () => response.socket?.end());
    } else answer(request, response);
  });
  await expect(fetchFromHub(model, settings(endpoint))).rejects.toMatchObject({ code: 'weights-corrupt' });
  const folder = await fetchFromHub(model, settings(endpoint));
  expect(readFileSync(join(folder, 'model.safetensors')).equals(file)).toBe(true);
});

describe('the token', () => {
  test.each(['hf_se\ncret', 'hf_se cret', 'hf_se…cret'])('%j is refused, and not told', async (token) => {
    const endpoint = await serve(hub({ 'model.safetensors': await weights() }));
    const error = await fetchFromHub(model, settings(endpoint, token)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'weights-refused', message: expect.stringMatching(/^HF_TOKEN is no token/) });
    expect(String(error)).not.toContain('hf_se');
    expect(asked).toEqual([]);
  });

  test('goes to the Hub and to no other host', async () => {
    const file = await weights();
    const store: Asked[] = [];
    const storage = await serve((request, response) => {
      store.push({ ...asked.at(-1)! });
      response.writeHead(200, { 'content-length': String(file.length) });
      response.end(request.method === 'HEAD' ? undefined : file);
    });
    const endpoint = await serve((request, response) => {
      if (!request.url!.endsWith('/model.safetensors')) response.writeHead(404).end();
      else
        response
          .writeHead(302, {
            location: `${storage}/signed`,
            'x-repo-commit': commit,
            'x-linked-etag': `"${sha256(file)}"`,
            'x-linked-size': String(file.length),
          })
          .end();
    });
    const folder = await fetchFromHub(model, settings(endpoint, 'hf_secret'));
    expect(readFileSync(join(folder, 'model.safetensors')).equals(file)).toBe(true);
    expect(store.map(({ method, authorization }) => [method, authorization])).toEqual([['GET', undefined]]);
    const toHub = asked.filter(({ path }) => path !== '/signed');
    expect(new Set(toHub.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer hf_secret']));
  });

  test.each([
    { status: 401, token: undefined, code: 'weights-refused', message: /private or does not exist.*Set HF_TOKEN/ },
    { status: 401, token: 'x', code: 'weights-refused', message: /The token in HF_TOKEN is not one/ },
    { status: 403, token: undefined, code: 'weights-refused', message: /ask for access on its page/ },
    {
      status: 404,
      token: undefined,
      code: 'weights-not-on-hub',
      message: /neither model.safetensors nor.*Pickle files/,
    },
    { status: 429, token: undefined, code: 'weights-refused', message: /too many requests/ },
    { status: 500, token: undefined, code: 'weights-refused', message: /answered 500/ },
  ])('$status with token $token is told', async ({ status, token, code, message }) => {
    const endpoint = await serve((_, response) => void response.writeHead(status).end());
    await expect(fetchFromHub(model, settings(endpoint, token))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test.each(['ftp://elsewhere/x', 'file:///etc/passwd'])('a redirect to %s is refused', async (location) => {
    const endpoint = await serve((_, response) => void response.writeHead(302, { location }).end());
    await expect(fetchFromHub(model, settings(endpoint))).rejects.toMatchObject({ code: 'weights-unreachable' });
  });
});

test('without a connection, what was fetched before is used; else the sentence says so', async () => {
  const endpoint = await serve(hub({ 'model.safetensors': await weights() }));
  const folder = await fetchFromHub(model, settings(endpoint));
  const server = servers.pop()!;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await fetchFromHub(model, settings(endpoint))).toBe(folder);
  await expect(fetchFromHub({ ...model, revision: 'other' }, settings(endpoint))).rejects.toMatchObject({
    code: 'weights-unreachable',
    message: expect.stringMatching(/cannot be reached/),
  });
});

test('a folder that cannot be written is told', async () => {
  const endpoint = await serve(hub({ 'model.safetensors': await weights() }));
  const file = join(cache, 'a-file');
  writeFileSync(file, '');
  await expect(fetchFromHub(model, { ...settings(endpoint), cache: file })).rejects.toMatchObject({
    code: 'weights-unwritable',
    message: expect.stringContaining('could not be written'),
  });
});

test('a full disk is told; what has arrived is kept for the next time', async (context) => {
  const disk = tinyDisk(context, '1m');
  const endpoint = await serve(hub({ 'model.safetensors': await weights(500_000) }));
  await expect(fetchFromHub(model, { ...settings(endpoint), cache: disk })).rejects.toMatchObject({
    code: 'weights-unwritable',
    message: expect.stringContaining('the disk is full; free some space'),
  });
  expect(readdirSync(join(disk, 'owner--model', commit))).toEqual([expect.stringMatching(/\.part$/)]);
});

describe('names', () => {
  test.each([
    ['google/vit-base-patch16-224', { id: 'google/vit-base-patch16-224', revision: 'main' }],
    ['owner/name@v1.0', { id: 'owner/name', revision: 'v1.0' }],
    ['owner/name@refs/pr/1', { id: 'owner/name', revision: 'refs/pr/1' }],
    ['owner', undefined],
    ['../name', undefined],
    ['owner/..', undefined],
    ['owner/name@../..', undefined],
    ['a/b/c', undefined],
    ['/etc/passwd', undefined],
    ['owner/name?x=1', undefined],
  ])('%s', (text, expected) => {
    expect(parseHubId(text)).toEqual(expected);
  });

  test('a path that is there is a path; a file name is never a question to the Hub', async () => {
    writeFileSync(join(cache, 'w.safetensors'), '');
    const hubOf = settings('http://127.0.0.1:1');
    expect(await locateWeights('w.safetensors', cache, { hub: hubOf })).toBe(join(cache, 'w.safetensors'));
    for (const named of ['weights/other.safetensors', './x', 'a/b/c', 'hf:not an id'])
      await expect(locateWeights(named, cache, { hub: hubOf }), named).rejects.toMatchObject({
        code: 'weights-unreadable',
      });
    await expect(locateWeights('owner/model', cache, { hub: hubOf })).rejects.toMatchObject({
      code: 'weights-unreachable',
    });
  });
});

test('a Hub that has no address is told in whole sentences', async () => {
  const message =
    'owner/model could not be fetched from http://none.invalid: its name cannot be resolved, as where a computer is offline. ' +
    'Try again: what has arrived is kept. Or name a local folder with the weights.';
  await expect(fetchFromHub(model, settings('http://none.invalid'))).rejects.toMatchObject({ message });
});

test('settings come from the environment', () => {
  expect(hubSettings({ HF_ENDPOINT: 'http://mirror/', HF_TOKEN: 't', COVER_CACHE: cache })).toEqual({
    endpoint: 'http://mirror',
    token: 't',
    cache: join(cache, 'hub'),
  });
  expect(hubSettings({}).endpoint).toBe('https://huggingface.co');
});
