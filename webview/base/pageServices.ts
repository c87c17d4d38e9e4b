// Saving and copying for every part of a page, without handing the host down to it. `connectHost` sets the host here where its
// surface has these requests (src/protocol/page.ts).
import type { Endpoint } from '../../src/protocol/endpoint.ts';
import type { PageSurface, savedTypes } from '../../src/protocol/page.ts';

/** A page answers nothing itself. */
interface Silent {
  readonly requests: Record<never, never>;
  readonly notifications: Record<never, never>;
}
export type PageHost = Endpoint<Silent, PageSurface>;

let host: PageHost | undefined;

export function offerPageServices(offered: PageHost): void {
  host = offered;
}

/** Whether this page's host can save and copy. */
export function canSave(): boolean {
  return host !== undefined;
}

/** Asks the person where to save; resolves with whether it was. `data`: text, or a PNG's bytes in base64. */
export async function savePage(name: string, type: (typeof savedTypes)[number], data: string): Promise<boolean> {
  return (await host?.request('page/save', { name, type, data }))?.saved ?? false;
}

export async function copyText(text: string): Promise<void> {
  await host?.request('page/copy', { text });
}
