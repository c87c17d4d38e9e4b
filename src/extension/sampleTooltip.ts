// What a hover over a sample shows: a frame of it, and what is known. The picture is made by the runner when it is asked for; a
// hover that is left stops it.
import { type CancellationToken, MarkdownString, Uri } from 'vscode';
import { messageOf } from '../base/errors.ts';
import { dotted } from '../base/format.ts';
import { shown } from '../base/shownText.ts';
import { mediaFacts, type SampleNode, timeRange } from './datasetNodes.ts';
import type { RunnerResult, Runners } from './runners.ts';

/** Pixels. */
const width = 200;

export async function sampleTooltip(
  runners: Pick<Runners, 'ask'>,
  workspace: string,
  { sample, problem }: SampleNode,
  token: CancellationToken,
): Promise<MarkdownString> {
  const { file, start, end, kind, frames, label, split, was, excluded, tags = [], id } = sample;
  const controller = new AbortController();
  const listener = token.onCancellationRequested(() => controller.abort());
  let strip: RunnerResult<'sample/strip'> | undefined;
  let unreadable: string | undefined;
  try {
    const asked = { file, start, end, kind, ...(frames && { frames }) };
    strip = await runners.ask('sample/strip', { workspace, sample: asked, frames: 1, width }, controller.signal);
  } catch (error) {
    unreadable = messageOf(error);
  } finally {
    listener.dispose();
  }
  const tooltip = new MarkdownString();
  // What is appended as text is shown as it is, whatever is in a label or a name.
  const line = (text: string) => text !== '' && tooltip.appendText(text).appendMarkdown('  \n');
  if (strip)
    tooltip.appendMarkdown(`![A frame](${Uri.file(strip.file)}|width=${strip.width},height=${strip.height})\n\n`);
  tooltip
    .appendMarkdown('**')
    .appendText(label)
    .appendMarkdown('**')
    .appendText(` · ${excluded ? 'excluded from ' : ''}${split}`);
  tooltip.appendMarkdown('  \n');
  line(was === undefined ? '' : `relabelled, the dataset says "${was}"`);
  line(tags.length === 0 ? '' : shown(`tags: ${tags.join(', ')}`));
  line(dotted(timeRange(sample), mediaFacts(sample), sizeOf(sample)));
  line(problem ?? unreadable ?? '');
  line(id);
  return tooltip;
}

function sizeOf({ frames }: SampleNode['sample']): string {
  return frames ? `${frames.count} frames in a folder` : '';
}
