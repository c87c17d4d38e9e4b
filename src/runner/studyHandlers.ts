// What a runner answers about studies.
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import type { studyRequests } from '../protocol/studies.ts';
import { listStudies, shownStudy } from '../studies/shownStudy.ts';

export function studyHandlers(): Pick<Handlers<RunnerSurface>, keyof typeof studyRequests> {
  return {
    'studies/list': ({ workspace }) => listStudies(workspace),
    'studies/get': ({ workspace, name }) => shownStudy(workspace, name),
  };
}
