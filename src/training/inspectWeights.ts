// What a source of weights holds, without training: for `cover weights`.
import { describeSource, type SourceModel } from '../weights/sourceModel.ts';
import { openWeights } from '../weights/weightsSource.ts';
import { placeOfWeights, type WeightsRequest } from './startWeights.ts';

export interface Inspected {
  readonly place: string;
  readonly tensors: number;
  /** Numbers in all tensors. */
  readonly numbers: number;
  /** How the file stores them, for example "F32" or "F16, I64". */
  readonly types: string;
  readonly model: SourceModel;
}

/** Fetches from the Hub where `named` is an id of it. Throws UserError where there is nothing that could be loaded. */
export async function inspectWeights(named: string, request: WeightsRequest): Promise<Inspected> {
  const place = await placeOfWeights(named, request);
  const source = openWeights(place);
  try {
    const stored = [...source.tensors.values()];
    return {
      place,
      tensors: stored.length,
      numbers: stored.reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0),
      types: [...new Set(stored.map(({ dtype }) => dtype))].sort().join(', '),
      model: describeSource(source),
    };
  } finally {
    source.close();
  }
}
