// As much of the editor as the Datasets tree needs, for tests without one: `vi.mock('vscode', () => treeStandIn(folder))`.
import { statSync } from 'node:fs';
import { join } from 'node:path';

class EventEmitter<T> {
  private readonly listeners: ((value: T) => void)[] = [];
  readonly event = (listener: (value: T) => void) => {
    this.listeners.push(listener);
    return { dispose: () => {} };
  };
  fire(value: T): void {
    for (const listener of this.listeners) listener(value);
  }
}

class ThemeColor {
  constructor(readonly id: string) {}
}
class ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}
class TreeItem {
  constructor(
    readonly label: string,
    readonly collapsibleState: number,
  ) {}
}
class MarkdownString {
  value = '';
  appendText(text: string): this {
    this.value += text.replace(/[\\`*_{}[\]()#+\-.!<>&|~]/g, '\\$&');
    return this;
  }
  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
}
class Uri {
  constructor(
    readonly scheme: string,
    readonly path: string,
    readonly query = '',
  ) {}
  static file(path: string): Uri {
    return new Uri('file', path);
  }
  static from({ scheme, path = '', query = '' }: { scheme: string; path?: string; query?: string }): Uri {
    return new Uri(scheme, path, query);
  }
  static parse(text: string): Uri {
    const { protocol, pathname } = new URL(text);
    return new Uri(protocol.slice(0, -1), decodeURIComponent(pathname));
  }
  static joinPath({ scheme, path }: Uri, ...parts: string[]): Uri {
    return new Uri(scheme, join(path, ...parts));
  }
  get fsPath(): string {
    return this.path;
  }
  toString(): string {
    return `${this.scheme}://${this.path}`;
  }
}

class DataTransferItem {
  constructor(readonly value: unknown) {}
  async asString(): Promise<string> {
    return String(this.value);
  }
}

export function treeStandIn(folder: () => string, window: object = {}) {
  return {
    EventEmitter,
    ThemeColor,
    ThemeIcon,
    TreeItem,
    TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
    MarkdownString,
    Uri,
    DataTransferItem,
    FileType: { Directory: 2 },
    ViewColumn: { Active: -1, Beside: -2 },
    commands: {},
    env: {},
    window,
    workspace: {
      fs: { stat: async ({ path }: Uri) => ({ type: statSync(path).isDirectory() ? 2 : 1 }) },
      isTrusted: true,
      get workspaceFolders() {
        return [{ uri: { scheme: 'file', fsPath: folder() } }];
      },
    },
  };
}
