// `cover devices`: what this machine can train on.
import { listDevices } from '../engine/devices.ts';
import type { Context, ExitCode } from './context.ts';
import { table } from './tables.ts';

export async function devicesCommand({ output, colour }: Context): Promise<ExitCode> {
  const devices = await listDevices();
  for (const { id, name, available, detail } of devices) output.event({ event: 'device', id, name, available, detail });
  const rows = devices.map(({ id, name, available, detail }) => [id, name, available ? 'yes' : 'no', detail]);
  output.result(table(['device', 'name', 'available', 'detail'], rows, 4, colour));
  return 0;
}
