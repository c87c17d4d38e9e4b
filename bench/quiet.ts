// How busy other programs keep the processors. A step of two threads on two cores beside one busy process says little, of
// PyTorch (whose OpenMP threads spin while they wait) even less; so it is measured between rounds, told with the results,
// and waited out where that is asked for.
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const sampleMs = 400;
/** Share of all processors' time up to which a machine counts as quiet. */
export const quietShare = 0.1;

/** Share of all processors' time that is used while this program does nothing, 0 … 1. */
export async function busyShare(): Promise<number> {
  const before = times();
  await sleep(sampleMs);
  const after = times();
  const total = after.total - before.total;
  return total > 0 ? 1 - (after.idle - before.idle) / total : 0;
}

/** Waits until the machine is quiet, `patienceMs` at most; the last share seen. */
export async function waitForQuiet(patienceMs: number, onWait: (share: number) => void): Promise<number> {
  const began = performance.now();
  for (let told = false; ; told = true) {
    const share = await busyShare();
    if (share <= quietShare || performance.now() - began >= patienceMs) return share;
    if (!told) onWait(share);
  }
}

function times(): { idle: number; total: number } {
  let [idle, total] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}
