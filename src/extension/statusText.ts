// The words of the status bar item: the device, or the job at work. Pure; `statusBar.ts` shows them.
import { count, dotted, timeLeft } from '../base/format.ts';
import { asLabel, asMarkdown } from '../base/shownText.ts';
import { studyLeft } from '../base/studyLeft.ts';
import type { JobEvent } from '../protocol/events.ts';
import { taskNames } from '../protocol/taskNames.ts';
import type { StudyPlace } from './jobs.ts';

type Of<E extends JobEvent['event']> = Extract<JobEvent, { event: E }>;

export interface KnownDevice {
  id: string;
  name: string;
  detail: string;
}

export interface JobNow {
  /** Absent until its folder is made. */
  run: string | undefined;
  /** How many more jobs there are. */
  others: number;
  /** The device, as it tells it. */
  started: string | undefined;
  step: Of<'step'> | undefined;
  progress: Of<'progress'> | undefined;
  cancelling: boolean;
  /** Where it stands in a study. */
  study?: StudyPlace | undefined;
}

export interface StatusText {
  /** With codicons. */
  text: string;
  /** Markdown, with links to commands. */
  tooltip: string;
  /** For screen readers. */
  label: string;
}

export function statusOf(device: KnownDevice | undefined, job: JobNow | undefined): StatusText {
  if (!job) {
    if (!device) {
      const tooltip =
        'The device is looked for when something first needs one.\n\n[Open the Train page](command:cover.openTrain)';
      return { text: '$(circuit-board) CoVeR', tooltip, label: 'CoVeR' };
    }
    const tooltip = `CoVeR computes on ${asMarkdown(`${device.name} (${dotted(device.id, device.detail)})`)}.\n\n[Open the Train page](command:cover.openTrain)`;
    return { text: `$(circuit-board) ${asLabel(device.name)}`, tooltip, label: `CoVeR: ${device.name}` };
  }
  const { run = 'starting', step, progress, cancelling, others, started, study } = job;
  const far = step ? `${count(step.step)}/${count(step.steps)}` : progress && taskNames[progress.task].toLowerCase();
  const left = study ? studyLeft(step?.eta ?? null, study.later) : timeLeft(step?.eta ?? null);
  const name = study ? `${study.study} run ${count(study.number)}/${count(study.of)}` : run;
  const more = others > 0 && `+${others}`;
  const words = dotted(
    [name, far].filter((part) => part !== undefined).join(study ? ' · ' : ' '),
    cancelling ? 'stopping' : left,
    more,
  );
  const argument = encodeURIComponent(JSON.stringify([{ run: job.run }]));
  const links =
    job.run === undefined
      ? ['[Show log](command:cover.showLog)']
      : [
          `[Open run](command:cover.openRun?${argument})`,
          ...(cancelling ? [] : [`[Stop](command:cover.stopRun?${argument})`]),
        ];
  return {
    text: `$(loading~spin) ${asLabel(words)}`,
    tooltip: [
      ...(study ? [`Study **${asMarkdown(study.study)}**, run ${count(study.number)} of ${count(study.of)}.`] : []),
      `**${asMarkdown(run)}** is training${started === undefined ? '' : ` on ${asMarkdown(started)}`}.`,
      ...(step
        ? [dotted(`step ${count(step.step)} of ${count(step.steps)}`, `loss ${step.loss.toFixed(3)}`, left)]
        : []),
      links.join(' · '),
    ].join('\n\n'),
    label: `CoVeR: ${words}`,
  };
}
