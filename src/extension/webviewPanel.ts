// What the panels share: the page with its policy, the endpoint over the panel's messages, one panel per thing shown,
// and coming back after a window reload. A panel's requests are aborted when it is closed.
import { randomBytes } from 'node:crypto';
import { sep } from 'node:path';
import { type ExtensionContext, Uri, ViewColumn, type WebviewPanel, window, workspace } from 'vscode';
import { Endpoint, type Handlers } from '../protocol/endpoint.ts';
import type { Surface } from '../protocol/surface.ts';
import { webviewHtml, webviewTransport } from '../protocol/webviewTransport.ts';

/** A view answers nothing of its own. */
const silent = { requests: {}, notifications: {} } as const;
export type PanelEndpoint<S extends Surface> = Endpoint<S, typeof silent>;

/** One kind of panel: how to fill a panel that shows `subject`. */
export interface PanelKind<Subject> {
  /** Also the name of the bundle in dist/webview: `cover.run` shows `run.js`. */
  viewType: `cover.${string}`;
  /** What makes two subjects one, which share a panel. */
  identity(subject: Subject): readonly unknown[];
  title(subject: Subject): string;
  /** As `title`, with more of where the subject is from: for where another one's panel says the same. */
  fullTitle?(subject: Subject): string;
  icon: string;
  /** Folders the page may load files from, besides its own. */
  roots(subject: Subject): Promise<string[]>;
  /**
   * Serves the panel; what it returns is called when the panel is closed. `become` tells that the panel shows another subject from
   * now on; absent where the panel belongs to an editor, which shows its file.
   */
  fill(panel: WebviewPanel, subject: Subject, become?: (next: Subject) => void): Promise<() => void>;
  /** The panel of this subject was asked for again while open; after `fill`. */
  again?(panel: WebviewPanel, subject: Subject): void;
}

export class Panels<Subject> {
  /** What each panel shows, which two may come to share, and its title, which a closed panel does not tell any more. */
  private readonly open = new Map<WebviewPanel, { identity: string; title: string }>();
  /** Settles when a panel is served, or cannot be. */
  private readonly filled = new WeakMap<WebviewPanel, Promise<void>>();

  constructor(
    private readonly context: ExtensionContext,
    private readonly kind: PanelKind<Subject>,
    private readonly failed: (error: unknown) => void,
  ) {
    context.subscriptions.push(
      window.registerWebviewPanelSerializer(kind.viewType, {
        deserializeWebviewPanel: async (panel) => {
          const subject = this.subjectOf(panel.title);
          if (subject === undefined) panel.dispose();
          else if (workspace.isTrusted) await this.fill(panel, subject);
          else void this.fill(panel, subject, trustOf(panel)); // the editor need not wait for that
        },
      }),
    );
  }

  /** Shows the subject's panel, a new one in `column` where it has none. */
  async show(subject: Subject, column = ViewColumn.Active): Promise<void> {
    const identity = this.identityOf(subject);
    const present = [...this.open].find(([, shown]) => shown.identity === identity)?.[0];
    if (present) {
      present.reveal(column === ViewColumn.Active ? undefined : column, false);
      await this.filled.get(present);
      this.kind.again?.(present, subject);
      return;
    }
    const panel = window.createWebviewPanel(
      this.kind.viewType,
      this.titleOf(subject),
      { viewColumn: column, preserveFocus: false },
      { retainContextWhenHidden: true },
    );
    await this.fill(panel, subject);
  }

  /** Once `ready`; not at all where that is false. */
  private fill(panel: WebviewPanel, subject: Subject, ready: Promise<boolean> | true = true): Promise<void> {
    this.enter(panel, subject);
    const become = (next: Subject) => {
      this.leave(panel);
      panel.title = this.titleOf(next);
      this.enter(panel, next);
    };
    panel.onDidDispose(() => this.leave(panel));
    const filling = async () => {
      if (!(await ready)) return;
      try {
        await fillPanel(this.context.extensionUri, this.kind, panel, subject, become);
      } catch (error) {
        panel.dispose();
        this.failed(error);
      }
    };
    const filled = filling();
    this.filled.set(panel, filled);
    return filled;
  }

  private enter(panel: WebviewPanel, subject: Subject): void {
    const { title } = panel;
    this.open.set(panel, { identity: this.identityOf(subject), title });
    this.remember(title, subject);
  }

  /** What no panel shows any more does not come back. */
  private leave(panel: WebviewPanel): void {
    const left = this.open.get(panel);
    this.open.delete(panel);
    if (left && ![...this.open.values()].some(({ title }) => title === left.title))
      this.remember(left.title, undefined);
  }

