// `cover index`: brings the index up to date, and tells what it holds and what is wrong.
import { count, dotted, figures, plural } from '../base/format.ts';
import { requireWorkspace } from '../config/workspace.ts';
import { duplicateProblems } from '../curation/storedFindings.ts';
import { listDatasets, listProblems } from '../data/datasetIndex.ts';
import { indexProgress, probeProgress } from '../data/indexProgress.ts';
import { probeMedia } from '../data/probeMedia.ts';
import { sortOf } from '../data/problemList.ts';
import { updateIndex } from '../data/updateIndex.ts';
import { createProber } from '../media/prober.ts';
import type { DatasetSummary } from '../protocol/datasets.ts';
import type { Problem } from '../protocol/events.ts';
import type { Context, ExitCode } from './context.ts';
import { PassedOver } from './passedOver.ts';
import { datasetTable } from './tables.ts';

/** More problems of one sort than this are told as a number. */
const manyOfASort = 3;

export interface IndexOptions {
  /** Also asks the files what they are; absent: as cover.json says. */
  probe?: boolean;
}

export async function indexCommand(context: Context, options: IndexOptions = {}): Promise<ExitCode> {
  const { output, colour } = context;
  const { datasets, broken } = await indexWorkspace(context, options);
  for (const { name, kind, path, samples, classes, problems, splits, media, excluded, relabelled, tagged } of datasets)
    output.event({
      ...{ event: 'dataset', name, kind, path, samples, classes, problems, splits },
      ...(excluded !== undefined && { excluded }),
      ...(relabelled !== undefined && { relabelled }),
      ...(tagged !== undefined && { tagged }),
      ...(media && { media }),
    });
  output.result(
    [datasetTable(datasets, colour), ...datasets.flatMap((one) => [...editLine(one), ...mediaLine(one)])].join('\n'),
  );
  return broken ? 1 : 0;
}

/** "clips: 3 samples excluded · 2 samples relabelled · 7 samples tagged". */
function editLine({ name, excluded = 0, relabelled = 0, tagged = 0 }: DatasetSummary): string[] {
  if (excluded + relabelled + tagged === 0) return [];
  const told = [
    excluded > 0 && `${plural(excluded, 'sample')} excluded`,
    relabelled > 0 && `${plural(relabelled, 'sample')} relabelled`,
    tagged > 0 && `${plural(tagged, 'sample')} tagged`,
  ];
  return [`${name}: ${dotted(...told)}`];
}

/** "clips: h264 38, vp9 2 · 340×256 30, 2 other sizes · 2 s to 10 s, median 9.8 s · 25 frames/s". */
function mediaLine({ name, media }: DatasetSummary): string[] {
  if (!media) return [];
  const { codecs, sizes, differentSizes, duration, rate, turned, unreadable } = media;
  const others = differentSizes - Math.min(3, sizes.length);
  const told = dotted(
    codecs.map(({ codec, samples }) => `${codec} ${count(samples)}`).join(', '),
    [
      ...sizes.slice(0, 3).map(({ width, height, samples }) => `${width}×${height} ${count(samples)}`),
      ...(others > 0 ? [plural(others, 'other size')] : []),
    ].join(', '),
    duration !== null && spread(duration, 's'),
    rate !== null && spread(rate, 'frames/s'),
    turned > 0 && `${count(turned)} turned`,
    unreadable > 0 && `${count(unreadable)} unreadable`,
  );
  return [`${name}: ${told}`];
}

function spread({ least, median, most }: { least: number; median: number; most: number }, unit: string): string {
  return least === most
    ? `${figures(median)} ${unit}`
    : `${figures(least)} to ${figures(most)} ${unit}, median ${figures(median)}`;
}

/** Updates the index with progress, and reports every problem; `broken`: nothing of a dataset of cover.json can be used. */
async function indexWorkspace(
  { workspace, output, signal, ffmpeg }: Context,
  options: IndexOptions,
): Promise<{ datasets: DatasetSummary[]; broken: boolean }> {
  const passed = new PassedOver(output);
  const config = await requireWorkspace(workspace, {}, passed.tell);
  const onProgress = indexProgress((event) => output.event(event));
  let datasets = await updateIndex(workspace, config, { signal, onProgress });
  if (options.probe ?? config.probe) {
    const prober = createProber({ ffmpeg });
    try {
      await probeMedia(workspace, prober.probe, { signal, onProgress: probeProgress((event) => output.event(event)) });
    } finally {
      await prober.close();
    }
    datasets = await listDatasets(workspace);
  }
  const { first, rest, counts } = grouped(await allProblems(workspace));
  // A person sees the first few: one of each sort tells more than ten of one. A program gets all.
  for (const problem of [...first, ...rest]) output.event({ event: 'problem', problem });
  output.settle();
  for (const line of counts) output.note(line);
  return {
    datasets,
    broken: passed.datasets || datasets.some(({ samples, problems }) => samples === 0 && problems > 0),
  };
}

/** What scanning, decoding and the last comparison found. */
async function allProblems(workspace: string): Promise<Problem[]> {
  return [...(await listProblems(workspace, Number.POSITIVE_INFINITY)), ...(await duplicateProblems(workspace))];
}

/** The first problem of each sort, the others, and a line for each sort that there are many of. */
function grouped(problems: readonly Problem[]): { first: Problem[]; rest: Problem[]; counts: string[] } {
  const sorts = new Map<string, { example: Problem; number: number; sort: string }>();
  const first: Problem[] = [];
  const rest: Problem[] = [];
  for (const problem of problems) {
    const sort = sortOf(problem);
    const key = `${problem.dataset}\0${problem.severity}\0${sort}`;
    const known = sorts.get(key);
    if (known) {
      known.number++;
      rest.push(problem);
    } else {
      sorts.set(key, { example: problem, number: 1, sort });
      first.push(problem);
    }
  }
  const many = [...sorts.values()].filter(({ number }) => number > manyOfASort);
  return {
    first,
    rest,
    counts: many.map(({ example, number, sort }) => `${example.dataset ?? 'index'}: ${count(number)} times: ${sort}`),
  };
}
