// Follows a file that a process of this window writes its stderr to. Read now and then: file watchers miss appends on some
// disks, and of a log nothing is urgent.
import { open } from 'node:fs/promises';

const pollMs = 300;
const chunkBytes = 65_536;

export class LogTail {
  private offset = 0;
  private readonly decoder = new TextDecoder();
  private reading: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly file: string,
    private readonly told: (text: string) => void,
  ) {
    this.timer = setInterval(() => void this.read(), pollMs);
    this.timer.unref();
  }

  /** Reads what is there now. Never rejects: a log that is gone says nothing more. */
  read(): Promise<void> {
    this.reading = this.reading.then(() => this.readOn()).catch(() => undefined);
    return this.reading;
  }

  /** The rest, and no more. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.read();
  }

  private async readOn(): Promise<void> {
    const handle = await open(this.file, 'r');
    try {
      const buffer = Buffer.alloc(chunkBytes);
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, chunkBytes, this.offset);
        if (bytesRead === 0) return;
        this.offset += bytesRead;
        this.told(this.decoder.decode(buffer.subarray(0, bytesRead), { stream: true }));
      }
    } finally {
      await handle.close();
    }
  }
}
