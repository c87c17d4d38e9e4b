// What a command passes over in cover.json because it can do without: a warning each. A dataset that it would have worked on too is an
// error, and makes the command end with 1 although it did the rest.
import type { Problem } from '../protocol/events.ts';
import type { Output } from './output.ts';

export class PassedOver {
  /** A dataset was among it. */
  datasets = false;

  constructor(private readonly output: Output) {}

  readonly tell = (problem: Problem): void => {
    const isDataset = problem.dataset !== undefined;
    if (isDataset) this.datasets = true;
    this.output.event({ event: 'problem', problem: isDataset ? { ...problem, severity: 'error' } : problem });
  };
}
