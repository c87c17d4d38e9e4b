// A run that is killed, at any moment, and resumed ends with the same bytes as one that is not. COVER_KILLS sets how many
// runs are killed (scripts/killResume.mjs: 20), COVER_SEED the moments.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { coverTrain, killAndResume, results, writeKillableWorkspace } from './killing.ts';

const runs = Number(process.env.COVER_KILLS ?? 2);
const seed = Number(process.env.COVER_SEED ?? 1);

let root: string;
let whole: Awaited<ReturnType<typeof results>>;
let wholeMs: number;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "cover's resume-"));
  const workspace = join(root, 'workspace');
  await writeKillableWorkspace(workspace);
  const start = performance.now();
  await coverTrain(workspace, undefined);
  wholeMs = performance.now() - start;
  whole = await results(workspace);
  expect(whole.judged.length, 'image pre-training ends early').toBeLessThan(12 + 6);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The same workspace again: runs and index of the one before are gone, the files are where they were. */
function emptied(): string {
  const workspace = join(root, 'workspace');
  rmSync(join(workspace, '.cover'), { recursive: true, force: true });
  return workspace;
}

test('two uninterrupted runs are identical', async () => {
  const workspace = emptied();
  const start = performance.now();
  await coverTrain(workspace, undefined);
  wholeMs = Math.min(wholeMs, performance.now() - start);
  const again = await results(workspace);
  expect(again.checkpoint.equals(whole.checkpoint)).toBe(true);
  expect(again.model.equals(whole.model)).toBe(true);
  expect(again.heads).toEqual(whole.heads);
}, 300_000);

test(
  `${runs} runs killed at random moments and resumed are identical to it`,
  async () => {
    const random = new Random(seed, 7);
    const told: string[] = [];
    let identical = 0;
    let kills = 0;
    let whileWriting = 0;
    for (let i = 0; i < runs; i++) {
      const workspace = emptied();
      const trial = await killAndResume(workspace, random, 3, wholeMs);
      kills += trial.kills;
      whileWriting += trial.whileWriting;
      const { checkpoint, model, heads, judged } = await results(workspace);
      const [sameWeights, sameModel] = [checkpoint.equals(whole.checkpoint), model.equals(whole.model)];
      const same = sameWeights && sameModel;
      expect(heads).toEqual(whole.heads);
      expect(judged).toEqual(whole.judged);
      if (same) identical++;
      told.push(
        `run ${i + 1}: ${trial.kills} kills, ${same ? 'identical' : `checkpoint ${sameWeights ? '' : 'not '}identical, model.onnx ${sameModel ? '' : 'not '}identical`}`,
      );
    }
    console.log(`${told.join('\n')}\n${kills} kills, ${whileWriting} of them while a checkpoint was written`);
    console.log(`${identical} of ${runs} identical`);
    expect(identical).toBe(runs);
    expect(kills).toBeGreaterThanOrEqual(runs);
  },
  300_000 + runs * 120_000,
);
