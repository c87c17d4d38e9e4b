// What the parts of the page ask, and asking anew when it is old.
import { useEffect, useRef } from 'preact/hooks';
import type { EvaluationHostSurface } from '../../src/protocol/evaluationView.ts';
import type { Host } from '../base/host.ts';

export type EvaluationHost = Host<EvaluationHostSurface>;

/** Asks again when `version` rises; the old answer stays until the new one is there. What is shown first has just been asked. */
export function useAgain(version: number, ask: () => void): void {
  const asked = useRef(version);
  useEffect(() => {
    if (version === asked.current) return;
    asked.current = version;
    ask();
  }, [version, ask]);
}
