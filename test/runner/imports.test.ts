// Models and predictions from elsewhere through the runner's requests, as the editor makes them: looked at, judged, imported, set beside
// one another, and saved as reports. Real files, real onnxruntime, real index.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { onnxModel } from '../../src/graph/onnxModel.ts';
import * as op from '../../src/graph/operators.ts';
import { symbolic } from '../../src/graph/shape.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import { unpackCells } from '../../src/protocol/matrixCells.ts';
import { createHandlers } from '../../src/runner/handlers.ts';
import { tinyLabels, writeTinyWorkspace } from '../cli/tinyWorkspace.ts';

const { signal } = new AbortController();
const events: JobEvent[] = [];
let workspace: string;
let made: ReturnType<typeof createHandlers>;
beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "cover's imports-"));
  await writeTinyWorkspace(workspace);
  made = createHandlers({ ffmpeg: undefined, notify: (event) => void events.push(event) });
});
afterAll(async () => {
  await made.close();
  rmSync(workspace, { recursive: true, force: true });
});

/** A classifier of 4 × 4 pixels that looks at the mean of red against that of blue. */
function reddish(shape: (number | ReturnType<typeof symbolic>)[]): Uint8Array {
  const graph = new Graph('reddish');
  const x = graph.input('pictures', 'float32', [symbolic('n'), ...shape]);
  const length = 3 * 16;
  const weights = Float32Array.from({ length: length * 2 }, (_, i) => {
    const [channel, output] = [Math.floor(i / 2 / 16), i % 2];
    return channel === (output === 0 ? 2 : 0) ? 1 : 0;
  });
  graph.output('scores', op.MatMul(op.Reshape(x, [symbolic('n'), length]), graph.constant('w', weights, [length, 2])));
  return onnxModel(graph);
}

test('a model is looked at, its guesses are told, and what is typed replaces them', async () => {
  const file = join(workspace, '-reddish <b>.onnx');
  writeFileSync(file, reddish([3, 4, 4]));
  const { handlers } = made;
  const found = await handlers['model/inspect']({ file, input: {} }, signal);
  expect(found).toMatchObject({ layout: 'NCHW', size: 4, resize: 4, colours: 'rgb', outputs: ['scores'] });
  expect(found.told.join(' ')).toMatch(/Mean: 0.485 0.456 0.406 \(guessed/);
  const typed = await handlers['model/inspect']({ file, input: { mean: [127.5], std: [127.5], resize: 8 } }, signal);
  expect(typed).toMatchObject({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], resize: 8 });
  await expect(handlers['model/inspect']({ file, input: { layout: 'NHWC' } }, signal)).rejects.toMatchObject({
    code: 'model-input',
  });
  await expect(handlers['model/inspect']({ file, input: { layout: 'XYZ' } }, signal)).rejects.toMatchObject({
    code: 'model-input',
  });
});

