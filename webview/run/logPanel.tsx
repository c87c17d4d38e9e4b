// What happened, as sentences, and the end of what the run's process wrote: closed until it is wanted.
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../base/toolkit.tsx';
import type { RunModel } from './runModel.ts';

interface LogPanelProps {
  model: RunModel;
  running: boolean;
  open: boolean;
  onToggle: (open: boolean) => void;
  onRead: () => Promise<{ tail: string }>;
  onOpenLog: () => void;
}

const pollMs = 3000;
const shown = 200;

export function LogPanel({ model, running, open, onToggle, onRead, onOpenLog }: LogPanelProps) {
  const [tail, setTail] = useState('');
  useEffect(() => {
    if (!open) return;
    let stale = false;
    // A log that cannot be read is no more than missing here: the button says what is wrong.
    const read = () =>
      onRead().then(
        (told) => stale || setTail(told.tail),
        () => undefined,
      );
    void read();
    const timer = running ? setInterval(() => void read(), pollMs) : undefined;
    return () => {
      stale = true;
      clearInterval(timer);
    };
  }, [open, running]);
  const lines = model.sentences.slice(-shown);
  return (
    <details class="panel log" data-testid="log" open={open} onToggle={(event) => onToggle(event.currentTarget.open)}>
      <summary>
        <h2>Log</h2>
        <span class="dim clip-text" title={lines.at(-1)}>
          {lines.at(-1) ?? 'nothing yet'}
        </span>
      </summary>
      <ol class="log-lines">
        {lines.map((line, i) => (
          <li key={i} class={line.startsWith('Error:') ? 'wrong' : undefined}>
            {line}
          </li>
        ))}
      </ol>
      {tail.trim() !== '' && (
        <>
          <p class="dim">What its process wrote last</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls has to be reached by the keyboard. */}
          <pre class="log-tail" tabIndex={0} data-testid="log-tail">
            {tail}
          </pre>
        </>
      )}
      <Button testId="open-log" onClick={onOpenLog}>
        Open log
      </Button>
    </details>
  );
}
