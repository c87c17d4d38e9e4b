// The page's end of the talk with the extension host, and what the page remembers of where the person was.
// `acquireVsCodeApi` may be called once a page, so this is the only file that does.
import type { z } from 'zod';
import { Endpoint, idsOfAPeer, type Listeners } from '../../src/protocol/endpoint.ts';
import type { Surface } from '../../src/protocol/surface.ts';
import { webviewTransport } from '../../src/protocol/webviewTransport.ts';
import { offerPageServices, type PageHost } from './pageServices.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

/** Views answer nothing: their own surface is empty. */
const silent = { requests: {}, notifications: {} } as const;
export type Host<S extends Surface> = Endpoint<typeof silent, S>;

/** Connects to the extension host, which answers `surface` and whose notifications go to `listeners`. */
export function connectHost<S extends Surface>(surface: S, listeners: Partial<Listeners<S>>): Host<S> {
  const transport = webviewTransport({
    post: (message) => api.postMessage(message),
    listen: (listener) => window.addEventListener('message', (event) => listener(event.data)),
    // When the panel goes, the page goes with it: there is nobody left to tell.
    closed: () => {},
  });
  // Requests of this page before it was loaded anew may still be answered: they counted from elsewhere.
  const [place = 1] = crypto.getRandomValues(new Uint32Array(1));
  const firstId = (place % 2 ** 28) * idsOfAPeer;
  const host: Host<S> = new Endpoint(transport, silent, {}, listeners, surface, firstId);
  if ('page/save' in surface.requests) offerPageServices(host as unknown as PageHost);
  return host;
}

/** What this page remembered of itself (navigation only), if it still has the expected shape. */
export function recall<T>(schema: z.ZodType<T>): T | undefined {
  const parsed = schema.safeParse(api.getState());
  return parsed.success ? parsed.data : undefined;
}

/** Remembers where the person is, for when the page is shown again. */
export function remember(navigation: unknown): void {
  api.setState(navigation);
}
