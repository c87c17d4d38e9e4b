import { expect, test } from 'vitest';
import type { Device } from '../../src/engine/devices.ts';
import { precisionOn } from '../../src/training/precision.ts';

const cpu: Device = {
  id: 'cpu',
  name: 'Processor',
  available: true,
  detail: '',
  provider: 'cpu',
  memory: 'host',
  software: false,
  float16: false,
};
const adapter: Device = { ...cpu, id: 'webgpu', name: 'Adapter', provider: 'webgpu', memory: 'device' };
const modern: Device = { ...adapter, float16: true };

test.each([
  { device: cpu, wanted: 'auto', precision: 'float32' },
  { device: cpu, wanted: 'float16', precision: 'float32' },
  { device: adapter, wanted: 'auto', precision: 'float32' },
  { device: modern, wanted: 'auto', precision: 'float32' },
  { device: modern, wanted: 'float32', precision: 'float32' },
  { device: modern, wanted: 'float16', precision: 'float16' },
] as const)('$device.id, $device.float16, $wanted: $precision', ({ device, wanted, precision }) => {
  expect(precisionOn(device, wanted)).toBe(precision);
});

test('float16 on an adapter without it is an error that names the setting', () => {
  expect(() => precisionOn(adapter, 'float16')).toThrow(/does not compute in float16.*"precision"/);
});
