// The clip view as an editor: "Reopen Editor With… CoVeR Clip View" on any video or image, read-only.
import { type CustomReadonlyEditorProvider, type Disposable, type Uri, window } from 'vscode';
import type { ClipSubject } from './clipPanel.ts';
import { fillPanel, type PanelKind } from './webviewPanel.ts';
import { requireWorkspace } from './workspaceFolder.ts';

export function registerClipEditor(extension: Uri, kind: PanelKind<ClipSubject>): Disposable {
  const provider: CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => {} }),
    // What it throws, the editor shows in the panel's place.
    resolveCustomEditor: ({ uri }, panel) =>
      fillPanel(extension, kind, panel, { workspace: requireWorkspace(), file: uri.fsPath }),
  };
  return window.registerCustomEditorProvider('cover.clipEditor', provider, {
    webviewOptions: { retainContextWhenHidden: true },
  });
}
