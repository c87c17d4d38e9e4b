// A thread that makes batches, one recipe after the other, while training computes.
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../base/errors.ts';
import type { BatchAnswer, BatchTask } from './batchWorkers.ts';
import { type BatchPlan, makeBatch } from './makeBatch.ts';

const plan = workerData as BatchPlan;

parentPort!.on('message', ({ id, drawn }: BatchTask) => {
  let answer: BatchAnswer;
  const transfer: ArrayBuffer[] = [];
  try {
    const batch = makeBatch(plan, drawn);
    for (const { pixels, targets } of batch.micro.flat())
      for (const { buffer } of [pixels, ...Object.values(targets)]) transfer.push(buffer as ArrayBuffer);
    answer = { id, batch };
  } catch (error) {
    answer = { id, error: messageOf(error) };
  }
  parentPort!.postMessage(answer, transfer);
});
