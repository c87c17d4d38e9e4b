// What every page may ask of its host besides its own subject: to save what it shows, and to copy text. A page's host surface
// spreads these into its requests; `src/extension/pageServices.ts` answers them.
import { z } from 'zod';
import { request } from './surface.ts';

export const savedTypes = ['svg', 'png', 'csv'] as const;

export const pageRequests = {
  /** Asks where to save and writes there; `saved` is false where the person thought better of it. */
  'page/save': request(
    z.object({
      /** Proposed as the file's name, without an ending. */
      name: z.string(),
      type: z.enum(savedTypes),
      /** The file's text; of a PNG its bytes in base64. */
      data: z.string(),
    }),
    z.object({ saved: z.boolean() }),
  ),
  'page/copy': request(z.object({ text: z.string() }), z.object({})),
} as const;

/** For what a page uses of its host when it knows nothing else of it. */
export const pageSurface = { requests: pageRequests, notifications: {} } as const;
export type PageSurface = typeof pageSurface;
