// The harness over small real media files, for the tests of one `describe`: made before the first and gone after the last.
import { afterAll, beforeAll } from 'vitest';
import { type Harness, startHarness } from './harness.ts';
import { makeMedia } from './media.ts';

export function mediaHarness(): { readonly harness: Harness; readonly media: ReturnType<typeof makeMedia> } {
  let harness: Harness;
  let media: ReturnType<typeof makeMedia>;
  beforeAll(async () => {
    media = makeMedia();
    harness = await startHarness(media.folder);
  });
  afterAll(async () => {
    await harness?.close();
    media?.remove();
  });
  return {
    get harness() {
      return harness;
    },
    get media() {
      return media;
    },
  };
}
