// A field that finds a class by its name: arrow keys walk through what fits, Enter or a click picks it.
import { useMemo, useState } from 'preact/hooks';
import { TextField } from '../base/toolkit.tsx';
import { findLabels } from './confusion.ts';

interface ClassSearchProps {
  label: string;
  labels: readonly string[];
  onPick: (index: number) => void;
  testId: string;
}

const most = 8;

export function ClassSearch({ label, labels, onPick, testId }: ClassSearchProps) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const found = useMemo(() => findLabels(labels, text, most), [labels, text]);
  const here = Math.min(at, Math.max(0, found.length - 1));
  const pick = (index: number | undefined) => {
    if (index === undefined) return;
    setText('');
    onPick(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') pick(found[here]);
    else if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, here + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, here - 1));
    else if (event.key === 'Escape') setText('');
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the field inside.
    <span class="class-search" onKeyDown={onKeyDown}>
      <TextField
        label={label}
        value={text}
        onInput={(value) => {
          setText(value);
          setAt(0);
        }}
        testId={testId}
      />
      {text.trim() !== '' && (
        <ul class="found" aria-label={`Classes with “${text}”`}>
          {found.map((index, i) => (
            <li key={index}>
              <button
                type="button"
                class={i === here ? 'plain clip-text here' : 'plain clip-text'}
                tabIndex={-1}
                // Before the field loses the focus, which would close the list.
                onPointerDown={(event) => {
                  event.preventDefault();
                  pick(index);
                }}
                onClick={() => pick(index)}
              >
                {labels[index]}
              </button>
            </li>
          ))}
          {found.length === 0 && <li class="dim">no class</li>}
        </ul>
      )}
      <span class="sr-only" role="status">
        {text.trim() !== '' &&
          (found.length === 0 ? 'No class' : `${labels[found[here]!]}, ${here + 1} of ${found.length}`)}
      </span>
    </span>
  );
}
