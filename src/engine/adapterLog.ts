// Which graphics adapter a WebGPU session got. onnxruntime's binding does not tell, but what is written to stderr does: on
// Linux the Vulkan loader names the adapter and driver of the device it makes (VK_LOADER_DEBUG); elsewhere onnxruntime
// lists the machine's hardware adapters, software ones left out.

export interface Adapter {
  readonly name: string;
  /** What speaks to it: a driver's file, or the system's interface. */
  readonly driver: string;
  /** The CPU does the work: never a device to prefer. */
  readonly software: boolean;
}

/** Set for a process whose stderr is to name the adapter. */
export const adapterLogEnvironment = { VK_LOADER_DEBUG: 'all' };

/** The adapter from a verbose log; undefined where it does not say. */
export function adapterFrom(log: string, platform: NodeJS.Platform, cpuModel: string): Adapter | undefined {
  if (platform === 'darwin') return { name: `${cpuModel} GPU`, driver: 'Metal', software: false };
  const vulkan = [...log.matchAll(/Using "([^"\n]+)" with driver: "([^"\n]+)"/g)].at(-1);
  if (vulkan) {
    const [name, driver] = [vulkan[1]!.trim(), vulkan[2]!.replaceAll('/./', '/')];
    return { name, driver, software: isSoftware(`${name} ${driver}`) };
  }
  // A hardware list says nothing of drivers: on Linux, with none for the hardware, a software one would do its work.
  return platform === 'win32' ? hardwareAdapter(log) : undefined;
}

/** SwiftShader, Mesa's llvmpipe (lavapipe) and softpipe, Microsoft's WARP. */
function isSoftware(description: string): boolean {
  return /swiftshader|llvmpipe|lavapipe|lvp|softpipe|software|basic render|\bwarp\b/i.test(description);
}

/** The adapter that is preferred for high performance, as WebGPU is asked to. */
function hardwareAdapter(log: string): Adapter | undefined {
  const found = [...log.matchAll(/OrtHardwareDevice \{([^{}\n]*), type:1, metadata: \[([^\]\n]*)\]\}/g)].map(
    (match) => {
      const [, ids, metadata] = match as unknown as [string, string, string];
      const value = (from: string, key: string) => new RegExp(`\\b${key}[:=]\\s*([^,]*)`).exec(from)?.[1]?.trim();
      const vendor = value(ids, 'vendor');
      return {
        name: value(metadata, 'Description') || (vendor ? `${vendor} GPU` : 'GPU'),
        order: Number(value(metadata, 'DxgiHighPerformanceIndex') ?? Number.POSITIVE_INFINITY),
      };
    },
  );
  const best = found.sort((a, b) => (a.order === b.order ? 0 : a.order - b.order))[0];
  return best && { name: best.name, driver: 'Direct3D 12', software: isSoftware(best.name) };
}
