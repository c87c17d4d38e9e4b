// What the file is: its label and place in its dataset, the samples beside it, what can be done about it.

import { count } from '../../src/base/format.ts';
import type { ClipSample, ClipSnapshot } from '../../src/protocol/clipView.ts';
import { Icon } from '../base/icons.tsx';
import { TagList } from '../base/tagList.tsx';
import { Button } from '../base/toolkit.tsx';
import { allFacts } from './picture.tsx';

interface AboutProps {
  clip: ClipSnapshot;
  /** Null: the file is no sample; undefined: not known yet. */
  sample: ClipSample | null | undefined;
  facts: string;
  step: (by: -1 | 1) => void;
  edit: (edit: 'exclude' | 'include' | 'relabel' | 'tag' | 'untag') => void;
  copyCli: () => void;
}

export function About({ clip, sample, facts, step, edit, copyCli }: AboutProps) {
  const truth = sample?.truth ?? clip.truth;
  return (
    <>
      <dl class="about">
        <dt class="dim">label</dt>
        <dd data-testid="truth">
          {truth ? (
            <>
              <b>{truth.label}</b>{' '}
              <span class="dim">
                in {truth.dataset} · {truth.split}
              </span>
              {sample?.excluded && <span class="badge">excluded</span>}
            </>
          ) : (
            <span class="dim">none: the file belongs to no dataset</span>
          )}
        </dd>
        {sample && sample.tags.length > 0 && (
          <>
            <dt class="dim">tags</dt>
            <dd>
              <TagList tags={sample.tags} />
            </dd>
          </>
        )}
        <dt class="dim">file</dt>
        <dd class="path" title={clip.file}>
          {clip.path}
        </dd>
        {(facts !== '' || clip.size !== null) && (
          <>
            <dt class="dim">size</dt>
            <dd>{allFacts(facts, clip.size)}</dd>
          </>
        )}
      </dl>
      <div class="actions">
        {sample && (
          <>
            <Button
              appearance="icon"
              disabled={!sample.hasPrevious}
              label="Previous sample of the class (P)"
              testId="previous"
              onClick={() => step(-1)}
            >
              <Icon name="previous" />
            </Button>
            <span class="dim number" data-testid="position">
              {sample.excluded ? 'excluded' : `${count(sample.position)} of ${count(sample.samples)}`}
            </span>
            <Button
              appearance="icon"
              disabled={!sample.hasNext}
              label="Next sample of the class (N)"
              testId="next"
              onClick={() => step(1)}
            >
              <Icon name="next" />
            </Button>
            <span class="gap" />
            <Button testId="relabel" onClick={() => edit('relabel')}>
              Relabel…
            </Button>
            <Button testId="exclude" onClick={() => edit(sample.excluded ? 'include' : 'exclude')}>
              {sample.excluded ? 'Include' : 'Exclude'}
            </Button>
            <Button testId="tag" onClick={() => edit('tag')}>
              Tag…
            </Button>
            {sample.tags.length > 0 && (
              <Button testId="untag" onClick={() => edit('untag')}>
                Remove Tag…
              </Button>
            )}
          </>
        )}
        <Button testId="copy-cli" onClick={copyCli}>
          Copy as CLI
        </Button>
      </div>
    </>
  );
}
