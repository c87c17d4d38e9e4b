// Where the film stands, in seconds of the file. It changes with every frame, so who draws it listens instead of being rendered.
import { useEffect, useRef } from 'preact/hooks';

export class Playhead {
  time = 0;
  private readonly listeners = new Set<(time: number) => void>();

  /** Moves the film; set by the player. */
  seek: (time: number) => void = () => {};

  move(time: number): void {
    this.time = time;
    for (const listener of this.listeners) listener(time);
  }

  listen(listener: (time: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** Calls `draw` now, after every rendering and whenever the film moves. */
export function usePlayhead(playhead: Playhead, draw: (time: number) => void): void {
  const latest = useRef(draw);
  latest.current = draw;
  useEffect(() => playhead.listen((time) => latest.current(time)), [playhead]);
  useEffect(() => latest.current(playhead.time));
}
