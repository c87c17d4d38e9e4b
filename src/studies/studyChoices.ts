// What a person may start: the studies of cover.json, those that were begun, and what a new one may compare.
import { studySchema } from '../config/experiment.ts';
import { chosenExperiment } from '../config/resolve.ts';
import { requireWorkspace } from '../config/workspace.ts';
import type { StudyChoices } from '../protocol/studies.ts';
import { listStudies } from './shownStudy.ts';
import { tableTexts } from './studyReport.ts';

/** Throws UserError where cover.json cannot be used. */
export async function studyChoices(workspace: string): Promise<StudyChoices> {
  const config = await requireWorkspace(workspace);
  const { compare, seeds } = studySchema.parse({});
  const { options } = studySchema.shape.compare.unwrap().element;
  return {
    written: Object.entries(config.studies ?? {}).map(([name, { experiment, compare, seeds }]) => ({
      name,
      experiment: experiment ?? chosenExperiment(config, {}).name,
      compare,
      seeds,
    })),
    begun: await listStudies(workspace),
    experiments: Object.keys(config.experiments ?? {}),
    comparisons: options.map((name) => ({ name, title: tableTexts(name).title })),
    usual: { compare, seeds },
  };
}
