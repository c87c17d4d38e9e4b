// Keeps the run's model in step with the host: a snapshot first, then live messages by their sequence number.
// What arrives before the snapshot waits; after a gap everything is asked for again.
import type { JobEvent } from '../../src/protocol/events.ts';
import type { RunSummary } from '../../src/protocol/runs.ts';
import type { RunSnapshot } from '../../src/protocol/runView.ts';
import { applyEvent, emptyModel, type RunModel } from './runModel.ts';

export type LiveMessage =
  | { sequence: number; events: JobEvent[] }
  | { sequence: number; summary: RunSummary; stopping: boolean };

export interface RunState {
  summary: RunSummary;
  stopping: boolean;
  model: RunModel;
}

export function modelOf(events: readonly JobEvent[]): RunModel {
  const model = emptyModel();
  for (const event of events) applyEvent(model, event);
  return model;
}

export class RunFeed {
  private state: RunState | undefined;
  private sequence = 0;
  private early: LiveMessage[] = [];
  private asking = false;

  constructor(
    private readonly ask: () => Promise<RunSnapshot>,
    /** Called after every change; the model inside the state is the same object, changed. */
    private readonly changed: (state: RunState) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Asks for the snapshot (again). */
  async start(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      const { summary, events, sequence, stopping } = await this.ask();
      this.state = { summary, stopping, model: modelOf(events) };
      this.sequence = sequence;
      this.asking = false;
      this.changed(this.state);
      for (const message of this.early.splice(0)) this.receive(message);
    } catch (error) {
      this.asking = false;
      this.failed(error);
    }
  }

  receive(message: LiveMessage): void {
    if (this.asking || !this.state) {
      this.early.push(message);
      return;
    }
    if (message.sequence <= this.sequence) return;
    if (message.sequence > this.sequence + 1) {
      this.early.push(message);
      void this.start();
      return;
    }
    this.sequence = message.sequence;
    if ('events' in message) for (const event of message.events) applyEvent(this.state.model, event);
    else this.state = { ...this.state, summary: message.summary, stopping: message.stopping };
    this.changed(this.state);
  }
}
