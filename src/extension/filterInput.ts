// Where the filter of the Datasets tree is typed. The tree follows meanwhile; Enter keeps what is shown, and so does going on with
// it: a row that is selected, an action on one. Escape brings back what was shown before.
import { type InputBox, window } from 'vscode';
import type { SampleFilter } from './sampleFilter.ts';

export class FilterInput {
  private open: InputBox | undefined;

  constructor(private readonly filter: Pick<SampleFilter, 'text' | 'set'>) {}

  ask(): void {
    const before = this.filter.text;
    const input = window.createInputBox();
    this.open = input;
    input.title = 'Filter Samples';
    input.placeholder = 'A text in the path, such as a part of the name; empty: all';
    input.value = before;
    // The editor does not tell why an input box was hidden: as it is, only Escape, or another box in its place, hides this one.
    input.ignoreFocusOut = true;
    const listeners = [
      input.onDidChangeValue((text) => this.filter.set(text)),
      input.onDidAccept(() => this.accept()),
      input.onDidHide(() => {
        if (this.open === input) {
          this.open = undefined;
          this.filter.set(before);
        }
        for (const one of [...listeners, input]) one.dispose();
      }),
    ];
    input.show();
  }

  /** Keeps what is shown. */
  accept(): void {
    const input = this.open;
    this.open = undefined;
    input?.hide();
  }
}
