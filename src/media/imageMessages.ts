// How a process that reads images and its owner talk: a line of JSON for each image there, a frame of bytes for each
// answer back, in any order: the length of a JSON header (32 bits, little endian), the header, and the image's RGB bytes.

export type ImageTask = { id: number; file: string; timeoutMs: number } & (
  | { task: 'decode'; shortSide: number }
  | { task: 'header' }
);

/** What an image says of itself; width and height upright. */
export interface ImageHeader {
  codec: string;
  width: number;
  height: number;
}

export type ImageAnswer = { id: number } & (
  | { image: { width: number; height: number; warning?: string } }
  | { header: ImageHeader }
  | { error: string }
);

export function packAnswer(answer: ImageAnswer, data: Uint8Array = new Uint8Array()): Buffer {
  const header = Buffer.from(JSON.stringify(answer));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  return Buffer.concat([length, header, data]);
}

/** The first answer with its image, and where it ends; or how many bytes it takes to know more. */
export function unpackAnswer(
  bytes: Buffer,
): { answer: ImageAnswer; data: Uint8Array; end: number } | { needed: number } {
  if (bytes.length < 4) return { needed: 4 };
  const start = 4 + bytes.readUInt32LE(0);
  if (bytes.length < start) return { needed: start };
  const answer = JSON.parse(bytes.toString('utf8', 4, start)) as ImageAnswer;
  const end = start + ('image' in answer ? answer.image.width * answer.image.height * 3 : 0);
  if (bytes.length < end) return { needed: end };
  return { answer, data: new Uint8Array(bytes.subarray(start, end)), end };
}
