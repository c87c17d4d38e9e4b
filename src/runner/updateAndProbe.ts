// Brings the index up to date, and where it is asked for or cover.json says so, asks the files what they are.
import { requireWorkspace } from '../config/workspace.ts';
import { listDatasets } from '../data/datasetIndex.ts';
import { indexProgress, probeProgress } from '../data/indexProgress.ts';
import { probeMedia } from '../data/probeMedia.ts';
import { updateIndex } from '../data/updateIndex.ts';
import { createProber } from '../media/prober.ts';
import type { DatasetSummary } from '../protocol/datasets.ts';
import type { RunnerOptions } from './handlers.ts';

export async function updateAndProbe(
  { workspace, probe }: { workspace: string; probe?: boolean | undefined },
  { ffmpeg, notify }: RunnerOptions,
  signal: AbortSignal,
): Promise<DatasetSummary[]> {
  const config = await requireWorkspace(workspace);
  const datasets = await updateIndex(workspace, config, { signal, onProgress: indexProgress(notify) });
  if (!(probe ?? config.probe)) return datasets;
  const prober = createProber({ ffmpeg });
  try {
    await probeMedia(workspace, prober.probe, { signal, onProgress: probeProgress(notify) });
  } finally {
    await prober.close();
  }
  return listDatasets(workspace);
}
