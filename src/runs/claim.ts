// One process at a time may take a run, or a study, over. The claim is held only for the moment in which state.json goes from
// "stopped" to "running": from then on the state itself says who works.
import { join } from 'node:path';
import { withClaim } from '../base/claim.ts';
import { UserError } from '../base/errors.ts';
import { unwritableCode } from './runWritable.ts';

const staleMs = 60_000;

/** Runs `work` while this process alone holds the claim on `folder`. Throws UserError `run-claimed`. */
export function withFolderClaim<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const taken = () => new UserError('run-claimed', `Another process is just taking ${folder} over.`, folder);
  return withClaim({ file: join(folder, 'claim'), staleMs, waitMs: 0, taken, unwritableCode }, work);
}
