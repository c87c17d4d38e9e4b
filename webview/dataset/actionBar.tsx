// What can be done with the chosen samples.
import { useLayoutEffect } from 'preact/hooks';
import { plural } from '../../src/base/format.ts';
import { useSize } from '../base/hooks.ts';
import { Failed } from '../base/notes.tsx';
import { Button } from '../base/toolkit.tsx';

export type EditAction = 'exclude' | 'include' | 'relabel' | 'tag' | 'untag';

interface ActionBarProps {
  number: number;
  /** Whether some of them are used, some are excluded, and some have tags, as far as is known. */
  some: { used: boolean; excluded: boolean; tagged: boolean };
  /** The one at the keyboard is among them and was fetched. */
  canOpen: boolean;
  isBusy: boolean;
  failure: string | undefined;
  onOpen: () => void;
  onEdit: (action: EditAction) => void;
  onCopy: () => void;
  onNone: () => void;
  /** Pixels from the end of the samples that it stands over; it has several lines where it is narrow. */
  onFoot: (pixels: number) => void;
}

/** Its border, padding and distance from the end, and some air above it. */
const around = 26;

export function ActionBar(props: ActionBarProps) {
  const { number, some, canOpen, isBusy, failure, onOpen, onEdit, onCopy, onNone, onFoot } = props;
  const [frame, { height }] = useSize<HTMLDivElement>();
  useLayoutEffect(() => onFoot(height + around), [height]);
  return (
    <div ref={frame} class="action-bar" role="toolbar" aria-label="Chosen samples" data-testid="actions">
      <span data-testid="chosen">{plural(number, 'sample')} chosen</span>
      <Button onClick={onOpen} disabled={!canOpen} testId="open">
        Open
      </Button>
      {some.used && (
        <Button onClick={() => onEdit('exclude')} disabled={isBusy} testId="exclude">
          Exclude
        </Button>
      )}
      {some.excluded && (
        <Button onClick={() => onEdit('include')} disabled={isBusy} testId="include">
          Include
        </Button>
      )}
      <Button onClick={() => onEdit('relabel')} disabled={isBusy} testId="relabel">
        Relabel…
      </Button>
      <Button onClick={() => onEdit('tag')} disabled={isBusy} testId="tag">
        Tag…
      </Button>
      {some.tagged && (
        <Button onClick={() => onEdit('untag')} disabled={isBusy} testId="untag">
          Remove Tag…
        </Button>
      )}
      <Button onClick={onCopy} testId="copy-ids">
        Copy Ids
      </Button>
      <button type="button" class="plain link" onClick={onNone}>
        Choose none
      </button>
      {failure !== undefined && <Failed message={failure} />}
    </div>
  );
}
