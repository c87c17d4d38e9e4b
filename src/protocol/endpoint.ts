// One way to talk, for child processes and webviews alike: typed requests that always settle, and notifications.
// Messages are plain objects: {id, method, params} · {id, result} · {id, error} · {method, params} · {cancel: id}.
import { CancelledError, messageOf, UserError } from '../base/errors.ts';
import type { Request, Surface } from './surface.ts';

/** Carries messages one way and back. `onClose` fires once, with the reason, when nothing more can arrive. */
export interface Transport {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: (reason: string) => void): void;
}

type Params<R> = R extends Request<infer P, infer _> ? P : never;
type Result<R> = R extends Request<infer _, infer T> ? T : never;

/** What this side answers: one handler per request and per notification of its own surface. */
export type Handlers<S extends Surface> = {
  [M in keyof S['requests']]: (
    params: Params<S['requests'][M]>,
    signal: AbortSignal,
  ) => Promise<Result<S['requests'][M]>>;
};
export type Listeners<S extends Surface> = {
  [M in keyof S['notifications']]: (params: S['notifications'][M]['_type']) => void;
};

/**
 * A page that is loaded anew is another peer on the same transport: it counts its requests from a place of its own, a
 * multiple of this, so that late answers to the page before are not taken for its own.
 */
export const idsOfAPeer = 2 ** 24;

/** The reason of a signal that was aborted because the peer closed, and not because it cancelled the request. */
export const peerGone = new CancelledError('A request');

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Wire {
  id?: number;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: string; message: string; file?: string };
  cancel?: number;
}

/**
 * Serves `local` and calls `remote` over a transport. Every request settles: with the result, with the peer's error
 * (a UserError keeps its code), or with an error when the peer closes or the caller aborts.
 */
export class Endpoint<Local extends Surface, Remote extends Surface> {
  private nextId: number;
  /** Which peer asked last. */
  private peer = 0;
  private closed: string | undefined;
  private readonly pending = new Map<number, Pending>();
  private readonly serving = new Map<number, AbortController>();
  private readonly answers = new Set<Promise<void>>();

  constructor(
    private readonly transport: Transport,
    private readonly local: Local,
    private readonly handlers: Handlers<Local>,
    private readonly listeners: Partial<Listeners<Remote>>,
    private readonly remote: Remote,
    /** A multiple of `idsOfAPeer` where others may have talked over this transport before. */
    firstId = 0,
  ) {
    this.nextId = firstId + 1;
    transport.onMessage((message) => this.receive(message as Wire));
    transport.onClose((reason) => this.close(reason));
  }

  /** Asks the peer. Rejects with the peer's error, when the peer goes away, or when `signal` aborts. */
  request<M extends keyof Remote['requests'] & string>(
    method: M,
    params: Params<Remote['requests'][M]>,
    signal?: AbortSignal,
  ): Promise<Result<Remote['requests'][M]>> {
    return new Promise((resolve, reject) => {
      if (this.closed !== undefined) return reject(new UserError('closed', this.closed));
      if (signal?.aborted) return reject(new CancelledError());
      const id = this.nextId++;
      const abort = () => {
        this.transport.send({ cancel: id });
        settle();
        reject(new CancelledError());
      };
      const settle = () => {
        this.pending.delete(id);
        signal?.removeEventListener('abort', abort);
      };
      this.pending.set(id, {
        resolve: (result) => {
          settle();
          resolve(result as Result<Remote['requests'][M]>);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      signal?.addEventListener('abort', abort);
      this.transport.send({ id, method, params });
    });
  }

  /** Tells the peer of this side's own notifications; no answer is expected. */
  notify<M extends keyof Local['notifications'] & string>(method: M, params: Local['notifications'][M]['_type']): void {
    if (this.closed === undefined) this.transport.send({ method, params });
  }

  /** Resolves when this side is answering nothing: after a close, when everything that was aborted has come to rest. */
  async settled(): Promise<void> {
    while (this.answers.size > 0) await Promise.all(this.answers);
  }

  private track(answer: Promise<void>): void {
    this.answers.add(answer);
    void answer.finally(() => this.answers.delete(answer));
  }

  private receive(message: Wire): void {
    if (message.cancel !== undefined) this.serving.get(message.cancel)?.abort();
    else if (message.method !== undefined && message.id !== undefined)
      this.track(this.serve(message.id, message.method, message.params));
    else if (message.method !== undefined) this.hear(message.method, message.params);
    else if (message.id !== undefined) {
      const pending = this.pending.get(message.id);
      if (!pending) return; // settled before by an abort: its late result is dropped
      if (message.error) pending.reject(fromWire(message.error));
      else pending.resolve(message.result);
    }
  }

  private async serve(id: number, method: string, params: unknown): Promise<void> {
    const peer = Math.floor(id / idsOfAPeer);
    if (peer !== this.peer) this.abortAll(); // whoever asked before is gone
    this.peer = peer;
    const controller = new AbortController();
    this.serving.set(id, controller);
    try {
      const request = this.local.requests[method];
      const handler = this.handlers[method as keyof Local['requests']];
      if (!request || !handler) throw new UserError('unknown-method', `Nothing answers "${method}" here.`);
      const parsed = request.params.safeParse(params);
      if (!parsed.success) throw new UserError('bad-params', `"${method}" was called wrongly: ${parsed.error.message}`);
      const result = await handler(parsed.data as never, controller.signal);
      this.transport.send({ id, result });
    } catch (error) {
      this.transport.send({ id, error: toWire(error) });
    } finally {
      this.serving.delete(id);
    }
  }

  private hear(method: string, params: unknown): void {
    const notification = this.remote.notifications[method];
    const listener = this.listeners[method as keyof Remote['notifications']];
    if (!notification || !listener) return;
    const parsed = notification.params.safeParse(params);
    if (parsed.success) listener(parsed.data as never);
  }

  private close(reason: string): void {
    if (this.closed !== undefined) return;
    this.closed = reason;
    this.abortAll();
    for (const pending of [...this.pending.values()]) pending.reject(new UserError('closed', reason));
  }

  private abortAll(): void {
    for (const controller of this.serving.values()) controller.abort(peerGone);
  }
}

function toWire(error: unknown): NonNullable<Wire['error']> {
  if (error instanceof UserError)
    return { code: error.code, message: error.message, ...(error.file && { file: error.file }) };
  return { code: 'defect', message: messageOf(error) };
}

function fromWire(error: NonNullable<Wire['error']>): Error {
  return error.code === 'cancelled' ? new CancelledError() : new UserError(error.code, error.message, error.file);
}
