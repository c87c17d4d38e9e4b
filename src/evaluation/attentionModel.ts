// A run's model, asked where it looks: built anew from the weights in its model.onnx, with who looks at whom as further outputs.
import { readFile } from 'node:fs/promises';
import { messageOf, UserError } from '../base/errors.ts';
import type { ResolvedExperiment } from '../config/resolved.ts';
import { Session } from '../engine/onnxruntime.ts';
import { onnxModel } from '../graph/onnxModel.ts';
import { type Rollout, rollout } from '../model/attentionRollout.ts';
import { attentionOutput, inferenceGraph } from '../model/inferenceGraph.ts';
import { type ModelSpec, modelSpecOf, patchesOf } from '../model/modelSpec.ts';
import { parameterLayout } from '../model/parameters.ts';
import { storedWeights } from '../model/storedWeights.ts';
import type { RunFolder } from '../runs/runFolder.ts';

export class AttentionModel {
  private constructor(
    private readonly session: Session,
    private readonly spec: ModelSpec,
  ) {}

  /** Throws UserError `no-model` or `no-attention`. It runs on the CPU: one clip now and then. */
  static async open(run: RunFolder, experiment: ResolvedExperiment): Promise<AttentionModel> {
    const spec = modelSpecOf(experiment);
    const file = run.file('model.onnx');
    const bytes = await readFile(file).catch(() => undefined);
    if (!bytes) throw new UserError('no-model', `The run "${run.id}" has no model yet: there is no ${file}.`, file);
    const layout = parameterLayout(spec);
    let weights: Float32Array;
    try {
      weights = storedWeights(bytes, layout);
    } catch (error) {
      throw new UserError(
        'no-attention',
        `${file} does not hold the weights that its experiment.json tells of, so it cannot be shown where it looks (${messageOf(error)}).`,
        file,
      );
    }
    const graph = inferenceGraph(spec, layout, weights, { attention: true });
    return new AttentionModel(await Session.create(onnxModel(graph), { provider: 'cpu' }), spec);
  }

  get kind(): NonNullable<ModelSpec['attention']> {
    return this.spec.attention ?? 'divided';
  }

  /** Patches along a side of the input. */
  get side(): number {
    return this.spec.imageSize / this.spec.patchSize;
  }

  /** Of one clip [frames, 3, size, size], normalised. */
  async look(pixels: Float32Array, frames: number): Promise<Rollout> {
    const { imageSize, depth } = this.spec;
    const results = await this.session.run({ clips: { data: pixels, shape: [1, frames, 3, imageSize, imageSize] } });
    const weightsOf = (block: number, name: 'temporal' | 'spatial') => {
      const data = results[attentionOutput(block, name)]?.data;
      return data instanceof Float32Array ? data : undefined;
    };
    const blocks = Array.from({ length: depth }, (_, i) => ({
      temporal: weightsOf(i, 'temporal'),
      spatial: weightsOf(i, 'spatial')!,
    }));
    return rollout(this.kind, blocks, frames, patchesOf(this.spec));
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
