// The rows of a tree that is one list. While the editor draws rows anew it knows none of them, and a click then comes without its
// row: so a list is read before the editor is told, and told only where it is another one. Pure: it knows no editor.

export class ListedRows<T> {
  private shown: readonly T[] | undefined;
  /** Read already, for when the editor asks. */
  private ready: readonly T[] | undefined;
  private waiting = 0;
  private serial = 0;

  /** `read` does not fail: what is wrong it tells itself. */
  constructor(private readonly read: () => Promise<readonly T[]>) {}

  /** What the editor is answered with. */
  async rows(): Promise<readonly T[]> {
    const { ready } = this;
    this.ready = undefined;
    this.waiting++;
    try {
      this.shown = ready ?? (await this.read());
    } finally {
      this.waiting--;
    }
    return this.shown;
  }

  /** The editor does not ask for now, as of a view that is hidden: what is read then would be old by the time it does. */
  forget(): void {
    this.serial++;
    this.ready = undefined;
  }

  /** Reads the list again. Resolves with whether the editor should ask for it; of calls that overlap the last one counts. */
  async isChanged(): Promise<boolean> {
    this.forget();
    const { serial } = this;
    if (!this.shown || this.waiting > 0) return true;
    const found = await this.read();
    if (serial !== this.serial) return false;
    if (this.waiting > 0) return true;
    if (JSON.stringify(found) === JSON.stringify(this.shown)) return false;
    this.ready = found;
    return true;
  }
}
