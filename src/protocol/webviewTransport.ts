// Messages between a webview and its host, and the page a webview starts from. Both sides use this file: it knows
// neither `vscode` nor the DOM, only something that posts and something that listens.
import type { Transport } from './endpoint.ts';

/** One end of a message channel: `webview.postMessage` and `onDidReceiveMessage`, or their counterparts in the page. */
export interface WebviewPort {
  post(message: unknown): void;
  listen(listener: (message: unknown) => void): void;
  /** Called once with a reason when the other side is gone (the panel was disposed). */
  closed(listener: (reason: string) => void): void;
}

/** A transport over a message port. What is not an object was not sent by an endpoint, and is dropped. */
export function webviewTransport(port: WebviewPort): Transport {
  return {
    send: (message) => port.post(message),
    onMessage: (listener) =>
      port.listen((message) => {
        if (typeof message === 'object' && message !== null) listener(message);
      }),
    onClose: (listener) => port.closed(listener),
  };
}

export interface WebviewPage {
  title: string;
  /** `webview.cspSource`. */
  cspSource: string;
  /** Addresses (`asWebviewUri`) of dist/webview/<name>.js and .css. What else is needed lies beside the script. */
  script: string;
  style: string;
  /** Random and new for every page. */
  nonce: string;
}

/**
 * The whole page of a webview: no data in it, only where its script and style lie. Scripts run with the nonce only;
 * wasm, blob workers and blob media are for converting clips the editor cannot play. The toolkit reads the nonce for the
 * one style element it tries `:focus-visible` on.
 */
export function webviewHtml(page: WebviewPage): string {
  const policy = [
    "default-src 'none'",
    `img-src ${page.cspSource} blob:`,
    `media-src ${page.cspSource} blob:`,
    `style-src ${page.cspSource} 'nonce-${page.nonce}'`,
    `font-src ${page.cspSource}`,
    `script-src 'nonce-${page.nonce}' 'wasm-unsafe-eval'`,
    `connect-src ${page.cspSource} blob:`,
    'worker-src blob:',
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta property="csp-nonce" content="${escapeHtml(page.nonce)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link rel="stylesheet" href="${escapeHtml(page.style)}">
</head>
<body>
<div id="root"></div>
<script nonce="${escapeHtml(page.nonce)}" src="${escapeHtml(page.script)}"></script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
