// Ctrl-C, twice: the first asks the work to stop after its step and save a checkpoint, the second ends the process at
// once. SIGTERM, and SIGHUP of a closed terminal, count as the first.

const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

export interface Stopping {
  readonly signal: AbortSignal;
  /** 128 + the signal's number, as shells have it; undefined while nothing asked to stop. */
  exitCode(): number | undefined;
}

/** `said` is called once, when the first signal arrives. */
export function stopOnSignals(said: () => void): Stopping {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const names = Object.keys(numbers) as (keyof typeof numbers)[];
  const stop = (name: keyof typeof numbers): void => {
    // Without listeners a second signal does what the system does by default: it ends the process, also in the middle
    // of a step, when no JavaScript runs.
    for (const each of names) process.removeAllListeners(each);
    exitCode = 128 + numbers[name];
    said();
    controller.abort();
  };
  for (const name of names) process.once(name, () => stop(name));
  return { signal: controller.signal, exitCode: () => exitCode };
}
