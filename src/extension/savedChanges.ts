// What a save changed in files, shown beside what stood there before, as the editor shows any change.
import { commands, EventEmitter, Uri, workspace } from 'vscode';
import { baseName } from '../base/format.ts';

const scheme = 'cover-before';

export class SavedChanges {
  private files: readonly { file: string; before: string }[] = [];
  private readonly changed = new EventEmitter<Uri>();
  private provider: { dispose(): void } | undefined;

  /** The changes of the last save, in place of those before. */
  keep(files: readonly { file: string; before: string }[]): void {
    this.files = files;
  }

  /** Opens a comparison of each file; of the last one in front. */
  async show(): Promise<void> {
    this.provider ??= workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: this.changed.event,
      provideTextDocumentContent: ({ path }) =>
        this.files.find(({ file }) => Uri.file(file).path === path)?.before ?? '',
    });
    for (const { file } of this.files) {
      const now = Uri.file(file);
      const before = now.with({ scheme });
      this.changed.fire(before);
      await commands.executeCommand('vscode.diff', before, now, `${baseName(file)}: before and now`);
    }
  }

  dispose(): void {
    this.provider?.dispose();
    this.changed.dispose();
  }
}
