// Training again what failed: the same choice, or where memory was the reason, with settings that need less.
import type { Draft, TrainPlan } from '../protocol/trainPlan.ts';
import type { RunnerParams, Runners } from './runners.ts';

type TrainParams = RunnerParams<'train/run'>;

/** Whether a job ended for want of memory: refused before it started, killed by the system, or told by the device. */
export function ranOutOfMemory({ code, message }: { code?: string | undefined; message: string }): boolean {
  return code === 'does-not-fit' || /out of memory|memory runs out|SIGKILL|bad_alloc|Failed to allocate/i.test(message);
}

/** What was chosen for a job, as a draft that can be shown and changed. */
export function draftOf({ draft, experiment, datasets, preset, device }: Omit<TrainParams, 'workspace'>): Draft {
  if (draft) return draft;
  return {
    ...(experiment !== undefined && { experiment }),
    edits: [
      ...(datasets ? [{ path: ['datasets'], value: datasets }] : []),
      ...(preset === undefined ? [] : [{ path: ['model', 'preset'], value: preset }]),
    ],
    flips: {},
    ...(device !== undefined && { device }),
  };
}

/**
 * The same training in less memory: what the estimate names; else, of a job that the estimate thought would fit, batches in twice as
 * many parts. Undefined where there is no such way.
 */
export async function smallerDraft(
  runners: Pick<Runners, 'ask'>,
  workspace: string,
  draft: Draft,
): Promise<Draft | undefined> {
  const plan = await runners.ask('train/plan', { workspace, draft });
  const edits = plan.needs?.advice?.edits ?? (plan.needs?.fits ? halved(plan) : undefined);
  return edits && { ...draft, edits: [...draft.edits, ...edits] };
}

/** Every stage in twice as many parts, as far as its batches can be cut. */
export function halved({ stages, settings }: Pick<TrainPlan, 'stages' | 'settings'>): Draft['edits'] | undefined {
  const edits = stages.flatMap(({ name }) => {
    const { batchSize, accumulate } = settings[name] as { batchSize: number; accumulate: number };
    return batchSize % (2 * accumulate) === 0 ? [{ path: [name, 'accumulate'], value: 2 * accumulate }] : [];
  });
  return edits.length > 0 ? edits : undefined;
}
