// Scrolling through more than an element can be tall. A browser's scroll height ends at some ten million pixels, which a million
// cards exceed: then the scroll bar stands for a share of the whole, while small moves (wheel, touch) still move by pixels.

/** Pixels: the scrolled element is never taller. */
export const tallest = 8_000_000;

export class TallScroll {
  /** Pixels of the content above the view, however tall it is. */
  top = 0;
  /** The content's height and the view's. */
  private content = 0;
  private view = 0;
  /** The element's own scroll position, as it was seen last. */
  private native = 0;

  /** Height that the element gets. */
  get height(): number {
    return Math.min(this.content, tallest);
  }

  get end(): number {
    return Math.max(0, this.content - this.view);
  }

  resize(content: number, view: number): void {
    this.content = content;
    this.view = view;
    this.top = Math.min(this.top, this.end);
  }

  /** The element was scrolled to `native`. */
  scrolled(native: number): void {
    const moved = native - this.native;
    this.native = native;
    if (this.content <= tallest) this.top = Math.min(this.end, Math.max(0, native));
    else if (Math.abs(moved) < 2 * this.view) this.top = Math.min(this.end, Math.max(0, this.top + moved));
    else this.top = this.end * Math.min(1, native / (tallest - this.view));
  }

  /** Goes to `top` pixels; returns where the element has to stand, and takes that for seen. */
  go(top: number): number {
    this.top = Math.min(this.end, Math.max(0, top));
    this.native = this.nativeTop();
    return this.native;
  }

  /** Where the element should stand; after small moves through tall content it stands a little elsewhere. */
  nativeTop(): number {
    return this.content <= tallest || this.end === 0
      ? this.top
      : Math.round((this.top / this.end) * (tallest - this.view));
  }

  /** The element stands at `native` now, which is no move. */
  seen(native: number): void {
    this.native = native;
  }
}
