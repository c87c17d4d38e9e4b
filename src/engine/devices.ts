// Where a model can run: a table, and a probe of what this machine really has. Nothing falls back silently: asking for
// a device that is not there is an error that says what is.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { UserError } from '../base/errors.ts';
import { distFile } from '../base/paths.ts';
import { patience } from '../base/patience.ts';
import { adapterFrom, adapterLogEnvironment } from './adapterLog.ts';
import type { ProbeResult } from './deviceProbe.ts';

export interface Device {
  readonly id: 'cpu' | 'webgpu';
  /** What a person knows it by: the processor's or the graphics adapter's name. */
  readonly name: string;
  readonly available: boolean;
  /** One line of detail: threads, driver, or why it is not available. */
  readonly detail: string;
  /** onnxruntime's execution provider. */
  readonly provider: string;
  /** Where the vectors of a training run live: in this process, or on the device. */
  readonly memory: 'host' | 'device';
  /** A graphics adapter made of software: it works, slower than the CPU. `auto` never takes it. */
  readonly software: boolean;
  /** Whether it computes in float16, faster than in float32. */
  readonly float16: boolean;
}

/** Generous: the first use of a driver may compile and store shaders. */
const probeMs = 30_000;

let probed: Promise<Device> | undefined;

/** Every device of the table, the best first, with what the probe found. */
export async function listDevices(): Promise<Device[]> {
  const [cpu, webgpu] = [cpuDevice(), await webgpuDevice()];
  return webgpu.available && !webgpu.software ? [webgpu, cpu] : [cpu, webgpu];
}

/** The device called `id`; `auto` takes the best one there is. */
export async function chooseDevice(id: string): Promise<Device> {
  if (id === 'cpu') return cpuDevice(); // without waiting for a probe
  const devices = await listDevices();
  const available = devices.filter((device) => device.available);
  const chosen = id === 'auto' ? available[0] : available.find((device) => device.id === id);
  if (chosen) return chosen;
  const why = devices.find((device) => device.id === id)?.detail;
  const found = available.map(describeDevice).join('; ');
  throw new UserError(
    'no-such-device',
    `The device "${id}" is not available${why ? `: ${why}` : ''}. This machine has: ${found}.`,
  );
}

/** For a record: "cpu (AMD EPYC; 2 threads)", "webgpu (NVIDIA L4; /usr/lib/libGLX_nvidia.so.0)". */
export function describeDevice({ id, name, detail }: Device): string {
  return `${id} (${name}; ${detail})`;
}

function cpuDevice(): Device {
  const detail = `${availableParallelism()} threads`;
  return {
    id: 'cpu',
    name: cpuModel(),
    available: true,
    detail,
    provider: 'cpu',
    memory: 'host',
    software: false,
    float16: false,
  };
}

function cpuModel(): string {
  return cpus()[0]?.model.trim() || 'CPU';
}

/** Probed once for the life of this process. */
function webgpuDevice(): Promise<Device> {
  probed ??= probe(distFile('deviceProbe.js')).then(({ error, float16 = false, log }) => {
    const device = { id: 'webgpu', provider: 'webgpu', memory: 'device', float16 } as const;
    if (error) return { ...device, name: 'GPU', available: false, software: false, detail: reasonOf(error) };
    const adapter = adapterFrom(log, process.platform, cpuModel());
    // What cannot be told from software is treated as such: it may be asked for.
    if (!adapter)
      return { ...device, name: 'unknown adapter', available: true, software: true, detail: 'not recognised' };
    const { name, driver, software } = adapter;
    const detail = [software && 'software', float16 && 'float16', driver].filter(Boolean).join('; ');
    return { ...device, name, available: true, software, detail };
  });
  return probed;
}

/** Runs the probe in a process of its own, so that a crash or hang of a driver costs nothing. Never rejects. */
export function probe(script: string, limitMs = probeMs): Promise<ProbeResult & { log: string }> {
  if (!existsSync(script)) return Promise.resolve({ error: `${script} is missing: npm run build`, log: '' });
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script], {
      env: { ...process.env, ...adapterLogEnvironment },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let [log, said] = ['', ''];
    const settle = (result: ProbeResult) => {
      callOff();
      resolve({ ...result, log });
    };
    const callOff = patience(limitMs, () => {
      child.kill('SIGKILL');
      settle({ error: `its driver did not answer within ${limitMs / 1000} s` });
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4_000_000);
    });
    child.on('error', ({ message }) => settle({ error: message }));
    child.on('close', (code, signal) => {
      settle(resultIn(said) ?? { error: `its driver crashed (${signal ?? `exit code ${code}`})` });
    });
  });
}

/** The probe's line, among whatever a driver may have printed. */
function resultIn(said: string): ProbeResult | undefined {
  for (const line of said.split('\n').filter((text) => text.startsWith('{'))) {
    try {
      return JSON.parse(line) as ProbeResult;
    } catch {} // not ours
  }
  return undefined;
}

/** One sentence's worth of onnxruntime's message. */
function reasonOf(error: string): string {
  if (/no supported adapters|Failed to get a WebGPU adapter/i.test(error))
    return 'no graphics driver with Vulkan, Direct3D 12 or Metal was found';
  return error.split('\n')[0]!.replace(/\.$/, '');
}
