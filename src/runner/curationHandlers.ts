// What a runner answers about edits of samples, and where a text is found among them.
import { editSamples } from '../curation/editSamples.ts';
import { classNames, listExcluded, problemMarks, tagCounts, tagsOfSamples } from '../data/editQueries.ts';
import { matchCounts, matchingClasses, similarNames } from '../data/nameQueries.ts';
import type { curationRequests } from '../protocol/curation.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';

export function curationHandlers(): Pick<Handlers<RunnerSurface>, keyof typeof curationRequests> {
  return {
    'curation/edit': ({ workspace, edits, newClass }) => editSamples(workspace, edits, { newClass }),
    'curation/classes': ({ workspace, dataset }) => classNames(workspace, dataset),
    'curation/tags': ({ workspace, ids }) => tagCounts(workspace, ids),
    'curation/tagsOf': ({ workspace, ids }) => tagsOfSamples(workspace, ids),
    'curation/excluded': ({ workspace, ...page }) => listExcluded(workspace, page),
    'curation/matches': ({ workspace, dataset, split, filter }, signal) =>
      matchingClasses(workspace, dataset, split, filter, signal),
    'curation/matchCounts': ({ workspace, filter }, signal) => matchCounts(workspace, filter, signal),
    'curation/marks': ({ workspace }) => problemMarks(workspace),
    'curation/similar': ({ workspace, ...asked }) => similarNames(workspace, asked),
  };
}
