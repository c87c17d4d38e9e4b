// What is asked of cover.json: some datasets, an experiment, a study. Only what is needed must be right; an experiment that is being
// written is not in the way of another, nor a dataset whose disk is away in the way of those that are there.
import { UserError } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import type { WorkspaceConfig } from './experiment.ts';
import { chosenExperiment, type TrainChoice } from './resolve.ts';
import type { LoadedWorkspace, Section } from './workspace.ts';

/** Of all absent: whatever can be read, to index and show what is there. */
export interface Needs {
  /** These datasets must be usable. */
  readonly datasets?: readonly string[] | undefined;
  /** So must the experiment that is chosen, and the datasets that it trains on. */
  readonly choice?: TrainChoice | undefined;
  /** So must a study (unnamed: the first one), its experiment, and the datasets of that. */
  readonly study?: { readonly name?: string | undefined } | undefined;
}

/**
 * The configuration, if it has what is needed; errors of everything else come back as warnings. A name that is not written anywhere is
 * for the caller to tell. Throws UserError `bad-workspace` with the first error of what is needed.
 */
export function needed(loaded: LoadedWorkspace, needs: Needs): { config: WorkspaceConfig; passed: Problem[] } {
  const { config, file, problems } = loaded;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const whole = errors.find(
    ({ dataset, entry, file: at }) => dataset === undefined && entry === undefined && at === file,
  );
  if (!config || whole) throw unusable(file, whole ?? errors[0]);

  const require = (section: Section, asked: string | undefined) => {
    const name = asked ?? loaded.first[section];
    const own = errors.find(({ entry }) => name !== undefined && entry === `${section}.${name}`);
    if (own) throw unusable(file, own);
    const written = name !== undefined && Object.hasOwn(config[section] ?? {}, name) ? name : undefined;
    // It may stand in the file that nobody could read; so may the first one.
    if (loaded.hidden && written === undefined) throw unusable(file, loaded.hidden);
    return written;
  };
  const experiment = (choice: TrainChoice): readonly string[] => {
    const isThere = choice.given !== undefined || require('experiments', choice.experiment) !== undefined;
    const all = [...Object.keys(config.datasets), ...(config.unreadable ?? [])];
    if (choice.datasets) return choice.datasets;
    if (!isThere && choice.experiment !== undefined) return [];
    return chosenExperiment(config, choice).experiment.datasets ?? all;
  };

  const datasets = [...(needs.datasets ?? [])];
  if (needs.choice) datasets.push(...experiment(needs.choice));
  if (needs.study) {
    const name = require('studies', needs.study.name);
    if (name !== undefined) datasets.push(...experiment({ experiment: config.studies![name]!.experiment }));
  }
  const wrong = errors.find(
    ({ dataset, entry }) => entry === undefined && dataset !== undefined && datasets.includes(dataset),
  );
  if (wrong) throw unusable(file, wrong);
  return { config, passed: errors.map((problem) => ({ ...problem, severity: 'warning' })) };
}

function unusable(file: string, error: Problem | undefined): UserError {
  const at = error?.file ?? file;
  const place = error?.line === undefined ? '' : `${at}:${error.line}: `;
  return new UserError('bad-workspace', `${place}${error?.message ?? `${file} cannot be used.`}`, at);
}