  private identityOf(subject: Subject): string {
    return JSON.stringify(this.kind.identity(subject));
  }

  /** Another than any other subject has: after a reload the editor tells no more of a panel than its title. */
  private titleOf(subject: Subject): string {
    const identity = this.identityOf(subject);
    const isFree = (title: string) => {
      const known = this.subjectOf(title);
      return known === undefined || this.identityOf(known) === identity;
    };
    const short = this.kind.title(subject);
    if (isFree(short)) return short;
    const full = this.kind.fullTitle?.(subject) ?? short;
    let title = full;
    for (let number = 2; !isFree(title); number++) title = `${full} (${number})`;
    return title;
  }

  private subjectOf(title: string): Subject | undefined {
    const subjects = this.subjects();
    return Object.hasOwn(subjects, title) ? subjects[title] : undefined;
  }

  /** What the open panels show, by title, for the next start of the window. */
  private subjects(): Record<string, Subject> {
    return this.context.workspaceState.get(this.kind.viewType, {});
  }

  private remember(title: string, subject: Subject | undefined): void {
    const { [title]: _, ...others } = this.subjects();
    void this.context.workspaceState.update(
      this.kind.viewType,
      subject === undefined ? others : { ...others, [title]: subject },
    );
  }
}

/** Tells in a panel that came back with its window what it waits for; false where it is closed before the workspace is trusted. */
function trustOf(panel: WebviewPanel): Promise<boolean> {
  panel.webview.html = waitingHtml; // before that there is nothing to ask
  return new Promise((resolve) => {
    const settle = (isTrusted: boolean) => {
      for (const one of listeners) one.dispose();
      resolve(isTrusted);
    };
    const listeners = [workspace.onDidGrantWorkspaceTrust(() => settle(true)), panel.onDidDispose(() => settle(false))];
  });
}

const waitingHtml = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<title>CoVeR</title>
</head>
<body><p>This page is shown once the workspace is trusted.</p></body>
</html>`;

/** Lets the page load from folders that came meanwhile. The editor reloads the page for it, which knows its place. */
export function allowFolders(panel: WebviewPanel, folders: readonly string[]): void {
  const roots = panel.webview.options.localResourceRoots ?? [];
  const isCovered = (folder: string) =>
    roots.some(({ fsPath }) => folder === fsPath || folder.startsWith(fsPath.endsWith(sep) ? fsPath : fsPath + sep));
  const added = folders.map((folder) => Uri.file(folder)).filter(({ fsPath }) => !isCovered(fsPath));
  if (added.length > 0) panel.webview.options = { ...panel.webview.options, localResourceRoots: [...roots, ...added] };
}

/** Gives a panel its page and serves it until it is closed. */
export async function fillPanel<Subject>(
  extension: Uri,
  kind: PanelKind<Subject>,
  panel: WebviewPanel,
  subject: Subject,
  become?: (next: Subject) => void,
): Promise<void> {
  let closed = false;
  let release: (() => void) | undefined;
  panel.onDidDispose(() => {
    closed = true;
    release?.();
  });
  panel.iconPath = Uri.joinPath(extension, 'media', kind.icon);
  const dist = Uri.joinPath(extension, 'dist', 'webview');
  const roots = (await kind.roots(subject)).map((folder) => Uri.file(folder));
  if (closed) return;
  panel.webview.options = { enableScripts: true, localResourceRoots: [dist, ...roots] };
  release = await kind.fill(panel, subject, become);
  if (closed) return release();
  const bundle = kind.viewType.slice('cover.'.length);
  const address = (name: string) => panel.webview.asWebviewUri(Uri.joinPath(dist, name)).toString();
  panel.webview.html = webviewHtml({
    title: kind.title(subject),
    cspSource: panel.webview.cspSource,
    script: address(`${bundle}.js`),
    style: address(`${bundle}.css`),
    nonce: randomBytes(18).toString('base64'),
  });
}

/** Serves a surface over a panel's messages. Closing the panel aborts what it asked for. */
export function servePanel<S extends Surface>(
  panel: WebviewPanel,
  surface: S,
  handlers: Handlers<S>,
): PanelEndpoint<S> {
  // What is answered after the panel was closed has nowhere to go.
  let isOpen = true;
  panel.onDidDispose(() => {
    isOpen = false;
  });
  const transport = webviewTransport({
    post: (message) => {
      if (isOpen) void panel.webview.postMessage(message);
    },
    listen: (listener) => void panel.webview.onDidReceiveMessage(listener),
    closed: (listener) => void panel.onDidDispose(() => listener('The view was closed.')),
  });
  return new Endpoint(transport, surface, handlers, {}, silent);
}
