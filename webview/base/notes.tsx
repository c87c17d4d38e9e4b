// The three things a view says instead of data: that it waits, that there is nothing yet, and what went wrong.
import type { ComponentChildren } from 'preact';
import { ProgressRing } from './toolkit.tsx';

export function Waiting({ what }: { what: string }) {
  return (
    <div class="note" role="status">
      <ProgressRing label={what} />
      <p class="dim">{what}</p>
    </div>
  );
}

/** What comes next or what to do, where there is no data. */
export function Empty({ title, children }: { title?: string; children: ComponentChildren }) {
  return (
    <div class="note">
      {title && <p class="note-title">{title}</p>}
      <p class="dim">{children}</p>
    </div>
  );
}

/** One sentence for the person, and what can be done about it. */
export function Failed({ message, children }: { message: string; children?: ComponentChildren }) {
  return (
    <div class="failed" role="alert" data-testid="failure">
      <span class="failed-sign" aria-hidden="true">
        ✕
      </span>
      <p>{message}</p>
      {children}
    </div>
  );
}
