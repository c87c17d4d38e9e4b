// How long a run is believed to be trained whose trainer says nothing. In a file of its own, so that the editor has it without the
// protocol's schemas.

/** One step of a large model on a CPU blocks the process for minutes; only a longer silence is an end. */
export const silenceMs = 10 * 60_000;
