// Lines of annotation files as the editor asks for them: one runner looks them up, another predicts, with a model trained here.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { distFile } from '../../src/base/paths.ts';
import type { InlineLine } from '../../src/protocol/inline.ts';
import { tinyLabels, writeTinyWorkspace } from '../cli/tinyWorkspace.ts';
import { killStarted, start } from './startRunner.ts';

const [blue, red] = tinyLabels as [string, string];
let workspace: string;
let untrained: string;
let document: string;
beforeAll(async () => {
  const root = mkdtempSync(join(tmpdir(), 'cover inline-'));
  workspace = join(root, 'trained');
  untrained = join(root, 'untrained');
  for (const folder of [workspace, untrained]) mkdirSync(folder);
  await writeTinyWorkspace(workspace);
  await writeTinyWorkspace(untrained);
  const { status, stderr } = spawnSync(process.execPath, [distFile('cli.js'), 'train', '--workspace', workspace], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.anything() });
  mkdirSync(join(workspace, 'lists', 'red'), { recursive: true });
  document = join(workspace, 'lists', 'some.csv');
  cpSync(join(workspace, 'colours', 'val', red, '0.png'), join(workspace, 'lists', 'red', 'beside.png'));
  writeFileSync(join(workspace, 'lists', 'broken.png'), 'no picture');
});
afterEach(killStarted);
afterAll(() => rmSync(join(workspace, '..'), { recursive: true, force: true }));

function line(name: string, label?: string, isId = false): InlineLine {
  return { candidates: [{ name, isId, ...(label !== undefined && { label }) }] };
}

test('without a trained model nothing is looked for', async () => {
  const { endpoint } = start();
  const asked = { workspace: untrained, document: join(untrained, 'a.csv'), lines: [line(`colours/val/${red}/0.png`)] };
  expect(await endpoint.request('inline/lines', asked)).toEqual({ model: null, lines: [null] });
});

test('lines are found beside the document, in the workspace, in a dataset and by name, with what they stand for', async () => {
  const { endpoint } = start();
  const lines = [
    line('red/beside.png'),
    line(`colours/val/${red}/0.png`, 'RED'),
    line(`val/${blue}/1.png`, 'unheard of'),
    line(`..\\colours\\val\\${red}\\1.png`, blue),
    line(`/elsewhere/train/${red}/5.png`),
    line('elsewhere/5.png'),
    line('not there.png', red),
    line('train', red, true),
    line('//host/share/0.png', red),
    { ...line('red/beside.png'), isLoose: true },
    { candidates: [...line('no such.png').candidates, ...line(`val/${red}/0.png`, '1').candidates] },
  ];
  const { model, lines: found } = await endpoint.request('inline/lines', { workspace, document, lines });
  expect(model).toMatchObject({ run: 'quick-1', digest: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(model!.protocol.image).toContain('16 × 16');
  const short = found.map(
    (each) =>
      each && [each.candidate, each.sample?.id ?? null, each.truth && `${each.truth.label} (${each.truth.from})`],
  );
  expect(short).toEqual([
    [0, null, 'red (folder)'],
    [0, 'colours/val/red/0.png', 'red (line)'],
    [0, `colours/val/${blue}/1.png`, `${blue} (dataset)`],
    [0, 'colours/val/red/1.png', `${blue} (line)`],
    [0, 'colours/train/red/5.png', 'red (dataset)'],
    // Other files have this name too, so the name alone tells nothing.
    null,
    null,
    null,
    null,
    // An image that is no sample, in a text: an illustration.
    null,
    [1, 'colours/val/red/0.png', 'red (dataset)'],
  ]);
  expect(found.every((each) => each === null || (each.heads === null && !each.excluded))).toBe(true);
});

test('of a chosen run that is gone the newest one is asked, which is told', async () => {
  const { endpoint } = start();
  const asked = { workspace, document, run: 'deleted-1', lines: [line('red/beside.png')] };
  const { model, lines } = await endpoint.request('inline/lines', asked);
  expect(model).toMatchObject({ run: 'quick-1' });
  expect(lines[0]).not.toBeNull();
  expect(await endpoint.request('inline/lines', { ...asked, workspace: untrained })).toEqual({
    model: null,
    lines: [null],
  });
});

test('predictions are kept: another process knows them, until the file changes', async () => {
  const looking = start();
  const predicting = start();
  const asked = { workspace, document, lines: [line('red/beside.png'), line('broken.png')] };
  const before = await looking.endpoint.request('inline/lines', asked);
  const clips = before.lines.map((each) => each!.clip);
  const said = await predicting.endpoint.request('inline/predict', { workspace, run: before.model!.run, clips });
  expect(said[0]!.failure).toBeNull();
  expect(said[0]!.heads!.colours!.map(({ label }) => label).toSorted()).toEqual(tinyLabels.toSorted());
  expect(said[1]).toMatchObject({ heads: null, failure: expect.stringContaining('broken.png') });
  const after = await looking.endpoint.request('inline/lines', asked);
  const top = after.lines[0]!.heads!.colours![0]!;
  expect(top.label).toBe(said[0]!.heads!.colours![0]!.label);
  expect(top.probability).toBeCloseTo(said[0]!.heads!.colours![0]!.probability, 3);
  expect(after.lines[1]!.heads).toBeNull();
  expect(readdirSync(join(workspace, '.cover', 'inline'))).toEqual([`${before.model!.digest}.jsonl`]);
  cpSync(join(workspace, 'colours', 'val', blue, '0.png'), join(workspace, 'lists', 'red', 'beside.png'));
  expect((await looking.endpoint.request('inline/lines', asked)).lines[0]!.heads).toBeNull();
});

test('edits of samples count: another class is the truth, and what is excluded says so', async () => {
  const { endpoint } = start();
  const id = 'colours/val/red/0.png';
  const asked = { workspace, document, lines: [line(id.slice(8), red)] };
  await endpoint.request('curation/edit', { workspace, edits: [{ id, label: blue, excluded: true }] });
  await endpoint.request('index/update', { workspace });
  const { lines } = await endpoint.request('inline/lines', asked);
  expect(lines[0]).toMatchObject({ excluded: true, truth: { label: blue, from: 'dataset' } });
  await endpoint.request('curation/edit', { workspace, edits: [{ id, label: null, excluded: false }] });
  await endpoint.request('index/update', { workspace });
  const again = await endpoint.request('inline/lines', asked);
  expect(again.lines[0]).toMatchObject({ excluded: false, truth: { label: red, from: 'line' } });
});

test('a prediction that nobody waits for any more is not made', async () => {
  const { endpoint } = start();
  const controller = new AbortController();
  const clip = { file: join(workspace, 'lists', 'red', 'beside.png'), kind: 'image' as const, start: null, end: null };
  const asked = { workspace, run: 'quick-1', clips: [clip] };
  const first = endpoint.request('inline/predict', asked, controller.signal);
  controller.abort();
  await expect(first).rejects.toMatchObject({ code: 'cancelled' });
  expect((await endpoint.request('inline/predict', asked))[0]!.heads).not.toBeNull();
});
