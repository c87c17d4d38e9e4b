// What dataset this is, in one line.
import { count, dotted, plural } from '../../src/base/format.ts';
import type { Facets } from '../../src/protocol/datasetQueries.ts';
import type { DatasetSummary } from '../../src/protocol/datasets.ts';

interface TitleLineProps {
  dataset: DatasetSummary;
  facets: Facets | undefined;
  onProblems: () => void;
}

export function TitleLine({ dataset, facets, onProblems }: TitleLineProps) {
  const { name, kind, path, samples, classes, problems, splits } = dataset;
  const excluded = (facets?.all ?? samples) - samples;
  const facts = dotted(
    kind,
    plural(samples, 'sample'),
    plural(classes, 'class', 'classes'),
    ...splits.map((split) => `${split.name} ${count(split.samples)}`),
    excluded > 0 && `${count(excluded)} excluded`,
  );
  return (
    <header class="title-line" title={path}>
      <h1 class="clip-text">{name}</h1>
      <span class="dim clip-text" data-testid="facts">
        {facts}
      </span>
      {problems > 0 && (
        <button type="button" class="plain link" onClick={onProblems}>
          ⚠ {plural(problems, 'problem')}
        </button>
      )}
    </header>
  );
}
