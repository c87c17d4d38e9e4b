// A machine without a graphics driver, which every Linux can be: a list of drivers that does not exist leaves Vulkan none.
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import { chooseDevice, describeDevice } from '../../src/engine/devices.ts';

process.env.VK_ICD_FILENAMES = process.env.VK_DRIVER_FILES = join(tmpdir(), 'cover-no-such-driver.json');
const reason = 'no graphics driver with Vulkan, Direct3D 12 or Metal was found';

describe.runIf(process.platform === 'linux')('without a driver', () => {
  test('auto takes the CPU', async () => {
    expect((await chooseDevice('auto')).id).toBe('cpu');
  });

  test('webgpu is an error that says why, and what is there', async () => {
    const cpu = describeDevice(await chooseDevice('cpu'));
    const message = `The device "webgpu" is not available: ${reason}. This machine has: ${cpu}.`;
    await expect(chooseDevice('webgpu')).rejects.toMatchObject({ name: 'UserError', code: 'no-such-device', message });
  });

  test('`cover devices` says so', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [distFile('cli.js'), 'devices', '--json']);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: 'cpu', available: true },
      { id: 'webgpu', available: false, detail: reason },
    ]);
  });
});
