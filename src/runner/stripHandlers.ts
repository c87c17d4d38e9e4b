// What a runner answers about small pictures of samples.
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import type { stripRequests } from '../protocol/strips.ts';
import type { FilmStrips } from './filmStrips.ts';

export function stripHandlers(strips: FilmStrips): Pick<Handlers<RunnerSurface>, keyof typeof stripRequests> {
  return {
    'sample/strip': ({ workspace, sample, frames, width }, signal) =>
      strips.strip(workspace, sample, { frames, width }, signal),
  };
}
