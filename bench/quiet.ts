// How busy other programs keep the processors. A step of two threads on two cores beside one busy process says little, of
// PyTorch (whose OpenMP threads spin while they wait) even less; so what others use is measured during every turn, told
// with the results, and waited out where that is asked for.
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const sampleMs = 400;
/** Share of all processors' time up to which a machine counts as quiet. */
export const quietShare = 0.1;

/** Share of all processors' time that others use during `work`, 0 … 1, where `ownMs` of its result is not theirs. */
export async function othersDuring<T>(work: () => Promise<T>, ownMs: (result: T) => number) {
  const before = times();
  const self = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(self);
  const after = times();
  const total = after.total - before.total;
  const others = total - (after.idle - before.idle) - ownMs(result) - (user + system) / 1000;
  return { result, others: total > 0 ? Math.min(1, Math.max(0, others / total)) : 0 };
}

/** Share of all processors' time that others use while this program does nothing, 0 … 1. */
export async function busyShare(): Promise<number> {
  const { others } = await othersDuring(
    () => sleep(sampleMs),
    () => 0,
  );
  return others;
}

/** Waits until the machine is quiet, or until `deadline` (performance.now). */
export async function waitForQuiet(deadline: number, onWait: (share: number) => void): Promise<void> {
  for (let told = false; performance.now() < deadline; told = true) {
    const share = await busyShare();
    if (share <= quietShare) return;
    if (!told) onWait(share);
  }
}

/** Milliseconds since the machine started, of all processors together. */
function times(): { idle: number; total: number } {
  let [idle, total] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}
