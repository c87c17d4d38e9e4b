// The images of a folder of frames, fetched a little ahead of the one that is shown and forgotten far from it.

/** Frames fetched ahead of the one shown. */
const ahead = 24;
/** Frames kept in all; a folder with no more is kept whole. */
const kept = 120;

type State = 'ready' | 'broken' | 'loading';

export class FrameImages {
  private readonly images = new Map<number, { image: HTMLImageElement; state: State }>();
  /** Frames that cannot be read: known once they were fetched. */
  readonly broken = new Set<number>();
  private closed = false;

  constructor(
    private readonly urls: readonly string[],
    /** A frame came, or turned out to be unreadable. */
    private readonly changed: (index: number) => void,
  ) {}

  stateOf(index: number): State {
    return this.broken.has(index) ? 'broken' : (this.images.get(index)?.state ?? 'loading');
  }

  /** The frame, or where it cannot be read the readable one nearest before it, else after it. */
  shownAt(index: number): HTMLImageElement | undefined {
    if (this.stateOf(index) === 'loading') return undefined;
    for (let before = index; before >= 0; before--) {
      const found = this.images.get(before);
      if (found?.state === 'ready') return found.image;
      if (!this.broken.has(before)) break; // not fetched: nobody knows
    }
    const after = [...this.images]
      .filter(([at, { state }]) => at > index && state === 'ready')
      .sort(([a], [b]) => a - b);
    return after[0]?.[1].image;
  }

  /** Fetches the frame and those after it, round to the first ones; others in place of those that cannot be read. */
  want(index: number): void {
    const { length } = this.urls;
    for (let i = 0, left = ahead; i < length && left >= 0; i++) {
      const next = (index + i) % length;
      if (this.broken.has(next)) continue;
      this.load(next);
      left--;
    }
    if (length <= kept) return;
    for (const at of this.images.keys()) {
      const distance = (at - index + length) % length;
      if (distance > ahead && length - distance > kept - ahead) this.images.delete(at);
    }
  }

  close(): void {
    this.closed = true;
    for (const { image } of this.images.values()) image.src = '';
    this.images.clear();
  }

  private load(index: number): void {
    if (this.images.has(index) || this.broken.has(index)) return;
    const image = new Image();
    const entry = { image, state: 'loading' as State };
    this.images.set(index, entry);
    image.src = this.urls[index]!;
    const settle = (state: State) => {
      if (this.closed || this.images.get(index) !== entry) return;
      entry.state = state;
      if (state === 'broken') {
        this.broken.add(index);
        this.images.delete(index);
      }
      this.changed(index);
    };
    image.decode().then(
      () => settle('ready'),
      () => settle('broken'),
    );
  }
}
