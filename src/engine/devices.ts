// Where a model can run: a table, and a probe of what this machine really has. Nothing falls back silently: asking for
// a device that is not there is an error that says what is.
import { availableParallelism, cpus } from 'node:os';
import { UserError } from '../base/errors.ts';

export interface Device {
  readonly id: 'cpu';
  /** What a person knows it by. */
  readonly name: string;
  readonly available: boolean;
  /** One line of detail: cores, driver, or why it is not available. */
  readonly detail: string;
  /** onnxruntime's execution provider. */
  readonly provider: string;
}

/** Every device of the table, with what the probe found. */
export async function listDevices(): Promise<Device[]> {
  const model = cpus()[0]?.model.trim() || 'CPU';
  return [{ id: 'cpu', name: model, available: true, detail: `${availableParallelism()} threads`, provider: 'cpu' }];
}

/** The device called `id`; `auto` takes the best one there is. */
export async function chooseDevice(id: string): Promise<Device> {
  const devices = await listDevices();
  const available = devices.filter((device) => device.available);
  const chosen = id === 'auto' ? available[0] : available.find((device) => device.id === id);
  if (chosen) return chosen;
  const found = available.map((device) => `${device.id} (${device.name})`).join(', ');
  throw new UserError('no-such-device', `The device "${id}" is not available. This machine has: ${found}.`);
}
