// How the process that decodes images and its owner talk: a line of JSON for each image there, a frame of bytes for each
// answer back: the length of a JSON header (32 bits, little endian), the header, and the image's RGB bytes.

export interface ImageTask {
  file: string;
  shortSide: number;
  timeoutMs: number;
}

export type ImageAnswer = { width: number; height: number; warning?: string } | { error: string };

export function packAnswer(answer: ImageAnswer, data: Uint8Array): Buffer[] {
  const header = Buffer.from(JSON.stringify(answer));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  return [length, header, Buffer.from(data.buffer, data.byteOffset, data.length)];
}

/** The answer and its image, or how many bytes it takes to know more, where `bytes` do not hold all of it. */
export function unpackAnswer(bytes: Buffer): { answer: ImageAnswer; data: Uint8Array } | { needed: number } {
  if (bytes.length < 4) return { needed: 4 };
  const start = 4 + bytes.readUInt32LE(0);
  if (bytes.length < start) return { needed: start };
  const answer = JSON.parse(bytes.toString('utf8', 4, start)) as ImageAnswer;
  const end = start + ('error' in answer ? 0 : answer.width * answer.height * 3);
  if (bytes.length < end) return { needed: end };
  return { answer, data: new Uint8Array(bytes.subarray(start, end)) };
}
