// What a runner answers about studies, and training one: a job like a training, which wants the whole machine.
import { UserError } from '../base/errors.ts';
import { type StudyConfig, studySchema } from '../config/experiment.ts';
import { parseJson } from '../config/parseJson.ts';
import { problemsOfIssue } from '../config/schemaProblems.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import type { NewStudy, studyRequests } from '../protocol/studies.ts';
import { planStudy } from '../studies/openStudy.ts';
import { listStudies, shownStudy } from '../studies/shownStudy.ts';
import { runStudy } from '../studies/study.ts';
import { studyChoices } from '../studies/studyChoices.ts';
import type { RunnerOptions } from './handlers.ts';
import { cancelledOnly } from './jobs.ts';
import type { Alone } from './oneAtATime.ts';

export function studyHandlers(
  { ffmpeg, notify, ended }: RunnerOptions,
  alone: Alone,
): Pick<Handlers<RunnerSurface>, keyof typeof studyRequests> {
  return {
    'studies/list': ({ workspace }) => listStudies(workspace),
    'studies/get': ({ workspace, name }) => shownStudy(workspace, name),
    'studies/choices': ({ workspace }) => studyChoices(workspace),
    'studies/plan': async ({ workspace, name, study }) => planStudy({ workspace, name, study: checked(study) }),
    'studies/run': ({ workspace, name, study, keep }, asked) =>
      alone('a study', async () => {
        const result = await runStudy({
          workspace,
          name,
          study: checked(study),
          ffmpeg,
          signal: keep ? cancelledOnly(asked, ended) : asked,
          onArm: ({ title, seed }, place) => notify({ event: 'arm', title, seed, ...place }),
          onEvent: notify,
        });
        return { name: result.name, folder: result.folder };
      }),
  };
}

/** As cover.json's schema has it. Throws UserError `bad-study`. */
function checked(study: NewStudy | undefined): StudyConfig | undefined {
  if (!study) return undefined;
  const { data, error } = studySchema.safeParse(study);
  if (data) return data;
  const { places } = parseJson('the study', JSON.stringify(study));
  const [problem] = error.issues.flatMap((issue) => problemsOfIssue(issue, places));
  throw new UserError('bad-study', `The study cannot be begun: ${problem?.message ?? error.message}`);
}
