// What a runner answers about devices and about runs that are not at work.
import { listDevices } from '../engine/devices.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import { listRuns, summaryOf } from '../runs/listRuns.ts';
import { openRun } from '../runs/runFolder.ts';

export function runHandlers(): Pick<Handlers<RunnerSurface>, 'devices/list' | 'runs/list' | 'runs/get'> {
  return {
    'devices/list': async () => {
      const devices = await listDevices();
      return devices.map(({ id, name, available, detail }) => ({ id, name, available, detail }));
    },
    'runs/list': ({ workspace }) => listRuns(workspace),
    'runs/get': async ({ workspace, run }) => {
      const folder = await openRun(workspace, run);
      return { summary: await summaryOf(folder), events: await folder.events() };
    },
  };
}
