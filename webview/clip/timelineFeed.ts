// Asks for a timeline page by page until it is whole, is stopped or fails; what came stays.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { CancelledError } from '../../src/base/errors.ts';
import type { HeadPredictions } from '../../src/protocol/events.ts';
import type { TimelinePage, TimelinePlan } from '../../src/protocol/predictions.ts';
import { type Failure, failureOf } from '../base/hooks.ts';

export interface Timeline {
  plan: TimelinePlan | undefined;
  windows: readonly HeadPredictions[];
  warning: string | null;
  state: 'waiting' | 'asking' | 'stopped' | 'whole' | 'failed';
  failure: Failure | undefined;
  stop: () => void;
  resume: () => void;
}

type Told = Pick<Timeline, 'plan' | 'windows' | 'warning' | 'state' | 'failure'> & { key: string };

const nothing = (key: string): Told => ({
  key,
  plan: undefined,
  windows: [],
  warning: null,
  state: 'waiting',
  failure: undefined,
});

/** `key` names what is asked about: another one begins anew. Nothing is asked while `enabled` is false. */
export function useTimeline(
  key: string,
  enabled: boolean,
  question: (from: number, signal: AbortSignal) => Promise<TimelinePage>,
): Timeline {
  const [told, setTold] = useState(() => nothing(key));
  const [attempt, setAttempt] = useState(0);
  const control = useRef<AbortController | undefined>(undefined);
  const latest = useRef(question);
  latest.current = question;
  const known = useRef(told);
  known.current = told.key === key ? told : nothing(key);

  // `attempt` is among the dependencies so that `resume` goes on.
  useEffect(() => {
    if (!enabled) return;
    const controller = new AbortController();
    control.current = controller;
    const tell = (change: Partial<Told>) => {
      if (controller.signal.aborted) return;
      known.current = { ...known.current, ...change };
      setTold(known.current);
    };
    const ask = async () => {
      tell({ key, state: 'asking', failure: undefined });
      for (;;) {
        const { windows } = known.current;
        const page = await latest.current(windows.length, controller.signal);
        const all = [...windows, ...page.windows];
        const whole = all.length >= page.plan.windows || page.windows.length === 0;
        const warning = known.current.warning ?? page.warning;
        tell({ plan: page.plan, windows: all, warning, state: whole ? 'whole' : 'asking' });
        if (whole || controller.signal.aborted) return;
      }
    };
    ask().catch((error: unknown) => {
      if (!(error instanceof CancelledError)) tell({ state: 'failed', failure: failureOf(error) });
    });
    return () => controller.abort();
  }, [key, enabled, attempt]);

  const stop = useCallback(() => {
    control.current?.abort();
    setTold((old) => ({ ...old, state: 'stopped' }));
  }, []);
  const resume = useCallback(() => setAttempt((old) => old + 1), []);
  const shown = told.key === key ? told : nothing(key);
  return { ...shown, stop, resume };
}
