// The probe, and what is chosen by what it finds. Reads dist/deviceProbe.js.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { chooseDevice, describeDevice, listDevices, probe } from '../../src/engine/devices.ts';
import { memoryOf } from '../../src/engine/memory.ts';
import { testDevices } from './webgpu.ts';

const folder = mkdtempSync(join(tmpdir(), 'cover-probe-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a probe costs nothing', () => {
  const found = 'process.stdout.write("{}\\n")';
  test.each([
    { name: 'that works', script: found, expected: {} },
    { name: 'among other output', script: `console.log("{ a driver says");${found}`, expected: {} },
    { name: 'that crashes at the end', script: `${found};process.exitCode = 7`, expected: {} },
    {
      name: 'that crashes',
      script: 'process.kill(process.pid, "SIGSEGV")',
      expected: { error: 'its driver crashed (SIGSEGV)' },
    },
    { name: 'that gives up', script: 'process.exit(3)', expected: { error: 'its driver crashed (exit code 3)' } },
    {
      name: 'that hangs',
      script: 'setInterval(() => {}, 1000)',
      expected: { error: 'its driver did not answer within 1.5 s' },
    },
  ])('$name', async ({ name, script, expected }) => {
    const file = join(folder, `${name}.js`);
    writeFileSync(file, `process.stderr.write("said");${script}`);
    expect(await probe(file, 1500)).toEqual({ ...expected, log: 'said' });
  });

  test('that is not built', async () => {
    const { error } = await probe(join(folder, 'none.js'));
    expect(error).toContain('none.js is missing');
  });
});

test('the CPU is always there', async () => {
  const cpu = (await listDevices()).find(({ id }) => id === 'cpu')!;
  expect(cpu).toMatchObject({ available: true, software: false, memory: 'host' });
  expect(await chooseDevice('cpu')).toEqual(cpu);
});

test('a device that nobody knows is an error that says what is there', async () => {
  const cpu = describeDevice(await chooseDevice('cpu'));
  await expect(chooseDevice('tpu')).rejects.toThrow(/The device "tpu" is not available\. This machine has: /);
  await expect(chooseDevice('tpu')).rejects.toThrow(cpu);
});

const [, webgpu] = await testDevices();
describe(`webgpu ${webgpu!.note}`, () => {
  const there = test.skipIf(!webgpu!.device);

  there('is named with its driver, and auto never takes it where it is software', async () => {
    const { name, detail, software } = webgpu!.device!;
    expect(name).not.toMatch(/unknown/);
    expect(detail).toMatch(/[./]/);
    expect(/swiftshader|llvmpipe/i.test(name)).toBe(software);
    expect((await chooseDevice('auto')).id).toBe(software ? 'cpu' : 'webgpu');
  });

  there('keeps and gives back every kind of number', async () => {
    const memory = await memoryOf(webgpu!.device!);
    const numbers = Float32Array.of(1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 3.4e38, 1e-45);
    const [a, b] = [await memory.put(numbers), await memory.put(Float32Array.of(7))];
    expect(await memory.read(a)).toEqual(numbers);
    expect(await memory.read(b)).toEqual(Float32Array.of(7));
    memory.free(a);
    await expect(memory.read(a)).rejects.toThrow(/nothing in the place/);
    await memory.release();
    await expect(memory.read(b)).rejects.toThrow(/nothing in the place/);
  });
});
