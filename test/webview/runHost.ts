// A host for the run view in tests: it answers as told, and notes what was asked.
import type { Handlers } from '../../src/protocol/endpoint.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import type { CheckpointInfo } from '../../src/protocol/runHistory.ts';
import type { RunSummary } from '../../src/protocol/runs.ts';
import type { RunHostSurface } from '../../src/protocol/runView.ts';

export interface RunHost {
  summary: RunSummary;
  events: JobEvent[];
  sequence?: () => number;
  stopping?: boolean;
  checkpoints?: CheckpointInfo[];
  others?: Record<string, { summary: RunSummary; events: JobEvent[] }>;
  log?: string;
}

/** `asked` gets a line for all that the page wants done. */
export function runHandlers(host: RunHost, asked: string[] = []): Handlers<RunHostSurface> {
  const note = (what: string) => async (params: object) => {
    asked.push(`${what} ${JSON.stringify(params)}`);
    return {};
  };
  return {
    'page/save': async () => ({ saved: false }),
    'page/copy': note('copy'),
    'runView/ready': async () => {
      asked.push('ready');
      const { summary, events, sequence, stopping = false } = host;
      return { summary, events, sequence: sequence?.() ?? 0, stopping };
    },
    'runView/do': note('do'),
    'runView/checkpoints': async () => host.checkpoints ?? [],
    'runView/reveal': note('reveal'),
    'runView/log': async () => ({ tail: host.log ?? '' }),
    'runView/pickRuns': async ({ shown }) => Object.keys(host.others ?? {}).filter((run) => !shown.includes(run)),
    'runView/other': async ({ run }) => {
      const other = host.others?.[run];
      if (!other) throw new Error(`There is no run "${run}".`);
      return other;
    },
    'runView/openEvaluation': note('openEvaluation'),
    'runView/openFile': note('openFile'),
  };
}
