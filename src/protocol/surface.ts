// How a surface (everything one side offers) is written down: typed requests and notifications, checked at the border.
import type { z } from 'zod';

export interface Request<P, R> {
  readonly params: z.ZodType<P>;
  readonly result: z.ZodType<R>;
  readonly _params?: P;
}

export interface Notification<P> {
  readonly params: z.ZodType<P>;
  /** Type only. */
  readonly _type: P;
}

export interface Surface {
  // biome-ignore lint/suspicious/noExplicitAny: a surface holds requests of any types; each keeps its own.
  readonly requests: Readonly<Record<string, Request<any, any>>>;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly notifications: Readonly<Record<string, Notification<any>>>;
}

export function request<P, R>(params: z.ZodType<P>, result: z.ZodType<R>): Request<P, R> {
  return { params, result };
}

export function notification<P>(params: z.ZodType<P>): Notification<P> {
  return { params, _type: undefined as P };
}
