// What the parts of the page ask, and asking anew when it is old.
import { useEffect } from 'preact/hooks';
import type { EvaluationHostSurface } from '../../src/protocol/evaluationView.ts';
import type { Host } from '../base/host.ts';

export type EvaluationHost = Host<EvaluationHostSurface>;

/** Asks again when `version` rises; the old answer stays until the new one is there. */
export function useAgain(version: number, ask: () => void): void {
  useEffect(() => {
    if (version > 0) ask();
  }, [version, ask]);
}
