// The process of one participant: prepares it, says that it is ready, and runs when asked (protocol.ts).
import { createInterface } from 'node:readline';
import { onnxruntimeVersion } from '../src/engine/onnxruntime.ts';
import { prepare, type RoleRequest, startRole, threads } from './engine.ts';
import type { Request } from './protocol.ts';

/** Serves `spec` (a RoleRequest as JSON) until it is told to end. */
export async function serve(spec: string): Promise<void> {
  const request = JSON.parse(spec) as RoleRequest; // from our own parent
  if (request.role === 'prepare') {
    await prepare(request);
    return;
  }
  const run = await startRole(request);
  say({ ready: true, version: onnxruntimeVersion, device: request.device, threads });
  for await (const line of createInterface(process.stdin)) {
    const asked = JSON.parse(line) as Request;
    if ('end' in asked) break;
    const ms: number[] = [];
    let value = 0;
    const cpu = process.cpuUsage();
    const began = performance.now();
    while (ms.length === 0 || (ms.length < asked.atMost && performance.now() - began < asked.atLeastMs)) {
      const start = performance.now();
      value = await run();
      ms.push(performance.now() - start);
    }
    const { user, system } = process.cpuUsage(cpu);
    say({ ms, cpuMs: (user + system) / 1000, value: Number.isFinite(value) ? value : null });
  }
  say({ peakBytes: process.resourceUsage().maxRSS * 1024 });
  // Sessions are not released one by one: the process ends.
  process.stdout.write('', () => process.exit(0));
}

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
