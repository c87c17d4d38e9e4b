// A panel as the editor has them, with the page in it: what the page asks of its host, and what the host tells it.
import { Endpoint } from '../../src/protocol/endpoint.ts';
import type { Surface } from '../../src/protocol/surface.ts';
import { webviewTransport } from '../../src/protocol/webviewTransport.ts';

/** `surface` is the host's; `told` hears its notifications. */
export function panelStandIn<S extends Surface>(surface: S, told: { [method: string]: (params: never) => void } = {}) {
  const toHost: ((message: unknown) => void)[] = [];
  const toPage: ((message: unknown) => void)[] = [];
  const panel = {
    webview: {
      options: { localResourceRoots: [] },
      asWebviewUri: String,
      postMessage: async (message: unknown) => {
        for (const listener of toPage) listener(message);
      },
      onDidReceiveMessage: (listener: (message: unknown) => void) => void toHost.push(listener),
    },
    onDidDispose: () => ({ dispose: () => {} }),
  };
  const transport = webviewTransport({
    post: (message) => {
      for (const listener of toHost) listener(message);
    },
    listen: (listener) => toPage.push(listener),
    closed: () => {},
  });
  const page = new Endpoint(transport, { requests: {}, notifications: {} }, {}, told as never, surface);
  return { panel, page };
}
