// A time limit for work done elsewhere (a child process, a worker) that does not count the time in which this process was
// itself blocked: a training step may hold the thread for a minute, and answers that came meanwhile wait to be read.

/** Calls `expired` after `limitMs` in which this process was free to hear an answer. Returns how to call it off. */
export function patience(limitMs: number, expired: () => void): () => void {
  const tickMs = Math.min(1000, Math.max(1, limitMs / 4));
  let spentMs = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    spentMs += Math.min(now - last, tickMs * 1.5);
    last = now;
    if (spentMs < limitMs) return;
    clearInterval(timer);
    expired();
  }, tickMs);
  return () => clearInterval(timer);
}
