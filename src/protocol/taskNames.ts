// What counted work is called to a person. Apart from events.ts, whose schemas take their time to build: the editor shows these
// before it needs those.
import type { JobEvent } from './events.ts';

export const taskNames = {
  search: 'Searching',
  index: 'Indexing',
  probe: 'Probing',
  compare: 'Comparing',
  fetch: 'Fetching',
  draw: 'Drawing',
  measure: 'Measuring',
  decode: 'Decoding',
  evaluate: 'Evaluating',
} as const satisfies Record<Extract<JobEvent, { event: 'progress' }>['task'], string>;