test('it is judged, predictions are imported, and the two are compared sample by sample', async () => {
  const { handlers } = made;
  const model = join(workspace, '-reddish <b>.onnx');
  const dataset = 'colours';
  const plain = { mean: [0.5], std: [0.5] };
  const judged = await handlers['evaluate/model']({ workspace, model, dataset, input: plain }, signal);
  expect(judged.run).toMatch(/^reddish-b-\d+$/);
  expect(judged.heads.colours).toMatchObject({ top1: 1, samples: 4, missing: 0 });
  expect(judged.told.join(' ')).toMatch(/Output scores; classes: 2/);
  expect(events.some((event) => event.event === 'progress' && event.task === 'evaluate')).toBe(true);

  // One of blue is called red, and one of red is not predicted at all.
  const [blue, red] = tinyLabels as [string, string];
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = ['sample,predicted,probability', `${quoted(`val/${blue}/0.png`)},${quoted(blue)},0.9`];
  lines.push(`${quoted(`val/${blue}/1.png`)},${red},0.8`, `val/${red}/0.png,${red},0.7`);
  const file = join(workspace, 'predictions.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const imported = await handlers['import/predictions']({ workspace, file, dataset, protocol: '2 × 3 views' }, signal);
  expect(imported.heads.colours).toMatchObject({ samples: 3, missing: 1 });
  expect(imported.heads.colours!.top1).toBeCloseTo(2 / 3, 10);

  const kinds = (await handlers['runs/list']({ workspace }, signal)).map(({ run, imported: kind }) => [run, kind]);
  expect(Object.fromEntries(kinds)).toEqual({ [judged.run]: 'model', [imported.run]: 'predictions' });

  const pair = { workspace, run: judged.run, other: imported.run, head: dataset };
  const compared = await handlers['evaluation/compare'](pair, signal);
  expect(compared).toMatchObject({ common: 3, onlyInRun: 1, onlyInOther: 0, fixed: 1, broken: 0, top1: 1 });
  expect(compared.difference).toBeCloseTo(1 / 3, 10);
  expect(compared.otherProtocol).toBe('2 × 3 views');
  expect(compared.classes).toEqual(tinyLabels);
  expect([...unpackCells(compared.cells!, 2)]).toEqual([2, 0, 0, 1]);
  expect([...unpackCells(compared.otherCells!, 2)]).toEqual([1, 1, 0, 1]);
  expect(compared.warnings.join(' ')).toMatch(/protocols .* differ/);
  const page = { offset: 0, limit: 10 };
  const fixed = await handlers['evaluation/changed']({ ...pair, kind: 'fixed', ...page }, signal);
  expect(fixed.total).toBe(1);
  expect(fixed.samples[0]).toMatchObject({ sample: { label: blue }, predicted: blue, other: { label: red } });
  expect(fixed.samples[0]!.other.probability).toBeCloseTo(0.8, 5);
  const broken = await handlers['evaluation/changed']({ ...pair, kind: 'broken', ...page }, signal);
  expect(broken).toEqual({ total: 0, samples: [] });
  const back = await handlers['evaluation/changed'](
    { ...pair, run: imported.run, other: judged.run, kind: 'broken', label: blue, ...page },
    signal,
  );
  expect(back.samples.map(({ sample }) => sample.id)).toEqual(fixed.samples.map(({ sample }) => sample.id));
  await expect(handlers['evaluation/compare']({ ...pair, other: judged.run }, signal)).rejects.toMatchObject({
    code: 'same-run',
  });

  // What a page asks of one of them: cells of one class, of several, and of all that is called so.
  const cell = { workspace, run: imported.run, head: dataset, ...page };
  const called = async (truth?: number | number[], predicted?: number | number[]) =>
    (await handlers['evaluation/cell']({ ...cell, truth, predicted }, signal)).map(({ sample }) => sample.label);
  expect(await called(0, 1)).toEqual([blue]);
  expect(await called([0, 1], [1])).toEqual([blue, red]);
  expect(await called(0)).toEqual([blue, blue]);
  expect(await called(undefined, [])).toEqual([]);
  const missing = await handlers['evaluation/missing']({ ...cell, limit: 5 }, signal);
  expect(missing).toEqual([expect.objectContaining({ sample: `colours/val/${red}/1.png` })]);
  expect(missing[0]!.reason).not.toBe('');
  const shown = await handlers['evaluation/head']({ workspace, run: imported.run, head: dataset }, signal);
  expect([...unpackCells(shown.cells!, 2)]).toEqual([1, 1, 0, 1]);
  expect('confusion' in shown).toBe(false);

  for (const [format, sign] of [
    ['html', '<!DOCTYPE html>'],
    ['markdown', '2 × 3 views'],
    ['json', '"heads"'],
  ] as const) {
    const target = join(workspace, `report of one.${format}`);
    await handlers['report/save']({ workspace, run: imported.run, file: target, format }, signal);
    expect(readFileSync(target, 'utf8')).toContain(sign);
  }
});

test('what cannot be judged says why, and leaves no evaluation behind', async () => {
  const { handlers } = made;
  const before = (await handlers['runs/list']({ workspace }, signal)).length;
  const file = join(workspace, 'nothing.onnx');
  writeFileSync(file, 'not a model');
  const wrong = { workspace, model: file, dataset: 'colours', input: {} };
  await expect(handlers['evaluate/model'](wrong, signal)).rejects.toMatchObject({ code: 'bad-model-file', file });
  const table = join(workspace, 'nothing.csv');
  writeFileSync(table, 'a,b\n1,2\n');
  await expect(handlers['import/predictions']({ workspace, file: table }, signal)).rejects.toMatchObject({
    code: 'bad-predictions',
  });
  expect((await handlers['runs/list']({ workspace }, signal)).length).toBe(before);
  const stopped = AbortSignal.abort();
  const model = join(workspace, '-reddish <b>.onnx');
  await expect(handlers['evaluate/model']({ ...wrong, model }, stopped)).rejects.toMatchObject({
    name: 'CancelledError',
  });
  const predictions = join(workspace, 'predictions.csv');
  const again = handlers['import/predictions']({ workspace, file: predictions, dataset: 'colours' }, stopped);
  await expect(again).rejects.toMatchObject({ name: 'CancelledError' });
  expect((await handlers['runs/list']({ workspace }, signal)).length).toBe(before);
  const target = join(workspace, 'none.html');
  await expect(
    handlers['report/save']({ workspace, run: 'none', file: target, format: 'html' }, signal),
  ).rejects.toMatchObject({ code: 'no-run' });
  expect(existsSync(target)).toBe(false);
});
