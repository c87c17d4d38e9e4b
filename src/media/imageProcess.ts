// A process of its own that reads images, a few at a time as its owner asks: libvips reads whatever is on the disk, and
// where a file makes it crash or hang, that costs this process and not the one that trains.
import { createInterface } from 'node:readline';
import { messageOf } from '../base/errors.ts';
import { type ImageTask, packAnswer } from './imageMessages.ts';
import { decodeImage, imageHeader } from './sharp.ts';

async function answer(task: ImageTask): Promise<Buffer> {
  const { id, file } = task;
  try {
    if (task.task === 'header') return packAnswer({ id, header: await imageHeader(file) });
    const { data, ...image } = await decodeImage(file, task.shortSide, task.timeoutMs);
    return packAnswer({ id, image }, data);
  } catch (error) {
    return packAnswer({ id, error: messageOf(error) });
  }
}

// Ends when its owner is gone: then nobody asks any more.
createInterface(process.stdin).on('line', (line) => {
  void answer(JSON.parse(line) as ImageTask).then((bytes) => process.stdout.write(bytes));
});
