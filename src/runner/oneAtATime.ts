// Jobs that each want the whole machine, one at a time in one process: the next is refused, not queued.
import { UserError } from '../base/errors.ts';

export type Alone = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export function oneAtATime(): Alone {
  let current: string | undefined;
  return async (name, work) => {
    if (current !== undefined)
      throw new UserError('busy', `This runner is busy: ${current}. Start another for ${name}.`);
    current = name;
    try {
      return await work();
    } finally {
      current = undefined;
    }
  };
}
