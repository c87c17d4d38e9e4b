import { expect, test } from 'vitest';
import { type Adapter, adapterFrom } from '../../src/engine/adapterLog.ts';

const vulkan = (name: string, driver: string) =>
  `INFO:  [0] ${name}\nDRIVER | LAYER:          Using "${name}" with driver: "${driver}"\n`;
const hardware = (vendor: string, type: number, metadata: string) =>
  `2026-01-01 [I:onnxruntime:, device_discovery.cc:1] Adding OrtHardwareDevice {vendor_id:0x10de, device_id:0x2684, ` +
  `vendor:${vendor}, type:${type}, metadata: [${metadata}]}\n`;

const cases: { name: string; platform: NodeJS.Platform; log: string; expected: Adapter | undefined }[] = [
  {
    name: 'SwiftShader',
    platform: 'linux',
    log: vulkan('SwiftShader Device (Subzero)', '/usr/lib/chromium/./libvk_swiftshader.so'),
    expected: {
      name: 'SwiftShader Device (Subzero)',
      driver: '/usr/lib/chromium/libvk_swiftshader.so',
      software: true,
    },
  },
  {
    name: 'lavapipe',
    platform: 'linux',
    log: vulkan('llvmpipe (LLVM 15.0.6, 256 bits)', '/usr/lib/x86_64-linux-gnu/libvulkan_lvp.so'),
    expected: {
      name: 'llvmpipe (LLVM 15.0.6, 256 bits)',
      driver: '/usr/lib/x86_64-linux-gnu/libvulkan_lvp.so',
      software: true,
    },
  },
  {
    name: 'a real adapter',
    platform: 'linux',
    log: vulkan('NVIDIA H100 PCIe', '/usr/lib/x86_64-linux-gnu/libGLX_nvidia.so.0'),
    expected: { name: 'NVIDIA H100 PCIe', driver: '/usr/lib/x86_64-linux-gnu/libGLX_nvidia.so.0', software: false },
  },
  {
    name: 'the last device made, where several are',
    platform: 'linux',
    log: vulkan('llvmpipe (LLVM 15)', 'libvulkan_lvp.so') + vulkan('AMD Radeon RX 7900', 'libvulkan_radeon.so'),
    expected: { name: 'AMD Radeon RX 7900', driver: 'libvulkan_radeon.so', software: false },
  },
  {
    name: 'hardware on Linux without a word of its driver: it may be software that works',
    platform: 'linux',
    log: hardware('NVIDIA', 1, 'Description=NVIDIA GeForce RTX 4090'),
    expected: undefined,
  },
  {
    name: 'Windows: of two, the one preferred for performance',
    platform: 'win32',
    log:
      hardware('AMD', 0, '') +
      hardware('Intel', 1, 'Description=Intel(R) UHD Graphics, DxgiHighPerformanceIndex=1, Discrete=0, ') +
      hardware('NVIDIA', 1, 'Description=NVIDIA GeForce RTX 4090, DxgiHighPerformanceIndex=0, Discrete=1, '),
    expected: { name: 'NVIDIA GeForce RTX 4090', driver: 'Direct3D 12', software: false },
  },
  {
    name: 'Windows without a description',
    platform: 'win32',
    log: hardware('Qualcomm', 1, ''),
    expected: { name: 'Qualcomm GPU', driver: 'Direct3D 12', software: false },
  },
  {
    name: 'Windows with the basic driver only',
    platform: 'win32',
    log: hardware('Microsoft', 1, 'Description=Microsoft Basic Render Driver, '),
    expected: { name: 'Microsoft Basic Render Driver', driver: 'Direct3D 12', software: true },
  },
  { name: 'Windows without hardware', platform: 'win32', log: hardware('AMD', 0, ''), expected: undefined },
  {
    name: 'Apple silicon',
    platform: 'darwin',
    log: '',
    expected: { name: 'Apple M2 GPU', driver: 'Metal', software: false },
  },
  { name: 'nothing said', platform: 'linux', log: '', expected: undefined },
];

test.each(cases)('$name', ({ platform, log, expected }) => {
  expect(adapterFrom(log, platform, 'Apple M2')).toEqual(expected);
});
