// What a run's training step computes in, from what was asked for and what the device can do.
import { UserError } from '../base/errors.ts';
import type { ResolvedExperiment } from '../config/resolved.ts';
import type { Device } from '../engine/devices.ts';

export type Precision = 'float32' | 'float16';

/** Throws UserError where a graphics adapter is asked for float16 that it does not have. */
export function precisionOn({ id, name, float16 }: Device, wanted: ResolvedExperiment['precision']): Precision {
  // float16 has not been measured on an adapter yet, so it is taken where it is asked for only.
  if (wanted !== 'float16' || id === 'cpu') return 'float32';
  if (float16) return 'float16';
  throw new UserError(
    'no-float16',
    `The device "${id}" (${name}) does not compute in float16. Set "precision" to "float32" in cover.json.`,
  );
}
