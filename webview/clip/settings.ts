// What the person set in this view, which outlives a reload: navigation and arrangement only.
import { useCallback, useState } from 'preact/hooks';
import { z } from 'zod';
import { recall, remember } from '../base/host.ts';

const settingsSchema = z.object({
  /** The run asked; null: the one that the view was opened for. */
  run: z.string().nullable(),
  /** Classes shown of each head. */
  classes: z.enum(['1', '5', '10', 'all']),
  attention: z.boolean(),
  /** Of the heat map, 0 … 1. */
  opacity: z.number().min(0).max(1),
  speed: z.enum(['0.1', '0.25', '0.5', '1', '2']),
  loop: z.boolean(),
  /** Seconds of the timeline's windows; '': what fits the model. */
  window: z.enum(['', '0.5', '1', '2', '4', '8', '16']),
});
export type Settings = z.infer<typeof settingsSchema>;

const initial: Settings = {
  run: null,
  classes: '5',
  attention: false,
  opacity: 0.6,
  speed: '1',
  loop: true,
  window: '',
};

export type Change = (change: Partial<Settings>) => void;

export function useSettings(): [Settings, Change] {
  const [settings, setSettings] = useState(() => recall(settingsSchema) ?? initial);
  const change = useCallback<Change>((part) => {
    setSettings((old) => {
      const next = { ...old, ...part };
      remember(next);
      return next;
    });
  }, []);
  return [settings, change];
}
