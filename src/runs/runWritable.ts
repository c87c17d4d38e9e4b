// The one code of "the run folder takes no more": a full disk, a read-only one, missing rights.
import { UserError } from '../base/errors.ts';

export const unwritableCode = 'run-folder-unwritable';

/** Runs a writer of `src/data`, and tells its refusal as the run folder's. */
export async function runWritable(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof UserError && error.code === 'file-unwritable')
      throw new UserError(unwritableCode, error.message, file);
    throw error;
  }
}
