// What a runner answers about a training that is being chosen: what it would come to, and saving it. Measuring is a job (jobs.ts).
import { saveDraft } from '../config/draft.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import { planTraining } from '../training/plan.ts';

export function trainPlanHandlers(): Pick<Handlers<RunnerSurface>, 'train/plan' | 'train/save'> {
  return {
    'train/plan': ({ workspace, draft }, signal) => planTraining({ workspace, draft, signal }),
    'train/save': ({ workspace, draft, name }) => saveDraft(workspace, draft, name),
  };
}
