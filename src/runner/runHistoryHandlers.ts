// What a runner answers to those who look on at a run, and what it does to one from outside.
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { systemCode } from '../base/errors.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { runHistoryRequests } from '../protocol/runHistory.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import { openRun, type RunFolder } from '../runs/runFolder.ts';
import { stopRun } from '../runs/stopRun.ts';
import { exportRun } from '../training/exportRun.ts';

/** Of a log, in bytes. */
const tailBytes = 16_384;

export function runHistoryHandlers(): Pick<Handlers<RunnerSurface>, keyof typeof runHistoryRequests> {
  return {
    'runs/story': async ({ workspace, run, points }) => {
      const folder = await openRun(workspace, run);
      return { summary: folder.summary(), ...(await folder.thinnedEvents(points)) };
    },
    'runs/follow': async ({ workspace, run, cursor }) => {
      const folder = await openRun(workspace, run);
      const appended = await folder.appendedEvents(cursor);
      return { summary: folder.summary(), ...(appended ?? { events: [], cursor }), again: !appended };
    },
    'runs/checkpoints': async ({ workspace, run }) => checkpointsOf(await openRun(workspace, run)),
    'runs/log': async ({ workspace, run }) => {
      const { logFile } = await openRun(workspace, run);
      return { tail: logFile === undefined ? '' : await tailOf(logFile), file: logFile ?? null };
    },
    'runs/stop': async ({ workspace, run, now }) => {
      await stopRun(workspace, run, now);
      return {};
    },
    'runs/exportOnnx': async ({ workspace, run, out }, signal) => {
      const { path, checkpoint } = await exportRun({ workspace, run, format: 'onnx', out, signal });
      return { path, checkpoint: basename(checkpoint, '.safetensors') };
    },
  };
}

async function checkpointsOf(run: RunFolder) {
  const names = await run.checkpoints();
  const found = names.map(async (name) => {
    const file = run.checkpointFile(name);
    const info = await stat(file).catch(() => undefined); // removed meanwhile by the trainer
    const step = Number(/\d+$/.exec(name)?.[0] ?? 0);
    return info ? [{ name, file, step, bytes: info.size, newest: name === names.at(-1) }] : [];
  });
  return (await Promise.all(found)).flat();
}

async function tailOf(file: string): Promise<string> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, tailBytes)), 0, undefined, from);
    const text = buffer.toString('utf8', 0, bytesRead);
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await handle.close();
  }
}
