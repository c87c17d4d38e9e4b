// The few hooks that the views share: an element's size, the theme's changes, and a question to the host.
import type { RefObject } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { CancelledError, messageOf, UserError } from '../../src/base/errors.ts';

/** The content size of an element in CSS pixels; 0 × 0 until it is laid out. */
export function useSize<T extends Element>(): [RefObject<T | null>, { width: number; height: number }] {
  const ref = useRef<T>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    if (!ref.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const { width, height } = entry.contentRect;
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}

/** A number that changes when the editor's colour theme does (it marks the body). */
export function useThemeVersion(): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const observer = new MutationObserver(() => setVersion((old) => old + 1));
    observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
    return () => observer.disconnect();
  }, []);
  return version;
}

export interface Failure {
  code: string;
  message: string;
}

export function failureOf(error: unknown): Failure {
  return { code: error instanceof UserError ? error.code : 'defect', message: messageOf(error) };
}

export interface Answer<T> {
  /** The last answer; kept while a newer question is open. */
  value?: T;
  failure?: Failure;
  waiting: boolean;
  ask: () => void;
}

/**
 * Asks whenever `key` changes (or `ask` is called) and keeps the answer. A superseded question is aborted and its late
 * answer dropped.
 */
export function useAnswer<T>(key: string, question: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [state, setState] = useState<{ key: string; value?: T; failure?: Failure; waiting: boolean }>({
    key,
    waiting: true,
  });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(question);
  latest.current = question;
  // `attempt` is among the dependencies so that `ask` asks again.
  useEffect(() => {
    const controller = new AbortController();
    setState((old) => ({
      ...(old.key === key && old.value !== undefined && { value: old.value }),
      key,
      waiting: true,
    }));
    latest.current(controller.signal).then(
      (value) => {
        if (!controller.signal.aborted) setState({ key, value, waiting: false });
      },
      (error: unknown) => {
        if (controller.signal.aborted || error instanceof CancelledError) return;
        setState({ key, failure: failureOf(error), waiting: false });
      },
    );
    return () => controller.abort();
  }, [key, attempt]);
  const ask = useCallback(() => setAttempt((old) => old + 1), []);
  // Between a new key and its effect the old answer must not show under the new name.
  return state.key === key ? { ...state, ask } : { waiting: true, ask };
}
