// Frames as ffmpeg writes them one after the other in a format that tells their size: binary PPM, "P6 width height 255".

/**
 * RGB images of one size, [frames, height, width, 3], moved together in the memory of `bytes`, which are of no use after that. Undefined
 * where they are not whole, or not all alike.
 */
export function readPpm(
  bytes: Uint8Array,
): { width: number; height: number; frames: number; data: Uint8Array } | undefined {
  const first = headerAt(bytes, 0);
  if (!first) return undefined;
  const { width, height } = first;
  const size = width * height * 3;
  const length = first.length + size;
  const frames = bytes.length / length;
  if (!Number.isInteger(frames)) return undefined;
  for (let i = 0; i < frames; i++) {
    const header = headerAt(bytes, i * length);
    if (header?.width !== width || header.height !== height) return undefined;
    bytes.copyWithin(i * size, i * length + header.length, (i + 1) * length);
  }
  // Of a Buffer a slice would be no copy.
  return { width, height, frames, data: new Uint8Array(bytes.buffer, bytes.byteOffset, frames * size) };
}

function headerAt(bytes: Uint8Array, at: number): { width: number; height: number; length: number } | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(40, bytes.length - at)).toString('latin1');
  const match = /^P6\s(\d+)\s(\d+)\s255\s/.exec(text);
  return match ? { width: Number(match[1]), height: Number(match[2]), length: match[0].length } : undefined;
}
