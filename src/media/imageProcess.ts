// A process of its own that decodes images, one after the other: libvips reads whatever is on the disk, and where a file
// makes it crash or hang, that costs this process and not the one that trains.
import { createInterface } from 'node:readline';
import { messageOf } from '../base/errors.ts';
import { type ImageTask, packAnswer } from './imageMessages.ts';
import { decodeImage } from './sharp.ts';

async function answer(line: string): Promise<void> {
  const { file, shortSide, timeoutMs } = JSON.parse(line) as ImageTask;
  const parts = await decodeImage(file, shortSide, timeoutMs).then(
    ({ data, ...image }) => packAnswer(image, data),
    (error: unknown) => packAnswer({ error: messageOf(error) }, new Uint8Array()),
  );
  process.stdout.write(Buffer.concat(parts));
}

// Ends when its owner is gone: then nobody asks any more.
createInterface(process.stdin).on('line', (line) => void answer(line));
