// The devices that tests run on: the CPU always; WebGPU through a real adapter, or else through the software adapter that
// comes with Debian's chromium. Where there is neither, tests of it are skipped and say why, unless
// COVER_REQUIRE_WEBGPU=1 makes that a failure.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { chooseDevice, type Device } from '../../src/engine/devices.ts';
import { type Memory, memoryOf } from '../../src/engine/memory.ts';

const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(swiftShader)) {
  process.env.VK_ICD_FILENAMES = swiftShader;
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
}

export interface TestDevice {
  readonly id: string;
  /** Undefined where it is not here. */
  readonly device: Device | undefined;
  /** Why not, as part of the test's name. */
  readonly note: string;
}

/** As long as some session is open, compiled shaders are kept for the next: tests then take a tenth of the time. */
const kept: Memory[] = [];

/** cpu and webgpu, for describe.each with skipIf. */
export async function testDevices(): Promise<TestDevice[]> {
  const cpu = { id: 'cpu', device: await chooseDevice('cpu'), note: '' };
  try {
    const device = await chooseDevice('webgpu');
    kept.push(await memoryOf(device));
    return [cpu, { id: 'webgpu', device, note: '' }];
  } catch (error) {
    if (process.env.COVER_REQUIRE_WEBGPU === '1') throw error;
    return [cpu, { id: 'webgpu', device: undefined, note: `(skipped: ${(error as Error).message})` }];
  }
}
