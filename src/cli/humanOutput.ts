// Progress for a person: one bar with rate and time left on a terminal, plain lines now and then elsewhere. Results go
// to stdout, everything else to stderr, so that a result can be piped.
import { MultiBar, type SingleBar } from 'cli-progress';
import { bytes, count, duration, flops, percent, plural } from '../base/format.ts';
import type { JobEvent } from '../protocol/events.ts';
import { taskNames } from '../protocol/taskNames.ts';
import type { CliEvent, Output } from './output.ts';
import { headLine, printable } from './tables.ts';

export interface Streams {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

/** Lines of progress that stay come at most this often. */
const plainIntervalMs = 10_000;
const problemsShown = 10;

type Progress = { name: string; done: number; total: number; detail: string };

export class HumanOutput implements Output {
  private bars: MultiBar | undefined;
  private bar: SingleBar | undefined;
  private barName = '';
  private plainName = '';
  private plainTime = 0;
  private plainLine = '';
  private problems = 0;
  private epochs: Record<string, number> = {};
  private epochTime = 0;

  constructor(private readonly streams: Streams) {}

  event(event: CliEvent): void {
    // The other events are results, which the commands print as tables, and failures (failure.ts).
    if (event.event === 'started') this.started(event);
    else if (event.event === 'progress') this.progress(counted(event));
    else if (event.event === 'step') this.progress(trained(event));
    else if (event.event === 'epoch') this.epoch(event);
    else if (event.event === 'problem') this.problem(event.problem);
    else if (event.event === 'weights') this.note(event.lines.join('\n'));
  }

  result(text: string): void {
    this.settle();
    this.streams.stdout.write(`${text}\n`);
  }

  note(text: string): void {
    const line = `${printable(text)}\n`;
    if (this.bars)
      this.bars.log(line); // above the bar
    else this.streams.stderr.write(line);
  }

  settle(): void {
    this.bars?.stop();
    this.bars = undefined;
    this.bar = undefined;
    this.barName = '';
    this.plainName = '';
    this.plainLine = '';
    const more = this.problems - problemsShown;
    if (more > 0) this.note(`… and ${plural(more, 'further problem')}; the same command with --json lists all.`);
    this.problems = 0;
  }

  private started(event: Extract<JobEvent, { event: 'started' }>): void {
    this.epochs = Object.fromEntries(event.stages.map(({ name, epochs }) => [name, epochs]));
    this.note(startedLine(event));
  }

  /** A stage's last epoch is always told, the others now and then: a small dataset has many. */
  private epoch({ stage, epoch, heads, ended }: Extract<JobEvent, { event: 'epoch' }>): void {
    const last = this.epochs[stage];
    if (epoch !== last && !ended && Date.now() - this.epochTime < plainIntervalMs) return;
    this.epochTime = Date.now();
    this.note(`${stage}, epoch ${count(epoch)}${last === undefined ? '' : ` of ${count(last)}`}: ${headLine(heads)}`);
    if (ended) this.note(ended);
  }

  private problem(problem: Extract<JobEvent, { event: 'problem' }>['problem']): void {
    if (++this.problems > problemsShown) return;
    const line = problem.line === undefined ? '' : `:${problem.line}`;
    const place = problem.message.startsWith(problem.file) ? '' : `${problem.file}${line}: `;
    this.note(`${problem.severity}: ${place}${problem.message}`);
  }

  private progress(progress: Progress): void {
    if (this.streams.stderr.isTTY) this.draw(progress);
    else this.plain(progress);
  }

  private draw({ name, done, total, detail }: Progress): void {
    this.bars ??= new MultiBar({
      stream: this.streams.stderr,
      format: '{name} {bar} {value}/{total} {detail}',
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      // Both would be in the way of a second Ctrl-C, which ends the process at once.
      hideCursor: false,
      gracefulExit: false,
    });
    if (!this.bar || this.barName !== name) {
      if (this.bar) this.bars.remove(this.bar);
      this.bar = this.bars.create(total, done, { name, detail });
      this.barName = name;
    }
    this.bar.setTotal(total);
    this.bar.update(done, { name, detail });
  }

  private plain({ name, done, total, detail }: Progress): void {
    const now = Date.now();
    const due = name !== this.plainName || now - this.plainTime >= plainIntervalMs || done === total;
    if (!due) return;
    this.plainName = name;
    this.plainTime = now;
    const line = join(`${name} ${count(done)}/${count(total)}`, detail);
    if (line !== this.plainLine) this.note(line); // the end is told by some twice
    this.plainLine = line;
  }
}

const names = taskNames;

function startedLine(event: Extract<JobEvent, { event: 'started' }>): string {
  const { run, resumedAt, device, parameters, flopsPerClip, memory, stages, heads } = event;
  if (resumedAt !== undefined) {
    const all = stages.reduce((sum, stage) => sum + stage.steps, 0);
    return `Going on with ${run} on ${device} after step ${count(resumedAt)} of ${count(all)}.`;
  }
  const steps = stages.map((stage) => `${stage.name} ${plural(stage.steps, 'step')}`).join(', then ');
  const model = [
    plural(Object.keys(heads).length, 'head'),
    `${count(parameters)} parameters`,
    ...(flopsPerClip === undefined ? [] : [`${flops(flopsPerClip)} a clip`]),
    ...(memory === undefined ? [] : [`about ${bytes(memory)} of memory`]),
  ];
  return `Training ${run} on ${device}: ${model.join(', ')}; ${steps}.`;
}

function counted(event: Extract<CliEvent, { event: 'progress' }>): Progress {
  const { task, done, total, rate, eta } = event;
  const name = [names[task], 'dataset' in event && event.dataset].filter(Boolean).join(' ');
  if (task === 'fetch') {
    const [got, all] = [done, total].map((value) => Math.round(value / 1e6)) as [number, number];
    return {
      name: `${name} (MB)`,
      done: got,
      total: all,
      detail: join(rate > 0 && `${bytes(rate)}/s`, done < total && left(eta)),
    };
  }
  return { name, done, total, detail: join(rate > 0 && `${perSecond(rate)}/s`, done < total && left(eta)) };
}

function trained({ stage, step, steps, loss, ...event }: Extract<JobEvent, { event: 'step' }>): Progress {
  const speed = `${perSecond(event.clipsPerSecond)} clips/s`;
  const waiting = event.waiting >= 0.005 && `waiting for data ${percent(event.waiting, 0)}`;
  return {
    name: stage,
    done: step,
    total: steps,
    detail: join(`loss ${loss.toFixed(3)}`, speed, waiting, step < steps && left(event.eta)),
  };
}

function perSecond(rate: number): string {
  return rate >= 100 ? count(rate) : rate.toFixed(1);
}

function left(seconds: number | null): string | undefined {
  return seconds === null ? undefined : `${duration(seconds)} left`;
}

function join(...parts: (string | false | undefined)[]): string {
  return parts.filter(Boolean).join(' · ');
}
