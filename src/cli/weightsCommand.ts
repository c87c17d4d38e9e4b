// `cover weights SOURCE`: what a file, a folder or a model on the Hub holds, and which settings it would need.
import { count, plural } from '../base/format.ts';
import { inspectWeights } from '../training/inspectWeights.ts';
import type { Context, ExitCode } from './context.ts';

export async function weightsCommand({ workspace, signal, output }: Context, source: string): Promise<ExitCode> {
  const found = await inspectWeights(source, {
    // Paths on a command line start where it is typed; a run is one of the workspace.
    workspace: source.startsWith('run:') ? workspace : process.cwd(),
    signal,
    onEvent: (event) => output.event(event),
  });
  const { layout, prefix, hiddenSize, depth, patchSize, grid, frames, attentionHeads, mlpSize, heads, ...rest } =
    found.model;
  output.event({
    event: 'source',
    place: found.place,
    tensors: found.tensors,
    numbers: found.numbers,
    types: found.types,
    layout: layout.id,
    prefix,
    hiddenSize,
    depth,
    patchSize,
    imageSize: grid * patchSize,
    frames: frames ?? null,
    attentionHeads: attentionHeads ?? null,
    mlpSize,
    heads: heads.map(({ name, size }) => ({ name, classes: size })),
    layerNormEpsilon: rest.layerNormEpsilon,
    mean: [...rest.mean],
    std: [...rest.std],
  });
  const rows: [string, string][] = [
    ['weights', found.place],
    ['layout', `${layout.title}${prefix === '' ? '' : `, every name after "${prefix}"`}`],
    ['tensors', `${count(found.tensors)} (${found.types}), ${count(found.numbers)} numbers`],
    ['hidden size', count(hiddenSize)],
    ['blocks', `${count(depth)}, MLP ${count(mlpSize)}`],
    ['attention heads', attentionHeads === undefined ? 'not told by the source' : count(attentionHeads)],
    ['patches', `${patchSize} × ${patchSize} pixels, ${grid} × ${grid} of an image of ${grid * patchSize}`],
    ['frames', frames === undefined ? 'an image model' : count(frames)],
    ['heads', heads.map(({ name, size }) => `${name} (${plural(size, 'class', 'classes')})`).join(', ') || 'none'],
    ['layer norm eps', `${rest.layerNormEpsilon} (${rest.layerNormFrom})`],
    ['normalisation', `mean ${rest.mean.join(' ')}, std ${rest.std.join(' ')} (${rest.normalisationFrom})`],
  ];
  output.result(rows.map(([name, value]) => `${name.padEnd(16)}${value}`).join('\n'));
  return 0;
}
