// `cover study`: trains every arm of a comparison, or what is left of it, and prints its tables.
import { CancelledError, UserError } from '../base/errors.ts';
import { duration } from '../base/format.ts';
import { type StudyConfig, studySchema } from '../config/experiment.ts';
import { requireFfmpeg } from '../media/ffmpeg.ts';
import { runStudy } from '../studies/study.ts';
import type { Context, ExitCode } from './context.ts';

export interface StudyOptions {
  compare?: StudyConfig['compare'];
  experiment?: string;
  seeds?: number[];
}

export async function studyCommand(
  context: Context,
  name: string | undefined,
  { compare, ...rest }: StudyOptions,
): Promise<ExitCode> {
  const { workspace, device, ffmpeg, signal, output } = context;
  if (!compare && Object.values(rest).some((value) => value !== undefined))
    throw new UserError(
      'usage',
      'A study of cover.json says its seeds and its experiment itself. Change them there, or name what to --compare.',
    );
  const study = compare && studySchema.parse({ compare, ...rest });
  await requireFfmpeg(ffmpeg); // a study that cannot begin leaves no folder
  try {
    const { text, folder, ...result } = await runStudy({
      workspace,
      name,
      study,
      device,
      ffmpeg,
      signal,
      onArm: ({ title, seed }, place) => {
        const { number, of, resumed, eta } = place;
        output.event({ event: 'arm', title, seed, ...place });
        output.settle();
        const left = eta === null ? '' : `; about ${duration(eta)} left`;
        output.note(`Run ${number} of ${of}: ${title}, seed ${seed}${resumed ? ', going on' : ''}${left}`);
      },
      onEvent: (event) => output.event(event),
    });
    output.event({ event: 'study', folder, ...result });
    output.result(text.trimEnd());
    output.note(`The study is in ${folder}.`);
    return 0;
  } catch (error) {
    output.settle();
    if (error instanceof CancelledError)
      output.note('Stopped. What was trained so far is kept; the same command goes on with the study.');
    throw error;
  }
}
