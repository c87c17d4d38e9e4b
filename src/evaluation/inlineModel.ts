// Which model answers for the lines of annotation files, known by a digest of what it is made of: predictions are kept by it, so
// that no other model's are ever shown.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { protocolOf, type ResolvedExperiment, resolvedExperimentSchema } from '../config/resolved.ts';
import type { InlineModel } from '../protocol/inline.ts';
import { newestRun } from '../runs/listRuns.ts';
import { openRun } from '../runs/runFolder.ts';

export interface KnownModel extends InlineModel {
  heads: Pick<ResolvedExperiment['datasets'][number], 'name' | 'kind' | 'classes'>[];
}

/** Knows models by their files for as long as these stay as they are. */
export class InlineModels {
  private readonly known = new Map<string, { stamp: string; model: KnownModel }>();

  /** `run` absent: the newest finished one. Throws UserError `no-run` or `no-model`. */
  async of(workspace: string, run: string | undefined): Promise<KnownModel> {
    const folder = run === undefined ? await newestRun(workspace) : await openRun(workspace, run);
    const files = [folder.file('experiment.json'), folder.file('model.onnx')];
    const facts = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
    const stamp = facts.map((each) => (each ? `${each.size} ${each.mtimeMs} ${each.ino}` : 'none')).join(' ');
    const before = this.known.get(folder.folder);
    if (before?.stamp === stamp) return before.model;
    const experiment = await folder.readExperiment(resolvedExperimentSchema);
    const digest = facts[1] ? await digestOf(files) : '';
    const model: KnownModel = {
      run: folder.id,
      digest,
      protocol: { video: protocolOf(experiment, 'video'), image: protocolOf(experiment, 'image') },
      heads: experiment.datasets,
    };
    this.known.set(folder.folder, { stamp, model });
    return model;
  }
}

async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex').slice(0, 32);
}
